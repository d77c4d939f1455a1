"""Requests to join by HTTPS: of an invitation that was given out, and so many (JN5, JN6)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from federation.errors import RefusedError
from federation.ids import Timestamp
from node.charters import join_door
from node.charters.join_door import JoinDoor
from tests.node.charters.test_joining import ROW, SECRET


class Door(JoinDoor):
    """Of one invitation, with a clock that a test moves."""

    def __init__(self, directory: Path) -> None:
        (directory / "invitations.json").write_text(json.dumps([ROW]))
        self.moment = 0.0
        super().__init__(directory, now=lambda: Timestamp(5), monotonic=lambda: self.moment)

    def code(self, bearer: str) -> str:
        try:
            self.secret(bearer)
        except RefusedError as error:
            return error.code
        return ""


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


@pytest.mark.parametrize(
    "bearer",
    ["", "00", "11" * 16, "00" * 15, "00" * 17, "AA" * 16, " " + "00" * 16, "zz" * 16, "零" * 32],
)
def test_jn5_no_other_secret_is_known(door: Door, bearer: str) -> None:
    assert door.code(bearer) == "invitation.unknown"
    assert door.code(SECRET.hex()) == ""


def test_jn6_of_one_invitation_so_many_in_a_time(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join_door, "BURST", 2.0)
    assert [door.code(SECRET.hex()) for _ in range(3)] == ["", "", "http.many"]
    door.moment += 1 / join_door.RATE
    assert [door.code(SECRET.hex()) for _ in range(2)] == ["", "http.many"]
