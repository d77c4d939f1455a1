"""Certificates that are kept out for a while."""

from __future__ import annotations

from node.barred import SECONDS, Barred


def test_a_certificate_is_kept_out_for_a_while() -> None:
    now = 0.0
    barred = Barred(lambda: now)
    assert barred.let_in([b"a", b"b"]) == [b"a", b"b"]
    barred.bar(b"a")
    assert barred.let_in([b"a", b"b"]) == [b"b"]
    now = SECONDS - 1
    assert barred.let_in([b"a"]) == []
    now = SECONDS
    assert barred.let_in([b"a"]) == [b"a"]
