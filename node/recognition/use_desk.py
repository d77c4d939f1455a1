"""Uses of benefits 场景使用反馈: reported by the department that asked, counted in both cities.

What is reported is durable in the query store before it is said (`node.recognition.use_saying`),
and answered when it stands in our log; where nothing may be signed now, it is said later, and the
answer says so (`published`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from adapters.sql.benefits import (
    BenefitUse,
    add_use,
    benefit_check,
    count_unpublished,
    use_by_request,
    use_of,
)
from adapters.sql.checks import StoredCheck, check_by_number
from adapters.sql.query_store import QueryStore, QueryWrites
from federation.errors import RefusedError
from federation.ids import Date, Origin, Timestamp
from federation.payloads import Outcome, OutcomeResult, Payload
from federation.ports.findings import Place
from federation.ports.store import ReadSession, Store
from federation.recognition.uses import TWICE, Group, UseTold, check_use, count_uses
from federation.rows import StatementRow
from node.access.query_keys import QueryKeys
from node.access.query_writer import QueryWriter
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.recognition.scenarios import ScenarioBook
from node.recognition.use_saying import UseSaying
from node.records.outcomes import opened_outcomes
from node.system.clock import date_of
from node.system.failpoints import Failpoints

STATEMENT_ID_SIZE: Final = 16
CASE_ID_SIZE: Final = 16
PERSON_MAX: Final = 64
NUMBER_MAX: Final = 64


class Reporter(Protocol):
    """Who reports; `federation.screening.roles.Asker`, as far as it matters here."""

    @property
    def credential(self) -> str:
        """Id of the credential; empty for the operator."""
        ...

    @property
    def department(self) -> str:
        """Whose credential it is."""
        ...

    @property
    def local(self) -> bool:
        """Whether it is the operator on this machine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What is handed in about one answer."""

    number: str
    used_on: Date
    person: str
    """Who is responsible; never leaves the query store."""
    request_id: str = ""


def read_use(raw: Mapping[str, Any]) -> HandedIn:
    """Read what is handed in.

    Raises:
        RefusedError: `benefit.form`, `benefit.date`.
    """
    number, person = _text(raw, "check", NUMBER_MAX), _text(raw, "person", PERSON_MAX).strip()
    day = raw.get("used_on")
    if not number or not person:
        message = (
            "应有答复编号 check 和责任人 person / expected check, the answer's number, and person, "
            "who is responsible"
        )
        raise RefusedError("benefit.form", message)
    if type(day) is not int or not 19490101 <= day <= 29991231:
        message = f"expected used_on as YYYYMMDD, got {str(day)[:40]!r}"
        raise RefusedError("benefit.date", message)
    return HandedIn(
        number=number,
        used_on=Date(day),
        person=person,
        request_id=_text(raw, "request_id", NUMBER_MAX),
    )


class UseDesk:
    """Takes uses and counts them; any thread, blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.recognition.wiring
        self,
        *,
        queries: QueryStore,
        query_writer: QueryWriter,
        keys: QueryKeys,
        store: Store,
        book: ScenarioBook,
        payloads: Callable[[ReadSession, Iterable[StatementRow]], dict[Place, Payload]],
        trust: Callable[[], TrustView],
        saying: UseSaying,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        token: Callable[[int], bytes],
        failpoints: Failpoints,
    ) -> None:
        """Wire it; `today` is never behind any clock that is believed."""
        self._queries = queries
        self._query_writer = query_writer
        self._keys = keys
        self._store = store
        self._book = book
        self._payloads = payloads
        self._trust = trust
        self._saying = saying
        self._now = now
        self._today = today
        self._token = token
        self._failpoints = failpoints

    def report(self, asker: Reporter, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Take that the benefit of an answer was used; the same again is answered as before.

        Args:
            asker: who reports; only the department that asked may.
            raw: check, used_on, person; request_id where wanted.

        Raises:
            RefusedError: `benefit.…`, `request.reused`.
            StoreError: a database.
        """
        handed = read_use(raw)
        with self._failpoints.at("benefit.use"):
            kept = self._query_writer.submit(
                lambda writes: self._take(writes, asker, handed)
            ).result()
        later = ""
        try:
            self._saying.run()
        except RefusedError as error:
            later = error.code
        with self._queries.read() as reads:
            use, of = use_of(reads, kept.number), benefit_check(reads, kept.number)
        published = use is not None and use.published
        return {
            "check": kept.number,
            "scenario": "" if of is None else of.scenario.hex(),
            "used_on": kept.used_on,
            "statement_id": kept.statement_id.hex(),
            "case": kept.case_id.hex(),
            "published": published,
            "later": "" if published else later,
        }

    def figures(self, first: Date, last: Date) -> list[dict[str, Any]]:
        """Uses of a period: of our scenarios anywhere, and of others' here (BU3, BU4)."""
        with self._store.read() as session:
            told = self._told(session)
            scenarios = self._book.read(session)
        rows = []
        for group, count in count_uses(told, first, last).items():
            known = scenarios.find(bytes.fromhex(group.scenario))
            word = None if known is None else known.newest
            rows.append(
                {
                    "scenario": group.scenario,
                    "title": "" if word is None else word.scenario.title,
                    "owner": "" if word is None else self._city(word.origin),
                    "region": group.region,
                    "department": group.department,
                    "uses": count,
                }
            )
        return rows

    def waiting(self) -> int:
        """How many uses do not stand in our log yet."""
        with self._queries.read() as reads:
            return count_unpublished(reads)

    # ------------------------------------------------------------------

    def _take(self, writes: QueryWrites, asker: Reporter, handed: HandedIn) -> BenefitUse:
        """Keep a use (BU1, BU2), also where it was kept before."""
        check = _check(writes, asker, handed.number)
        key = None
        if handed.request_id:
            key = self._keys.tag(f"use\0{asker.credential}\0{handed.request_id}".encode())
            before = use_by_request(writes, key)
            if before is not None and (before.number, before.used_on) != (
                handed.number,
                handed.used_on,
            ):
                message = f"{handed.request_id!r} was used for another report"
                raise RefusedError("request.reused", message)
        told = use_of(writes, handed.number)
        if told is not None:
            if told.used_on == handed.used_on:
                return told
            message = (
                f"该答复已于 {told.used_on} 报告使用；再次使用请另行查询 / it was reported as "
                f"used on {told.used_on}; ask again for another use"
            )
            raise RefusedError(TWICE, message)
        answered_on = date_of(Timestamp(check.at))
        check_use(check.result, answered_on, handed.used_on, self._today())
        statement_id = self._token(STATEMENT_ID_SIZE)
        person = json.dumps({"person": handed.person}, ensure_ascii=False).encode()
        sealed = self._keys.seal(person, place=statement_id)
        use = BenefitUse(
            statement_id=statement_id,
            number=handed.number,
            case_id=self._token(CASE_ID_SIZE),
            used_on=handed.used_on,
            reported_at=self._now(),
            published=False,
            request_key=key,
            key=sealed.key,
            sealed=sealed.data,
        )
        add_use(writes, use)
        return use

    def _told(self, session: ReadSession) -> list[UseTold]:
        """The uses that count (BU4), of each speaker in the order of its chain."""
        rows = {(row.log, row.idx): row for row in opened_outcomes(session)}
        said = self._payloads(session, rows.values())
        heads = {head.log: head for head in session.heads()}
        chains = TrustChains(self._trust(), heads.values())
        scenarios = self._book.read(session)
        ours = {self._book.node(Origin(head.origin)) for head in heads.values() if head.ours}
        told = []
        for place in sorted(said, key=lambda at: (chains.epoch(at[0]), *at)):
            payload = said[place]
            named = payload.scenario if isinstance(payload, Outcome) else None
            if named is None or not isinstance(payload, Outcome):
                continue
            found = scenarios.at(named.origin, named.index)
            if (
                payload.result != OutcomeResult.BENEFIT_USED
                or found is None
                or found[1].leaf_hash != named.leaf_hash
                or not (heads[place[0]].ours or found[0].node in ours)
            ):
                continue
            group = Group(
                scenario=found[0].id.hex(),
                region=self._city(Origin(heads[place[0]].origin)),
                department=payload.department,
            )
            told.append(
                UseTold(
                    speaker=min(chains.origin(log) for log in chains.chain(place[0])),
                    case_id=payload.case_id,
                    group=group,
                    used_on=payload.decided_on,
                )
            )
        return told

    def _city(self, origin: Origin) -> str:
        return self._trust().city(origin) or origin


def _check(writes: QueryWrites, asker: Reporter, number: str) -> StoredCheck:
    """The answer about one scenario that is the asker's to report on.

    Raises:
        RefusedError: `benefit.unknown`: there is none, or it is another department's.
    """
    check = check_by_number(writes, number)
    mine = check is not None and (
        asker.local or (bool(asker.department) and check.department == asker.department)
    )
    if check is None or not mine or benefit_check(writes, number) is None:
        message = (
            f"没有本部门的此答复 / no answer {number[:NUMBER_MAX]!r} about one scenario of this "
            "department"
        )
        raise RefusedError("benefit.unknown", message)
    return check


def _text(raw: Mapping[str, Any], name: str, longest: int) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        message = f"{name}: expected a text of at most {longest} characters"
        raise RefusedError("benefit.form", message)
    return value
