"""Certificates that end are named in time.

Covers node/charters/contacts.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from federation.ids import MemberId, Timestamp
from node.charters.contacts import Contact
from node.charters.expiring_certificates import (
    OWN_WARNING_SECONDS,
    WARNING_SECONDS,
    Ending,
    ending_certificates,
    ending_listener,
)
from node.directory.certificates import VALIDITY, self_signed
from tests.support import charters as build

END = build.NOW + int(VALIDITY.total_seconds())
LATER = build.NOW + WARNING_SECONDS + 5
NEWER = self_signed(
    "510300.huxin.example", build.tls_key("510300"), bytes(16), Timestamp(LATER)
).public_bytes(Encoding.DER)

BOTH = dict.fromkeys(("", "510300"), "certificate.expires")


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
        (END - OWN_WARNING_SECONDS, {}),
        (END - OWN_WARNING_SECONDS + 1, {"": "certificate.expires"}),
        (END - WARNING_SECONDS, {"": "certificate.expires"}),
        (END - WARNING_SECONDS + 1, BOTH),
        (END, BOTH),
        (END + 1, dict.fromkeys(BOTH, "certificate.expired")),
    ],
)
def test_our_own_and_a_peers_certificate_are_named_in_time(now: int, code: dict[str, str]) -> None:
    expected = [(whose, one, END - now) for whose, one in code.items()]
    assert endings(now, contact(build.certificate("510300"))) == expected


def test_of_several_certificates_the_longest_counts() -> None:
    both = contact(build.certificate("510300"), NEWER)
    assert [whose for whose, _, _ in endings(END - 1, both)] == [""]


def test_a_peer_without_certificates_is_left_out() -> None:
    assert endings(build.NOW, contact()) == []


def test_the_certificate_for_departments_is_named_in_time(tmp_path: Path) -> None:
    path = tmp_path / "http.crt"
    assert list(ending_listener(None, Timestamp(LATER))) == []
    assert list(ending_listener(path, Timestamp(LATER))) == [], "what is missing is said elsewhere"
    shown = self_signed("city.example", build.tls_key("510300"), bytes(16), Timestamp(build.NOW))
    path.write_bytes(shown.public_bytes(Encoding.PEM))
    end = int(shown.not_valid_after_utc.timestamp())
    assert list(ending_listener(path, Timestamp(end - WARNING_SECONDS))) == []
    for left, code in ((WARNING_SECONDS - 1, "certificate.expires"), (-1, "certificate.expired")):
        (ending,) = ending_listener(path, Timestamp(end - left))
        assert (ending.code, ending.seconds, ending.departments) == (code, left, True)
    path.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert list(ending_listener(path, Timestamp(end))) == []


DAY = 86_400
NOON = Timestamp(1_796_011_200)
"""2026-11-30 12:00 in Shanghai."""


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (
            Ending(whose="", seconds=2 * DAY),
            (
                "本节点的证书于 2026-12-02 到期，还有 2 天 / "
                "the certificate of this node ends on 2026-12-02, in 2 days"
            ),
        ),
        (
            Ending(whose="511500", seconds=-DAY),
            (
                "511500 的证书已于 2026-11-29 到期；本机时钟现为 2026-11-30 / "
                "the certificate of 511500 ended on 2026-11-29; by this machine's clock it is "
                "2026-11-30"
            ),
        ),
        (
            Ending(whose="", seconds=0, departments=True),
            (
                "部门查询 [http] 的证书于 2026-11-30 到期，还有 0 天 / "
                "the certificate that [http] shows ends on 2026-11-30, in 0 days"
            ),
        ),
    ],
)
def test_whose_it_is_and_the_day_are_said_in_both_languages(ending: Ending, said: str) -> None:
    assert ending.told(NOON) == said
