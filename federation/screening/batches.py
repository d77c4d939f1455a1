"""A batch 批量核查: many subjects asked about at once, for one matter and one case.

    BA1  each row is a question of the batch's matter, case and purpose, read as any other (CK1 to
         CK4). What is wrong with a row is its own: it is `refused` with a code, nothing is looked
         up by it and nothing of it is kept
    BA2  a row is `clear` without its subject having been read only where nothing that the check
         looks at could say otherwise (`Settled.unsettled`): a code that keeps GB 32100 under which
         nothing is held, and a name that the library has for just this code, in business, without
         another identifier and without predecessors; or a code that the library does not know,
         and a name that nobody in the library or attested bears. All else is read and judged by
         `federation.screening.checks.judge`, as a single check is
    BA3  one subject of a batch, by code and normal name, has one answer, under one number, however
         many rows name it
    BA6  when the batch is closed every match is judged again. What does not hold any more is told
         as such, and its row says what holds
    BA7  a batch is of one moment: it says as of when, and how every log stood then. After
         `LIFETIME` seconds nothing is added to it and it cannot be closed

What a batch costs of a budget (BA4), and what is kept of it before it is answered (BA5), is
`node.screening.batch_desk` and `node.screening.batch_recording`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress
from operator import not_
from typing import Any, Final

from federation.ids import Timestamp
from federation.reconcile.identity import USCC, BaseSubject
from federation.record_key import ORGANISATION, pack_subject
from federation.screening.checks import Answer
from federation.screening.questions import NAME_LONGEST, Question, read
from federation.subject_names import PLAIN, normal_name, normal_names
from federation.uscc_many import sound_places

PART_ROWS: Final = 16_384
"""Rows of one part of a batch: what is judged, kept and answered together."""
PART_CHARACTERS: Final = 800_000
"""Of the codes and names of a part that who asks puts together, but for its last row's."""
ROWS_READ: Final = 20_000
"""Rows of a table that is read for who asks about them in parts of `ROWS_AT_ONCE`."""
ROWS_AT_ONCE: Final = 1000
"""Rows of a batch that is asked and answered in one message."""
LIFETIME: Final = 24 * 3600
"""Seconds after which a batch is too old to be gone on with (BA7)."""
SUBJECT_DIGITS: Final = 24
"""Hexadecimal digits by which a request names its subject within a batch."""

_PLAIN_NAMES: Final = re.compile(f"^{PLAIN}{{1,{NAME_LONGEST}}}$", re.MULTILINE).findall
"""Names that reading does not change: nearly all of them."""
_PERHAPS_PERSON: Final = re.compile("[0-9]{17}").search
_WITHIN: Final = slice(8, 17)
_SOMEBODY: Final = "91510500YY00000001"
_HEAD: Final = pack_subject(USCC, _SOMEBODY)[: -len(_SOMEBODY[_WITHIN])]
_OTHER_HEAD: Final = pack_subject(ORGANISATION, _SOMEBODY)[: -len(_SOMEBODY)]
"""What stands before a code by which a subject is named: its organisation code, and all of it."""

Row = tuple[str, str]
"""Code and name as they were given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a part, column by column, each as many."""

    numbers: Sequence[int]
    codes: Sequence[str]
    names: Sequence[str]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """All by which a row may be anything but `clear`, at one moment; no code and no name in clear.

    Numbers are `hash` of texts, which is another in each process. Where two texts have one number
    a row is read that need not be; that a wrong name has that of the right one happens to one row
    in 2^64 for each subject of the library.
    """

    held: AbstractSet[bytes]
    """Lookup tags of the subjects of whom something adverse is active."""
    attested: AbstractSet[bytes]
    """Lookup tags of the names by which homes know subjects that are listed."""
    known: AbstractSet[int]
    """Codes that the library has, or that came after another subject of it."""
    sound: AbstractSet[int]
    """Code and name of its subjects of whom nothing else has to be asked."""
    names: AbstractSet[int]
    """Normal names that anybody in it has or had."""

    def unsettled(
        self,
        codes: Sequence[str],
        names: Sequence[str],
        lookups: Callable[[Sequence[bytes], bytes], Sequence[bytes]],
        name_tag: Callable[[str], bytes],
    ) -> list[int]:
        """Which rows have to be read and judged, by their places in order (BA2).

        Args:
            codes: of the rows, as they were given.
            names: likewise, as many.
            lookups: forms tags of subjects, of what all of them begin with and of each the rest.
            name_tag: forms the tag of a name.
        """
        plain = self._plain(codes, names, name_tag)
        given = [codes[at].encode() for at in plain]
        tags = lookups([code[_WITHIN] for code in given], _HEAD)
        others = lookups(given, _OTHER_HEAD)
        is_held = self.held.__contains__
        clear = frozenset(plain).difference(
            compress(plain, map(is_held, tags)), compress(plain, map(is_held, others))
        )
        return sorted(frozenset(range(len(codes))) - clear)

    def _plain(
        self, codes: Sequence[str], names: Sequence[str], name_tag: Callable[[str], bytes]
    ) -> list[int]:
        """Which rows are clear where nothing is held under their codes, by their places."""
        readable = _plain_names(names)
        sound = sound_places(codes)
        if readable is not None:
            sound = [at for at in sound if at in readable]
        is_known = list(map(self.known.__contains__, map(hash, [codes[at] for at in sound])))
        plain = [
            at for at in compress(sound, is_known) if hash(codes[at] + names[at]) in self.sound
        ]
        strangers = list(compress(sound, map(not_, is_known)))
        if self.names or self.attested:
            normals = normal_names([names[at] for at in strangers])
            is_named = list(map(self.names.__contains__, map(hash, normals)))
            if self.attested:
                is_named = [
                    named or name_tag(normal) in self.attested
                    for named, normal in zip(is_named, normals, strict=True)
                ]
            strangers = list(compress(strangers, map(not_, is_named)))
        return plain + strangers


