"""What a row of a department's file leads to: the rules of the file adapter, without files.

A feed is one source's list of one type. The node keeps, as keyed tags only, what each row said
last. Rules, each with a test that fails without it:

    F1  a row that says what it said before publishes nothing
    F2  a new row becomes a LISTING
    F3  a row whose record is relieved publishes nothing, however the row looks now
    F4  a changed row of the same record becomes a CORRECTION
    F5  a row that would lengthen the publication is held; a RELISTING is offered
    F6  a row whose subject code, list type, authority or document number changed becomes a
        WITHDRAWAL of the old and a LISTING of the new record
    F7  a row changed back to a record that was withdrawn is held; a RELISTING is offered
    F8  a row whose record already stands in our log by another row publishes nothing
    F9  a row gone from a full snapshot is paused at once and shown for decision
    F51 of a COMMENDATION 守信 the list itself says who is on it: a row gone from a full snapshot,
        or said to be over (F16), is withdrawn at once; but nobody for being gone from a file of
        which a row cannot be read, since that row may be theirs. A longer validity takes an award
        of its own, by another document (F5, L12). A grade states its method and edition
    F10 a full snapshot from which more than a set share of the rows is gone is refused whole
    F11 a paused row that comes back is shown for decision, never resumed by a file
    F12 rows that nearly all go to one subject are refused together until two persons say yes: a
        mapping that takes the wrong column for the code would list one subject a thousand times
    F13 a row that would list a record spelt like a relieved one (L14) is held until two persons
        say that these are two records
    F14 rows of one file that now name another subject than their listing does are held, where they
        are more than a few of those known: a running number that begins anew would withdraw valid
        listings. Two persons look, and say so for the file
    F15 a row is known by each key that it has or had: nothing is withdrawn, replaced, paused or
        listed again because the form of a key changed. Another key than the row's own counts only
        where it leads to the same record; a running number (`id`, 序号) alone is no key
    F20 a row that states no end is published for the term that a confirmed entry of the catalog
        states; where none does, it is refused: our own intake invents no period
    F33 a row whose listing was relieved, or corrected by others than its file, and that now names
        another record is held until two persons say that these are two records; so is a row that
        is known by another of its keys, where that leads to a relieved listing of the same subject:
        else a relieved record would come back under another document
    F53 a row that names its subject as the city's own base library does not, by no name of the
        code, present or former, is held until two persons say that it is right, and never
        corrected into such a name: the code or the name is another subject's, and nobody guesses
        which. A subject that the library does not know stops nothing
    F55 where more than half of five rows or more go to one subject, a try says so; it stops nothing
        that F12 does not stop: a department may well have so many of one, and a column that was
        filled down looks so too
    F58 where the city asks for a second person, a row that would list or correct somebody waits
        until two persons have said that it is to be published, or have said of it what else it
        waited for: nothing is told to others by one person's slip. What ends, pauses or relieves
        waits for nobody, and so does praise
    F59 a row that ends before the shortest period of publication that a confirmed entry of the
        catalog states is told of, and published as it stands: nobody is listed longer for it
    F24 an error of a spreadsheet in a column that is used is a fault, neither text nor empty

F16-F18, of what a row itself and its file say of whether it stands, are in
`adapters.files.standing`; F19, of periods, in `adapters.files._periods`; F21-F23, of reliefs, in
`relief_rules`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.intake import open_content
from federation.intake.contents import joined
from federation.intake.repeats import runs
from federation.life.life import SIMILAR
from federation.payloads import Recognition, Scenario
from federation.ports.store import FeedRow, FeedRowStatus
from federation.reconcile.findings import RULES, Finding

SHARE_GONE_MAX: Final = 0.2
"""Default share of a feed's live rows that a full snapshot may leave out (F10)."""

ROWS_JUDGED_MIN: Final = 20
"""Fewer rows are not judged together (F12): a department may well have that many of one subject."""
SHARE_OF_ONE_MAX: Final = 0.9
"""Share of the rows that may go to one subject, or rest on one document (F12)."""

ROWS_SHOWN_MIN: Final = 5
"""From how many rows a try says that most of them are of one subject (F55)."""
SHARE_SHOWN_MAX: Final = 0.5

