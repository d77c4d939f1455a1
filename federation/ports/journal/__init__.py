"""The node's journal: the one owner of what stands in it, one value for each kind of entry.

The journal is append-only and backed up. An entry has a kind, a moment, and what the kind's value
(`KINDS`) says of a leaf, a keyed tag, a last day; its body is JSON without data of a subject.
`value.entry()` makes the entry, and nothing else does. `Value.of(entry)` reads it, also every form
that an earlier version of the program wrote: a form that is written stays readable for ever.

    session.append_journal([GoOn(at=now, size=9, by=("王演示",), reason="", mark=True).entry()])
    for number, entry in session.entries(GoOn.KIND):
        said = GoOn.of(entry)

The set of kinds is closed: a new one is a class here, in `KINDS`, with its line in the tests.
"""

from typing import Final

from federation.ports.journal.entries import JournalEntry
from federation.ports.journal.erasure import Erased, Kept
from federation.ports.journal.in_force import LibraryInForce, OpeningKeys
from federation.ports.journal.intake import FileTaken, InboxTaken
from federation.ports.journal.persons import Decision, GoOn, Relisted, SignedWord
from federation.ports.journal.rechecks import Rechecked, RechecksDrawn
from federation.ports.journal.row_words import FileWord, InboxWord, OtherSubjects
from federation.ports.journal.tags import TagLifted, TagSet, ToldApart, TwinLifted, TwinSet, pair

KINDS: Final = (
    TagSet,
    TagLifted,
    TwinSet,
    TwinLifted,
    ToldApart,
    Erased,
    OpeningKeys,
    LibraryInForce,
    Decision,
    SignedWord,
    Relisted,
    GoOn,
    FileWord,
    InboxWord,
    OtherSubjects,
    FileTaken,
    InboxTaken,
    RechecksDrawn,
    Rechecked,
)
"""Every kind of entry there is."""

__all__ = [
    "KINDS",
    "Decision",
    "Erased",
    "FileTaken",
    "FileWord",
    "GoOn",
    "InboxTaken",
    "InboxWord",
    "JournalEntry",
    "Kept",
    "LibraryInForce",
    "OpeningKeys",
    "OtherSubjects",
    "Rechecked",
    "RechecksDrawn",
    "Relisted",
    "SignedWord",
    "TagLifted",
    "TagSet",
    "ToldApart",
    "TwinLifted",
    "TwinSet",
    "pair",
]
