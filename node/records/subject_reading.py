"""What is held of subjects at the moment of a question, read in one snapshot.

Questions that wait at one time are read together: each of the store's and the library's answers is
about all of their subjects. Nothing is kept from one snapshot to the next: a relief that was
committed is in the next one. What
each record is worth is asked of who knows: its row and the day (`federation.life`), doubts and
findings (`node.records.records.Records.rule`), this city's judgement by the catalog, library,
decisions and copies of this moment. What is uncertain leads away from a match.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from federation.errors import RefusedError
from federation.ids import Date, LeafHash, Origin, StatementId
from federation.life import life
from federation.life.annotations import open_annotations
from federation.names import ANNOTATION_ACTIONS
from federation.payloads import Commendation, RequestType, content_of
from federation.ports.findings import Place
from federation.ports.store import Lookup, ReadSession
from federation.reconcile.findings import Finding
from federation.reconcile.held_records import Identity, Predecessor, RecordRead
from federation.reconcile.identity import USCC, BaseLibrary, BaseSubject
from federation.reconcile.named_subject import Named
from federation.rows import ADVERSE_KINDS, State, StatementRow
from federation.statements import AnnotationAction
from federation.subject_names import normal_name
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.records.attestations import name_tag
from node.records.records import Records, in_force
from node.records.requests import marks
from node.records.subject_codes import CodeLibrary, tags_of

PREDECESSORS: Final = 32
"""Subjects whose place one took; more are looked at by nobody in time."""
NAMESAKES: Final = 32
OWN_LOG: Final = "log.refused"
"""Rule of our own listings while nothing is signed: what relieved them may be missing here."""
_KINDS: Final = tuple(int(kind) for kind in ADVERSE_KINDS)


class SubjectLibrary(BaseLibrary, CodeLibrary, Protocol):
    """The base library, asked about subjects before and beside this one."""

    def by_names(self, normals: Sequence[str], limit: int) -> Mapping[str, Sequence[BaseSubject]]:
        """As `by_name`, of several names; of each as many as `limit`."""
        ...

    def predecessors(self, codes: Sequence[str], limit: int) -> Mapping[str, Sequence[BaseSubject]]:
        """Subjects whose place these took, by code; of each as many as `limit`."""
        ...


Judge = Callable[[ReadSession, Sequence[StatementRow]], Mapping[Place, int]]
"""What this city finds of listings by all that is known now (`Reconciliation.findings`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRead:
    """What is held of one subject."""

    records: tuple[RecordRead, ...]
    identity: Identity
    looked_for: tuple[bytes, ...] = ()
    """Tags by which was looked: of the subject, its predecessors and namesakes, and of its name
    where that was looked for."""


class SubjectReading:
    """Reads what is held of a subject; any thread."""

    def __init__(
        self,
        *,
        records: Records,
        judged: Judge,
        library: SubjectLibrary,
        tagger: Lookup,
        trust: Callable[[], TrustView],
        refusal: Callable[[], RefusedError | None],
        today: Callable[[], Date],
    ) -> None:
        """Wire it.

        Args:
            records: payloads, doubts and findings of rows.
            judged: judges listings of others anew.
            library: the city's base library.
            tagger: the node's keyed tags.
            trust: the charters of the moment.
            refusal: why nothing is signed here, or None.
            today: never behind any clock that is believed.
        """
        self._records = records
        self._judged = judged
        self._library = library
        self._tagger = tagger
        self._trust = trust
        self._refusal = refusal
        self._today = today

    def read(self, session: ReadSession, asked: Sequence[Named]) -> Sequence[SubjectRead]:
        """Read what is held of the subjects asked about, in their order.

        Raises:
            RefusedError: `check.unready`: rows cannot be found by their subjects yet.
        """
        if session.unformed():
            message = "数据正在更新，请稍后再查 / tags are being formed anew: ask again later"
            raise RefusedError("check.unready", message)
        codes = [one.code for one in asked]
        known = self._library.by_code(USCC, codes)
        # Whoever is asked for by a code that it had before is looked up by the one of now (SJ1).
        present = {code: known[code].code if code in known else code for code in codes}
        before = self._library.predecessors(list(present.values()), PREDECESSORS)
        names = [normal_name(one.name) for one in asked if one.code not in known]
        others = self._library.by_names(names, NAMESAKES) if names else {}
        beside = (one.code for found in (before, others) for some in found.values() for one in some)
        every = list(dict.fromkeys((*present.values(), *beside)))
        tags = tags_of(self._library, self._tagger, every)
        of_subjects = self._of_subjects(session, tags)
        name_tags = {name: name_tag(self._tagger, name) for name in names}
        attested = self._attested(session, name_tags) if names else {}
        read = []
        for code, name in ((one.code, normal_name(one.name)) for one in asked):
            own = present[code]
            namesakes = (
                ()
                if code in known
                else (
                    *(one for other in others.get(name, ()) for one in of_subjects[other.code]),
                    *attested.get(name, ()),
                )
            )
            predecessors = tuple(
                Predecessor(subject=one, records=of_subjects[one.code])
                for one in before.get(own, ())
            )
            identity = Identity(
                known=known.get(code), predecessors=predecessors, namesakes=namesakes
            )
            related = () if code in known else others.get(name, ())
            looked_for = (
                *(tag for one in (*before.get(own, ()), *related) for tag in tags[one.code]),
                *(() if code in known else (name_tags[name],)),
            )
            read.append(
                SubjectRead(
                    records=of_subjects[own],
                    identity=identity,
                    looked_for=(*tags[own], *looked_for),
                )
            )
        return read

    def _of_subjects(
        self, session: ReadSession, tags: Mapping[str, Sequence[bytes]]
    ) -> Mapping[str, tuple[RecordRead, ...]]:
        """What is active of subjects, whichever of their codes name them; by code."""
        every = list(dict.fromkeys(tag for some in tags.values() for tag in some))
        rows: defaultdict[bytes, list[Place]] = defaultdict(list)
        found = session.rows_by_subject(every, _KINDS)
        for row in found:
            if (tag := row.subject_tag) is not None:
                rows[tag].append((row.log, row.idx))
        read = self._read(session, found)
        return {
            code: tuple(read[at] for tag in some for at in rows.get(tag, ()) if at in read)
            for code, some in tags.items()
        }

    def _attested(
        self, session: ReadSession, tags: Mapping[str, bytes]
    ) -> Mapping[str, tuple[RecordRead, ...]]:
        """What is active of subjects that their homes know by these names, by name."""
        places = session.attested_as(list(tags.values()), NAMESAKES)
        every = list(dict.fromkeys(place for some in places.values() for place in some))
        read = self._read(session, session.rows_at(every)) if every else {}
        return {
            name: tuple(
                read[place]
                for place in places.get(tag, ())
                if place in read and normal_name(read[place].content.subject.name) == name
            )
            for name, tag in tags.items()
        }

    def _read(
        self, session: ReadSession, rows: Sequence[StatementRow]
    ) -> Mapping[Place, RecordRead]:
        """Read rows that are active today and can be opened; nearly always there is none."""
        today = self._today()
        rows = [row for row in rows if row.state == State.ACTIVE]
        if not rows:
            return {}
        current = in_force(session, rows)
        # What corrects a listing has its last day: sooner than the listing's, never later (L12).
        until = {(r.log, r.idx): Date(now.until) for r, now in zip(rows, current, strict=True)}
        heads = {head.log: head for head in session.heads()}
        trust = self._trust()
        chains = TrustChains(trust, heads.values())
        payloads = self._records.payloads(session, current)
        # What is found of others is that of now; what the store has is of the last time.
        found = self._records.findings(session, rows) | {
            place: judged
            for place, judged in self._judged(session, rows).items()
            if judged != Finding.NONE or not heads[place[0]].ours
        }
        merged = self._records.merging.records(session, rows)
        noted = open_annotations(session, rows, chains)
        asked = self._records.requests.open_about(session, rows)
        hashes = session.leaf_hashes([(row.log, row.idx) for row in rows])
        silent = self._refusal() is not None
        records: dict[Place, RecordRead] = {}
        for row, now, leaf_hash in zip(rows, current, hashes, strict=True):
            place, head = (row.log, row.idx), heads[row.log]
            content = content_of(payloads.get((now.log, now.idx)))
            if content is None or isinstance(content, Commendation):
                continue
            if place in merged:
                content = merged[place].record
            finding = found.get(place)
            rule = self._records.rule(session, head, row, finding)
            actions = {said.row.action for said in noted.get(place, ())}
            requests = asked.get(place, ())
            origin = Origin(head.origin)
            records[place] = RecordRead(
                origin=origin,
                index=row.idx,
                statement_id=StatementId(row.statement_id),
                leaf_hash=LeafHash(leaf_hash),
                region=trust.region(origin),
                ours=head.ours,
                record=content.key.pack(),
                state=life.at(State(row.state), until[place], today),
                rule=rule or (OWN_LOG if head.ours and silent else ""),
                finding=Finding.NONE if finding is None else finding,
                content=content,
                until=until[place],
                purposes=purposes_of(session, row) & purposes_of(session, now),
                annotations=(
                    *(ANNOTATION_ACTIONS.name(action) for action in sorted(actions)),
                    *marks(requests),
                ),
                objection=AnnotationAction.OBJECTION_OPENED in actions
                or any(one.submission.request_type is RequestType.OBJECTION for one in requests),
            )
        return records


def purposes_of(session: ReadSession, row: StatementRow) -> frozenset[str]:
    """For what whoever a statement is meant for may use it; nothing where that is not known."""
    if row.audience is None:
        return frozenset()
    return frozenset(session.audience(row.audience).purposes)
