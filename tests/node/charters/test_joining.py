"""Invitations given out: two commands at once take one request.

Covers node/charters/joining.py.
"""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from federation.errors import RefusedError
from federation.ids import Timestamp
from node.charters import joining
from node.charters.joining import Invitations
from tests.support.charters import make_member

SECRET = bytes(16)
ROW = {
    "secret": hashlib.sha256(SECRET).hexdigest(),
    "charter": "00" * 32,
    "region": "",
    "created_at": 0,
    "not_after": 10,
    "used_by": "",
}


def asked_by(data: bytes) -> SimpleNamespace:
    """A request of another node for each data."""
    return SimpleNamespace(member=make_member({b"first": "510300", b"second": "510500"}[data]))


def test_of_two_requests_at_once_one_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JN4: the second comes while the first is looked at."""
    (tmp_path / "invitations.json").write_text(json.dumps([ROW]))
    request = SimpleNamespace(invitation=SECRET)
    monkeypatch.setattr(joining, "read_request", lambda _: (None, request))
    monkeypatch.setattr(joining, "verify_request", lambda data, **_: asked_by(data))
    taken: list[bytes] = []
    refused: list[str] = []

    def take(data: bytes) -> None:
        try:
            Invitations(tmp_path).take(data, Timestamp(5))
            taken.append(data)
        except RefusedError as error:
            refused.append(error.code)

    second = threading.Thread(target=take, args=(b"second",))

    def meanwhile(_: object, __: Timestamp) -> None:
        if second.ident is None:
            second.start()
            second.join(0.3)

    monkeypatch.setattr(joining, "check_request_time", meanwhile)
    take(b"first")
    second.join(60)
    assert (taken, refused) == ([b"first"], ["invitation.used"])
