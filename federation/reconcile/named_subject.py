"""Who is meant by a question about a subject, and where that is not certain.

Shared by all who ask, as `federation.reconcile.held_records` is. Nobody is restricted, and nobody
is refused anything, because somebody else may have been meant:

    CK8  a question does not name one subject for certain where the code breaks GB 32100; the name
         is none that the library knows for the code (its names are told); the subject ceased; and
         where something is listed, where the name was first another's, or the record states
         another name: then it is said who listed it, and not that the name asked is wrong
    CK9  what is listed of a subject from which this one came by merger, division or 个转企 is the
         authority's to decide. (A listing of it that waits only because that subject ceased is
         listed.)
    CK10 two firms of one name: the library does not know the code, and another subject of that name
         is listed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from federation.reconcile.findings import RULES, Finding
from federation.reconcile.held_records import (
    Identity,
    RecordRead,
    counts,
    counts_as,
    is_severe,
)
from federation.reconcile.identity import BaseSubject, agrees, changed_hands, code_fault
from federation.subject_names import normal_name

PREDECESSOR: Final = "identity.predecessor-listed"
SAME_NAME: Final = "identity.same-name"
LISTED_OTHERWISE: Final = "identity.listed-otherwise"
"""What is listed under the code names another subject than the question."""
NAME_MISMATCH: Final = RULES[Finding.NAME_MISMATCH].code
NAME_REUSED: Final = RULES[Finding.NAME_REUSED].code
CEASED: Final = RULES[Finding.SUBJECT_CEASED].code


class Named(Protocol):
    """Whom a question names, as normalised."""

    @property
    def scheme(self) -> str:
        """`uscc`."""
        ...

    @property
    def code(self) -> str:
        """Upper case and half width; it may break GB 32100."""
        ...

    @property
    def name(self) -> str:
        """Without what cannot be seen."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why it is not certain who is meant."""

    code: str
    said: tuple[str, ...] = ()
    """Names that the library knows; who the predecessors or the successor are; or by whose decision
    another name is listed."""


def uncertain(asked: Named, known: BaseSubject | None) -> tuple[Reason, ...]:
    """What is uncertain of the subject whatever is listed (CK8)."""
    if fault := code_fault(asked.scheme, asked.code):
        return (Reason(code=fault),)
    if known is None:
        return ()
    if not agrees(asked.name, known):
        return (Reason(code=NAME_MISMATCH, said=(known.name, *known.former_names)),)
    if known.ceased:
        return (Reason(code=CEASED, said=(known.successor,) if known.successor else ()),)
    return ()


def other_name(
    asked: Named, known: BaseSubject | None, listed: Sequence[RecordRead]
) -> tuple[Reason, ...]:
    """What is uncertain of the subject if it is used against it (CK8)."""
    if listed and known is not None and changed_hands(asked.name, known):
        return (Reason(code=NAME_REUSED),)
    said = normal_name(asked.name)
    others = [
        f"{one.content.authority_name} {one.content.document}"
        for one in listed
        if normal_name(name := one.content.subject.name) != said
        and (known is None or not agrees(name, known))
    ]
    return (Reason(code=LISTED_OTHERWISE, said=tuple(dict.fromkeys(others))),) if others else ()


def predecessors(identity: Identity, purpose: str) -> tuple[Reason, ...]:
    """Who is listed of those from whom the subject came (CK9)."""
    listed = [
        predecessor.subject
        for predecessor in identity.predecessors
        if any(
            is_severe(one) and (counts(one, purpose) or counts_as(one, purpose, CEASED))
            for one in predecessor.records
        )
    ]
    said = tuple(f"{subject.code} {subject.name}" for subject in listed)
    return (Reason(code=PREDECESSOR, said=said),) if listed else ()


def namesakes(identity: Identity, purpose: str) -> tuple[Reason, ...]:
    """Whether another subject of the name asked is listed (CK10)."""
    listed = any(is_severe(one) and counts(one, purpose) for one in identity.namesakes)
    return (Reason(code=SAME_NAME),) if listed else ()
