"""Certificates that end are named in time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from federation.ids import MemberId, Timestamp
from node.certificates import VALIDITY, self_signed
from node.contacts import Contact
from node.expiry import WARNING_SECONDS, ending_certificates
from tests.support import charters as build

END = build.NOW + int(VALIDITY.total_seconds())
LATER = build.NOW + WARNING_SECONDS + 5
NEWER = self_signed(
    "510300.huxin.example", build.tls_key("510300"), bytes(16), Timestamp(LATER)
).public_bytes(Encoding.DER)


def contact(*certificates: bytes) -> Contact:
    return Contact(
        peer=MemberId("510300"), endpoints=(), certificates=certificates, origins=frozenset()
    )


def endings(now: int, *contacts: Contact) -> Sequence[tuple[str, str, int]]:
    own = build.certificate("510500")
    found = ending_certificates(own, contacts, Timestamp(now))
    return [(e.whose, e.code, e.seconds) for e in found]


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (END - WARNING_SECONDS, None),
        (END - WARNING_SECONDS + 1, "certificate.expires"),
        (END, "certificate.expires"),
        (END + 1, "certificate.expired"),
    ],
)
def test_our_own_and_a_peers_certificate_are_named_in_time(now: int, code: str | None) -> None:
    expected = [(whose, code, END - now) for whose in ("", "510300")] if code else []
    assert endings(now, contact(build.certificate("510300"))) == expected


def test_of_several_certificates_the_longest_counts() -> None:
    both = contact(build.certificate("510300"), NEWER)
    assert [whose for whose, _, _ in endings(END - 1, both)] == [""]


def test_a_peer_without_certificates_is_left_out() -> None:
    assert endings(build.NOW, contact()) == []
