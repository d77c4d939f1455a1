"""Certificates of repair, whose files come in pieces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Piece(Protocol):
    """A part of what was made."""

    @property
    def number(self) -> str:
        """Of the certificate; in one piece."""
        ...

    @property
    def pdf(self) -> bytes:
        """A part of the file."""
        ...

    @property
    def html(self) -> bytes:
        """A part of the page for reading."""
        ...


class Certificate(NamedTuple):
    """One, whole."""

    number: str
    pdf: bytes
    html: bytes


def whole(pieces: Iterable[Piece]) -> Certificate:
    """Put the pieces together, in their order."""
    found = list(pieces)
    return Certificate(
        "".join(one.number for one in found),
        b"".join(one.pdf for one in found),
        b"".join(one.html for one in found),
    )