OTHERS_MAX: Final = 2
"""Rows of a file that may be replaced by rows of other subjects (F14): slips that were mended."""
OTHERS_SHARE_MAX: Final = 0.1
"""Share of the file's known rows that may, too."""
OTHER_SUBJECT: Final = "feed.other-subject"

RELIEVED_ROW: Final = "feed.relieved-row"
SECOND_PERSON: Final = "feed.second-person"
OTHER_NAME: Final = RULES[Finding.NAME_MISMATCH].code
"""What other cities would hold it for."""

ONE_SUBJECT: Final = "mapping.one-subject"
ONE_DOCUMENT: Final = "mapping.one-document"
MOSTLY_ONE: Final = "mapping.mostly-one"

RELEASABLE: Final = (
    ONE_SUBJECT,
    SIMILAR,
    RELIEVED_ROW,
    OTHER_SUBJECT,
    OTHER_NAME,
    SECOND_PERSON,
)
"""Codes of rows that are published once two persons say so (F12-F14, F33, F53, F58)."""


class Decision(Enum):
    """What a row leads to; the value is the word in the result."""

    UNCHANGED = "unchanged"
    LIST = "listed"
    CORRECT = "corrected"
    REPLACE = "replaced"
    RELIEVED = "relieved-before"
    EXISTS = "exists"
    HOLD_LONGER = "held-longer-period"
    HOLD_WITHDRAWN = "held-withdrawn-before"
    PAUSED_BACK = "held-paused-row-back"
    HOLD_SIMILAR = "held-similar-relieved"
    HOLD_OTHER = "held-other-subject"
    HOLD_RELIEVED = "held-relieved-row"
    HOLD_NAME = "held-other-name"
    HOLD_ALONE = "held-second-person"

    __hash__ = object.__hash__  # of the member, not of its name: asked for several times a row


HELD_RULES: Final = {
    Decision.HOLD_LONGER: "feed.longer-period",
    Decision.HOLD_WITHDRAWN: "feed.withdrawn-before",
    Decision.PAUSED_BACK: "feed.paused-row-back",
    Decision.HOLD_SIMILAR: SIMILAR,
    Decision.HOLD_OTHER: OTHER_SUBJECT,
    Decision.HOLD_RELIEVED: RELIEVED_ROW,
    Decision.HOLD_NAME: OTHER_NAME,
    Decision.HOLD_ALONE: SECOND_PERSON,
}
"""Stable code for each decision that waits for a person."""

_PUBLISHED: Final = frozenset({Decision.LIST, Decision.REPLACE, Decision.CORRECT})


class RowNow(NamedTuple):
    """A row of the file at hand, as tags, and what our log says of its record.

    `relieved` is empty, `repaired` or `withdrawn`: a relief stands for the row's record.
    `stands` says that another listing of our log carries the record.
    `previous_ended` says that the listing made from this row earlier is relieved.
    """

    record_tag: bytes
    content_tag: bytes
    until: int
    relieved: str
    stands: bool
    previous_ended: bool
    similar: bool = False
    """A relief stands for a record like the row's, and nobody told the two apart before."""
    other_subject: bool = False
    """The listing made from this row earlier is another subject's, and so are many of the file."""
    previous_corrected: bool = False
    """The listing made from this row earlier was corrected otherwise than by its file."""
    relieved_by_other_key: bool = False
    """Another key of the row leads to a relieved listing of its subject."""
    other_name: bool = False
    """The base library knows the row's code under other names, and nobody said that it is right."""
    told_apart: bool = False
    """Two persons say that the row's record is none of those that were relieved."""
    alone: bool = False
    """A second person is asked for, and no two have said anything of the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Two persons say that rows that wait with a code of `RELEASABLE` are right."""

    code: str
    persons: tuple[str, ...]
    said_at: Timestamp = Timestamp(0)
    """When they signed it, seconds UTC; 0: it is said at this moment."""

    @property
    def two_records(self) -> tuple[str, ...]:
        """Who say that the records are none of those relieved (F13, F33); empty for nobody."""
        return self.persons if self.code in (SIMILAR, RELIEVED_ROW) else ()

    @property
    def other_subjects(self) -> tuple[str, ...]:
        """Who say that rows do name other subjects now (F14); empty for nobody."""
        return self.persons if self.code == OTHER_SUBJECT else ()

    @property
    def other_names(self) -> tuple[str, ...]:
        """Who say that subjects do bear these names (F53); empty for nobody."""
        return self.persons if self.code == OTHER_NAME else ()


