"""What keeps the store from being written is known until something is written again.

Covers node/log/units.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from adapters.errors import FullError
from federation.errors import RefusedError
from node.log.units import Placed, Unit
from node.log.writer import TROUBLE_SECONDS, Writer


class Publishing:
    """A publisher that fails as ordered."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.refused = False

    def publish(self, units: Sequence[Unit]) -> list[list[Placed] | RefusedError]:
        if self.error is not None:
            raise self.error
        if self.refused:
            return [RefusedError("disk.reserve", "no room") for _ in units]
        return [[] for _ in units]


@pytest.fixture
def publishing() -> Publishing:
    return Publishing()


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def writer(publishing: Any, now: list[float]) -> Iterator[Writer]:
    made = Writer(publishing, lambda: None, 1, lambda: now[0])
    yield made
    made.close()


UNIT = Unit(drafts=lambda _: [], record=lambda _, __: None)


def trouble(writer: Writer) -> Exception | None:
    return writer.trouble


def fails() -> None:
    raise FullError("database or disk is full")


def test_a_store_that_cannot_be_written_is_a_problem(
    writer: Writer, publishing: Publishing, now: list[float]
) -> None:
    assert trouble(writer) is None
    for tried in (writer.submit(fails), writer.submit(lambda: None)):
        tried.exception()
    assert isinstance(trouble(writer), FullError), "what was written by nobody says nothing"
    publishing.refused = True
    writer.publish(UNIT).exception()
    assert trouble(writer) is not None
    publishing.refused = False
    writer.publish(UNIT).result()
    assert trouble(writer) is None
    publishing.error = OSError(30, "Read-only file system")
    writer.publish(UNIT).exception()
    now[0] = TROUBLE_SECONDS
    assert isinstance(trouble(writer), OSError)
    now[0] += 1
    assert trouble(writer) is None


def test_what_is_no_trouble_of_the_store_is_none(writer: Writer, publishing: Publishing) -> None:
    publishing.error = ValueError("a fault")
    writer.publish(UNIT).exception()
    assert trouble(writer) is None