def _plain_names(names: Sequence[str]) -> AbstractSet[int] | None:
    """Which names reading does not change, by their places; None: all of them."""
    text = "\n".join(names)
    plain = _PLAIN_NAMES(text)
    if len(plain) == len(names) and _PERHAPS_PERSON(text) is None and _is_one_each(text, names):
        return None
    some = frozenset(name for name in plain if _PERHAPS_PERSON(name) is None)
    return frozenset(at for at, name in enumerate(names) if name in some)


def _is_one_each(text: str, names: Sequence[str]) -> bool:
    """Whether no name has lines, so that a line of the text is a name."""
    return text.count("\n") == len(names) - 1


def settled(
    *,
    held: Iterable[bytes],
    attested: Iterable[bytes],
    subjects: Iterable[BaseSubject],
    apart: Iterable[str],
    names: Iterable[str],
) -> Settled:
    """Put together all by which a row may be anything but clear.

    Args:
        held: lookup tags of the subjects of whom something adverse is active.
        attested: lookup tags of the names of attested subjects.
        subjects: everybody in the library.
        apart: codes that have another identifier, or a predecessor.
        names: normal names that anybody in it has or had.
    """
    more = {hash(code) for code in apart}
    known, sound = set(more), set[int]()
    for one in subjects:
        number = hash(one.code)
        known.add(number)
        if number not in more and not one.ceased:
            sound.add(hash(one.code + one.name))
    return Settled(
        held=frozenset(held),
        attested=frozenset(attested),
        known=known,
        sound=sound,
        names={hash(name) for name in names},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What all rows of a batch share."""

    number: str
    matter: str
    case_no: str
    purpose: str

    def question(self, row: Row) -> Question:
        """The question of a row, which is the same for all rows of its subject (BA1, BA3).

        Raises:
            QuestionError: `question.…`; it is this row's alone.
        """
        said: Mapping[str, Any] = {
            "request_id": self.number,
            "matter": self.matter,
            "case_no": self.case_no,
            "purpose": self.purpose,
            "code": row[0],
            "name": row[1],
        }
        asked = read(said)
        return Question(
            request_id=f"{self.number}.{subject_digits(asked)}",
            matter=asked.matter,
            case_no=asked.case_no,
            purpose=asked.purpose,
            scheme=asked.scheme,
            code=asked.code,
            name=asked.name,
            normalised=asked.normalised,
        )


def subject_digits(asked: Question) -> str:
    """By what a request names its subject within a batch."""
    named = f"{asked.scheme}\0{asked.code}\0{normal_name(asked.name)}"
    return sha256(named.encode()).hexdigest()[:SUBJECT_DIGITS]


def says_more(answer: Answer, asked: Question) -> bool:
    """Whether an answer is anything but the bare `clear` of a row that was read unchanged."""
    bare = answer.result.value == "clear" and not (answer.notes or answer.reasons)
    return not bare or bool(asked.normalised)


def told(answer: Answer) -> frozenset[tuple[str, int, tuple[str, ...]]]:
    """What a match says that would be another answer: each record, with its measures (BA6)."""
    return frozenset(
        (one.reference.origin, one.reference.index, tuple(m.measure.code for m in one.measures))
        for one in answer.matches
    )


def is_over(opened_at: Timestamp, now: Timestamp) -> bool:
    """Whether a batch is too old to be gone on with (BA7)."""
    return now - opened_at > LIFETIME