def decide(previous: FeedRow | None, now: RowNow) -> Decision:
    """Decide what a row leads to (F1-F8, F11, F13, F14, F33, F53, F58)."""
    decision = _seen(previous, now)
    return Decision.HOLD_ALONE if now.alone and decision in _PUBLISHED else decision


def _seen(previous: FeedRow | None, now: RowNow) -> Decision:
    """What it leads to, whoever brings it."""
    decision = _decide(previous, now)
    if now.other_name and decision in _PUBLISHED:
        return Decision.HOLD_NAME
    if decision is Decision.REPLACE and now.other_subject:
        return Decision.HOLD_OTHER
    if decision not in (Decision.LIST, Decision.REPLACE) or now.told_apart:
        return decision
    if now.similar:
        return Decision.HOLD_SIMILAR
    replaces = previous is not None and previous.status != FeedRowStatus.WITHDRAWN
    ended = replaces and (now.previous_ended or now.previous_corrected)
    return Decision.HOLD_RELIEVED if ended or now.relieved_by_other_key else decision


def _decide(previous: FeedRow | None, now: RowNow) -> Decision:
    same_record = previous is not None and previous.record_tag == now.record_tag
    if now.relieved:
        changed_back = previous is not None and not same_record and now.relieved == "withdrawn"
        return Decision.HOLD_WITHDRAWN if changed_back else Decision.RELIEVED
    if previous is None or (previous.status == FeedRowStatus.WITHDRAWN and not same_record):
        return Decision.EXISTS if now.stands else Decision.LIST
    if same_record and now.previous_ended:
        return Decision.RELIEVED
    if previous.status == FeedRowStatus.PAUSED:
        return Decision.PAUSED_BACK
    if previous.content_tag == now.content_tag:
        return Decision.UNCHANGED
    if not same_record:
        if now.stands:
            return Decision.EXISTS
        return Decision.LIST if now.previous_ended else Decision.REPLACE
    if _longer(previous.until, now.until):
        return Decision.HOLD_LONGER
    return Decision.CORRECT


def _longer(before: int, now: int) -> bool:
    """Whether a period ends later than before; no end is later than any."""
    return bool(before) and (not now or now > before)


def check_snapshot(live: int, gone: int, share_max: float) -> None:
    """Refuse a full snapshot from which too much is gone (F10).

    Args:
        live: rows of the feed that stand.
        gone: how many of them the file leaves out.
        share_max: share allowed, 0 to 1.

    Raises:
        RefusedError: `feed.too-much-gone`.
    """
    if live and gone / live > share_max:
        message = (
            f"full snapshot: {gone} of {live} rows are gone, at most {share_max:.0%} may be; "
            "nothing was published. Check the file; if it is right, raise "
            "`files.snapshot_share_max` for this run"
        )
        raise RefusedError("feed.too-much-gone", message)


