"""Whether the demo stays up when its story is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from node.demo import command
from tests.support.commands import run


@pytest.mark.parametrize(
    ("asked", "stays"), [((), False), (("--once",), False), (("--stay",), True)]
)
def test_without_a_terminal_it_stays_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: tuple[str, ...], *, stays: bool
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(command, "run_demo", lambda *_, console, **__: told.append(console))
    assert run("demo", *asked, "--dir", tmp_path / "demo").code == 0
    assert told == [stays]
