"""Answers that carry JSON already: whole, in pieces, one by one, or in pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol


class Told(Protocol):
    """An answer, or a piece of one, with the field `json`."""

    @property
    def json(self) -> str:
        """A document, or a part of its text."""
        ...


def document(answer: Told) -> dict[str, Any]:
    """The one document of an answer."""
    found: dict[str, Any] = json.loads(answer.json)
    return found


def joined(pieces: Iterable[Told]) -> Any:  # noqa: ANN401 - of JSON
    """The one document whose text came in pieces."""
    return json.loads("".join(piece.json for piece in pieces))


def each(answers: Iterable[Told]) -> list[dict[str, Any]]:
    """A list of which each answer of a stream is one row."""
    return [document(one) for one in answers]


def rows(texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rows of an answer that has a list of them."""
    yield from map(json.loads, texts)


def page(name: str, texts: Sequence[str], next_page_token: str) -> dict[str, Any]:
    """One page of a list, with what asks for the next; empty on the last."""
    return {name: list(rows(texts)), "next_page_token": next_page_token}