def many_others(known: int, others: int) -> bool:
    """Whether so many rows of a file name other subjects than before that a person looks (F14).

    Args:
        known: rows of the file whose listing stands here.
        others: how many of them now name another subject.
    """
    return others > OTHERS_MAX or others > known * OTHERS_SHARE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom rows would reach together: the blast radius of a mapping. All are counts."""

    rows: int
    """That can be published."""
    subjects: int
    most_of_subject: int
    """Rows of the subject with the most."""
    documents: int
    most_of_document: int
    """Rows that rest on the document with the most."""


class Reaching:
    """Counts whom rows reach, row by row; eight bytes each, whatever they say."""

    def __init__(self) -> None:
        """Begin with no row."""
        self._subjects = array("q")
        self._documents = array("q")

    def add(self, subject: bytes, document: str) -> None:
        """Count a row: the subject as in record keys (`pack_subject`), the number as written."""
        self._subjects.append(hash(subject))
        self._documents.append(hash(document))

    def reach(self) -> Reach:
        """Whom the rows reach together."""
        subjects, most_of_subject = _most(self._subjects)
        documents, most_of_document = _most(self._documents)
        return Reach(
            rows=len(self._subjects),
            subjects=subjects,
            most_of_subject=most_of_subject,
            documents=documents,
            most_of_document=most_of_document,
        )


def _most(numbers: array[int]) -> tuple[int, int]:
    """How many different ones there are, and how often the most frequent one is there."""
    different, most = len(numbers), min(len(numbers), 1)
    for _, often in runs(numbers):
        different -= often - 1
        most = max(most, often)
    return different, most


def reach(rows: Iterable[tuple[bytes, str]]) -> Reach:
    """Count whom rows reach, each given as for `Reaching.add`."""
    reaching = Reaching()
    for subject, document in rows:
        reaching.add(subject, document)
    return reaching.reach()


def suspicions(found: Reach) -> list[str]:
    """Name what a poisoned mapping would look like (F12): codes, the graver one first.

    Many subjects in one document are usual in some lists: that is only shown, and so are most rows
    of one subject (F55).
    """
    most = {ONE_SUBJECT: found.most_of_subject, ONE_DOCUMENT: found.most_of_document}
    judged = found.rows >= ROWS_JUDGED_MIN
    codes = [c for c, rows in most.items() if judged and rows / found.rows > SHARE_OF_ONE_MAX]
    shown = found.rows >= ROWS_SHOWN_MIN and ONE_SUBJECT not in codes
    if shown and found.most_of_subject / found.rows > SHARE_SHOWN_MAX:
        codes.append(MOSTLY_ONE)
    return codes


def check_reach(found: Reach) -> None:
    """Refuse rows that nearly all go to one subject (F12).

    Raises:
        RefusedError: `mapping.one-subject`.
    """
    if ONE_SUBJECT in suspicions(found):
        message = (
            f"{found.most_of_subject} 行（共 {found.rows} 行）指向同一主体 / "
            f"{found.most_of_subject} of {found.rows} rows go to one subject, at most "
            f"{SHARE_OF_ONE_MAX:.0%} may; nothing was published. Look at `huxin adapter try`; if "
            "it is right, publish the file with --one-subject"
        )
        raise RefusedError(ONE_SUBJECT, message)


def scenario_content(scenario: Scenario) -> bytes:
    """Canonical bytes of what a scenario says."""
    return joined(
        scenario.scenario_type,
        scenario.title,
        scenario.provider,
        scenario.provider_name,
        "\x00".join(one.text for one in scenario.benefits),
        scenario.conditions_text,
        ",".join(str(int(kind)) for kind in scenario.subject_kinds),
        scenario.basis,
        str(scenario.valid_from),
        str(scenario.valid_until),
        *filter(None, (open_content.of_scenario(scenario),)),
    )


def recognition_content(recognition: Recognition) -> bytes:
    """Canonical bytes of what a recognition says, as rows have been tagged from the beginning.

    They are the text of the value as it once was: written out to the last field, so that a field
    more, also of what it refers to, does not make every recognition of every file seem to have
    changed. What came later is added where it is stated.
    """
    named = recognition.scenario
    return (
        f"Recognition(min_reader={recognition.min_reader!r}, scenario=Reference("
        f"origin={named.origin!r}, index={named.index!r}, leaf_hash={named.leaf_hash!r}), "
        f"authority={recognition.authority!r}, authority_name={recognition.authority_name!r}, "
        f"conditions={recognition.conditions_text!r}, reason={recognition.reason!r}, "
        f"decided_on={recognition.decided_on!r}, valid_until={recognition.valid_until!r})"
        f"{open_content.of_recognition(recognition)}"
    ).encode()


COMMITMENTS_FEED: Final = "commitments"
"""The feed of all files of commitments: their rows name themselves (F52)."""
OPEN_FEED: Final = "scenarios"
"""The feed of scenarios and recognitions."""


def open_identity(said: Scenario | Recognition) -> str:
    """The key of a row that says something of a scenario."""
    if isinstance(said, Scenario):
        return f"scenario\0{said.provider}\0{said.title}"
    return f"recognition\0{said.scenario.origin}\0{said.scenario.index}"


def open_said(action: int, said: Scenario | Recognition) -> bytes:
    """Canonical bytes of what such a row says."""
    if isinstance(said, Scenario):
        return f"{int(action)}".encode() + scenario_content(said)
    return f"{int(action)}\0".encode() + recognition_content(said)


def row_identity(feed: str, key: str) -> bytes:
    """Bytes from which the tag of a row is made."""
    return joined(feed, key)
