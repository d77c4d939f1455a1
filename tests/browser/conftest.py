"""The database of the node that is walked through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.fresh import Emptied


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.soak)])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """A fresh database for each node, by its name."""
    if request.param == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path / name}.db"
        return
    emptied: Emptied = request.getfixturevalue("postgres_emptied")
    with ExitStack() as stack:
        yield lambda _: stack.enter_context(emptied.lend())
