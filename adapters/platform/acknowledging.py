"""What platforms of all forms say of what they were told, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from federation.relief.execution import Acknowledgement

DONE: Final = "done"
"""The word by which a platform says that what a row asks for is done; any other one refuses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said at once of one telling."""

    done: bool = False
    """Whether what its rows ask for is done, but for those refused."""
    refused: Mapping[int, str] = field(default_factory=dict)
    """By index why."""


@dataclass(frozen=True, slots=True)
class Owed:
    """The end of a listing that was told and not acknowledged."""

    origin: str
    index: int
    number: int
    """Of the telling."""
    state: str
    """As it was told."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one leaf."""

    origin: str
    index: int
    word: Acknowledgement


class Later(NamedTuple):
    """What is said after the telling."""

    said: Sequence[Said]
    to: int
    """How far it was read; the next question begins there. 0 where there is no order."""


def word(number: int, result: str) -> Acknowledgement:
    """Read what stands in the place of a result."""
    said = result.strip()
    done = said.lower() == DONE
    return Acknowledgement(number, done=done, reason="" if done else said)
