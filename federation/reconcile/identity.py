"""Is this the subject that the base library 法人库 knows? Certain, or a person is asked.

A subject is certain when its code is valid, its name agrees with the library's, current or
former, and that name has not passed from one subject to another: a name that changed hands may
have led somebody to the wrong code. Nothing else is ever certain: likeness of names or codes only
suggests.

Names are compared in their normal form (`federation.subject_names`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from federation.errors import StatementError
from federation.ids import Timestamp
from federation.subject_names import is_plain, normal_name
from federation.uscc import check_uscc

USCC: Final = "uscc"


class Status(StrEnum):
    """What the base library says of a subject today."""

    LIVE = "live"
    """存续"""
    REVOKED = "revoked"
    """吊销: it exists until it is cancelled."""
    CANCELLED = "cancelled"
    """注销"""
    MOVED = "moved"
    """迁出: it exists, another region keeps it."""


class BaseSubject(NamedTuple):
    """A subject as the base library knows it."""

    code: str
    name: str
    former_names: tuple[str, ...] = ()
    status: str = Status.LIVE
    successor: str = ""
    """Code of the subject that took its place, after a merger; empty where there is none."""
    reused_names: tuple[str, ...] = ()
    """Normal forms of those of its names that another subject has or had, where at least one of
    the two bears it no longer: a former name, or the name of a subject that ceased."""

    @property
    def ceased(self) -> bool:
        """Whether it was cancelled, or another one took its place."""
        return self.status == Status.CANCELLED or bool(self.successor)


class BaseLibrary(Protocol):
    """The city's base library of subjects, as a port; read only."""

    def by_code(self, scheme: str, codes: Sequence[str]) -> Mapping[str, BaseSubject]:
        """Subjects by code, those that are known.

        Args:
            scheme: `uscc`, present or former; or `organisation-code` or `registration-number`.
            codes: as the records have them.
        """
        ...

    def as_of(self) -> Timestamp | None:
        """When it was brought up to date last; None where there is no library."""
        ...

    def by_name(self, normal: str, limit: int) -> Sequence[BaseSubject]:
        """Subjects whose current or former name has this normal form; for suggestions only."""
        ...


def agrees(name: str, known: BaseSubject) -> bool:
    """Whether a name is one that the subject has or had."""
    if name == known.name and is_plain(name):
        return True
    normal = normal_name(name)
    if not normal:
        return False
    return normal in {normal_name(other) for other in (known.name, *known.former_names)}


def changed_hands(name: str, known: BaseSubject) -> bool:
    """Whether a name with which a subject agrees was first another's, or became another's."""
    return bool(known.reused_names) and normal_name(name) in known.reused_names


def code_fault(scheme: str, code: str) -> str:
    """Return the rule of GB 32100 that a code breaks, or empty; other schemes have none."""
    if scheme != USCC:
        return ""
    try:
        check_uscc(code)
    except StatementError as error:
        return error.code
    return ""
