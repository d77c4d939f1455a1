"""A request to join by HTTPS: its bearer first, then its body; codes as text (SPEC §7.6, JN5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import CollectorRegistry

from federation.charters.join import MAX_REQUEST
from federation.errors import CharterError, RefusedError
from node.web.figures import Figures
from node.web.join_app import PATH
from node.web.log_app import LogApplication
from tests.support.asgi import Answered, ask
from tests.support.fake_shown import FakeJoining, FakeShown

SHOWN = ("authorization", f"Bearer {FakeJoining.bearer}")


class Door:
    """The listener, over one invitation."""

    def __init__(self) -> None:
        self.calls = FakeJoining()
        fake = FakeShown()
        figures = Figures(CollectorRegistry())
        threads = ThreadPoolExecutor(1)
        self.app = LogApplication(fake, fake, self.calls, threads=threads, figures=figures)

    def post(self, body: bytes = b"{}", *headers: tuple[str, str]) -> Answered:
        return ask(self.app, "POST", PATH, headers or (SHOWN,), body)


@pytest.fixture
def door() -> Door:
    return Door()


def test_who_holds_an_invitation_is_heard(door: Door) -> None:
    answer = door.post(b"a request")
    assert (answer.status, answer.body, door.calls.taken) == (202, b"", [b"a request"])


@pytest.mark.parametrize(
    "headers",
    [
        [("x", "y")],
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", f"Bearer {'11' * 16}")],
        [("authorization", f"Basic {FakeJoining.bearer}")],
        [SHOWN, SHOWN],
    ],
)
def test_jn5_who_holds_none_is_told_nothing_and_not_read(
    door: Door, headers: list[tuple[str, str]]
) -> None:
    answer = door.post(b"x" * (MAX_REQUEST + 1), *headers)
    assert (answer.status, answer.body, door.calls.taken) == (401, b"", [])


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (CharterError("join.signature", "join: expected 2"), 422, b"join.signature"),
        (CharterError("join.size", "join: too long"), 413, b"join.size"),
        (RefusedError("invitation.used", "another node asked"), 422, b"invitation.used"),
    ],
)
def test_what_is_not_taken_is_told_by_its_code_alone(
    door: Door, error: Exception, status: int, body: bytes
) -> None:
    door.calls.error = error
    answer = door.post()
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_body_without_end_is_not_read_to_its_end(door: Door) -> None:
    answer = door.post(b"x" * (MAX_REQUEST + 1))
    assert (answer.status, door.calls.taken) == (413, [])
