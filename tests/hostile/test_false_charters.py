"""Charters that may not come into force: no change, no crash, and the exchange goes on."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crypto.dsse import Envelope, sign_envelope
from crypto.keys import VerifierKey
from federation.charters.chain import CharterChain
from federation.charters.draft import write_terms
from federation.charters.entitlement import AllianceState
from federation.charters.verification import PAYLOAD_TYPE, Charter, Terms, read_envelope
from federation.errors import CharterError
from federation.ids import MemberId
from federation.peers.frames import CharterFrame
from federation.rows import State
from node.charters.book import CharterBook
from node.charters.files import load_chain, store_chain
from tests.support import charters as build
from tests.support.liar import HostileLog, Stream, invented, records_of, row
from tests.support.simulation import Federation, SimNode

VOTERS = ("510300", "510500", "511500", "510000")


@dataclass
class Booked:
    """A node that takes charters from peers, as the program does."""

    node: SimNode
    book: CharterBook
    stream: Stream
    directory: Path

    @property
    def charter(self) -> Charter:
        return self.chain.latest

    @property
    def chain(self) -> CharterChain:
        return load_chain(self.directory, self.node.chains[0].id)

    def send(self, envelope: bytes) -> int:
        """Send an envelope; the version that is in force afterwards."""
        assert self.stream.send(CharterFrame(envelope=envelope)) == ""
        return self.charter.terms.version

    def next(self, **changes: object) -> bytes:
        """A version that all signed."""
        return build.sign_all(build.next_version(self.charter, **changes))


@pytest.fixture
def booked(federate: Callable[..., Federation], tmp_path: Path) -> Booked:
    node = federate("510500")["510500"]
    directory = tmp_path / "charters"
    store_chain(directory, node.chains[0])
    pins = [node.chains[0].id]
    book = CharterBook(
        directory=directory,
        pins=lambda: pins,
        own=node.origin,
        not_direct=(),
        now=node.clock.now,
        changed=lambda: None,
    )

    def adopt(envelope: bytes) -> bool:
        adopted = book.adopt(envelope)
        node.view = book.view()
        return adopted

    node.exchange._judge = book.judge
    node.exchange._adopt = adopt
    node.exchange._envelopes = book.envelopes_for
    return Booked(node=node, book=book, stream=Stream(node), directory=directory)


def goes_on(booked: Booked, number: int) -> None:
    """A listing of the liar's log is taken and counts."""
    log = HostileLog()
    listed = [log.list_(invented(booked.node, n)) for n in range(1, number + 1)]
    assert booked.stream.send(log.batch(note=log.note(at=booked.node.clock.now()))) == ""
    assert row(booked.node, listed[-1]).state == State.ACTIVE


def resigned(envelope: bytes, **changes: object) -> bytes:
    """An envelope with members changed and nothing signed anew."""
    return json.dumps(json.loads(envelope) | changes).encode()


def _of_payload(payload: bytes, *signers: str) -> bytes:
    """Any bytes at all, signed by these members."""
    made = Envelope(payload_type=PAYLOAD_TYPE, payload=payload, signatures=())
    for member in signers:
        made = sign_envelope(made, build.seed(member, "charter"))
    return made.to_bytes()


def _unknown_alliance(_: Booked) -> bytes:
    return build.make_charter([build.make_member("510300")], name="假联盟").envelope


def _claims_our_alliance(booked: Booked) -> bytes:
    """A version 1 of its own that says it is ours."""
    terms = build.make_terms([build.make_member("510300")])
    text = json.loads(write_terms(terms))
    text |= {"version": 2, "charter": booked.charter.id.hex(), "previous": "00" * 32}
    return _of_payload(json.dumps(text).encode(), "510300")


def _small_order_key(booked: Booked) -> bytes:
    """Signed by all; a member's charter key is of order 1, for which anybody could sign."""
    key = base64.b64encode(build.charter_signer("510300").verifier.public)
    return _swapped(key, base64.b64encode(bytes([1]) + bytes(31)))(booked)


def _one_key_twice(booked: Booked) -> bytes:
    """Signed by all; one charter key stands under two members, to be counted twice."""
    one, two = (build.charter_signer(member).verifier.public for member in VOTERS[:2])
    return _swapped(base64.b64encode(two), base64.b64encode(one))(booked)


def _log_key_twice(booked: Booked) -> bytes:
    """Signed by all; the liar's log key stands under the victim's name as well."""
    one = build.log_signer("510300").verifier
    named = VerifierKey(name=build.origin_of("510500"), type=one.type, public=one.public)
    own = build.log_signer("510500").verifier
    return _swapped(str(own).encode(), str(named).encode())(booked)


def _swapped(old: bytes, new: bytes) -> Callable[[Booked], bytes]:
    """A version signed by all after a part of its text was changed."""

    def make(booked: Booked) -> bytes:
        payload = write_terms(build.next_version(booked.charter))
        assert payload.count(old) >= 1
        return _of_payload(payload.replace(old, new, 1), *VOTERS)

    return make


def _takes_the_log_away(booked: Booked) -> bytes:
    """Signed by all: the victim's log under another key."""
    other = replace(build.make_segment("510500"), log_key=build.log_signer("510500", 2).verifier)
    victim = replace(build.make_member("510500"), segments=(other,))
    others = [m for m in booked.charter.terms.members if m.id != "510500"]
    return _of_payload(
        write_terms(build.next_version(booked.charter, members=(*others, victim))), *VOTERS
    )


FALSE: dict[str, Callable[[Booked], bytes]] = {
    "empty": lambda _: b"",
    "garbage": lambda _: b"\xff\xfe\x00",
    "no envelope": lambda _: b"{}",
    "a list": lambda _: b"[]",
    "deeply nested": lambda _: b"[" * 100_000,
    "deeply nested payload": lambda _: _of_payload(b'{"x":' * 50_000, *VOTERS),
    "payload of no object": lambda _: _of_payload(b"7", *VOTERS),
    "not UTF-8": lambda _: _of_payload(b'{"name":"\xff"}', *VOTERS),
    "too long": lambda _: b" " * (4 * 1024 * 1024 + 1),
    "unsigned": lambda booked: build.sign_all(build.next_version(booked.charter), ()),
    "signed by half": lambda booked: build.sign_all(
        build.next_version(booked.charter), ("510300", "511500")
    ),
    "one signature many times": lambda booked: build.sign_all(
        build.next_version(booked.charter), ("510300",) * 200
    ),
    "too many signatures": lambda booked: build.sign_all(
        build.next_version(booked.charter), ("510300",) * 257
    ),
    "signed by strangers": lambda booked: build.sign_all(
        build.next_version(booked.charter), ("519991", "519992", "519993", "519994")
    ),
    "signatures of another version": lambda booked: resigned(
        booked.next(name="其它"), payload=json.loads(booked.next())["payload"]
    ),
    "another payload type": lambda booked: resigned(booked.next(), payloadType="text/plain"),
    "payload changed": lambda booked: resigned(
        booked.next(), payload=base64.b64encode(b"{}").decode()
    ),
    "a version left out": lambda booked: build.sign_all(
        replace(build.next_version(booked.charter), version=3)
    ),
    "version 0": _swapped(b'"version": 2', b'"version": 0'),
    "version 2^63": _swapped(b'"version": 2', b'"version": 9223372036854775808'),
    "version 2e0": _swapped(b'"version": 2', b'"version": 2e0'),
    "version twice": _swapped(b'"version": 2', b'"version": 2, "version": 2'),
    "version as a text": _swapped(b'"version": 2', b'"version": "2"'),
    "unknown field": _swapped(b"{", b'{"extra": 1,'),
    "newer reader": _swapped(b'"min_reader": 1', b'"min_reader": 2'),
    "other previous": lambda booked: build.sign_all(
        replace(build.next_version(booked.charter), previous=bytes(32))
    ),
    "member vanished": lambda booked: build.sign_all(
        build.next_version(booked.charter, members=booked.charter.terms.members[1:]), VOTERS
    ),
    "another's log key": _takes_the_log_away,
    "small-order charter key": _small_order_key,
    "one charter key for two members": _one_key_twice,
    "one log key under two names": _log_key_twice,
    "unknown alliance": _unknown_alliance,
    "false claim of our alliance": _claims_our_alliance,
}


@pytest.mark.parametrize("lie", FALSE)
def test_a_false_charter_changes_nothing(booked: Booked, lie: str) -> None:
    before = sorted(path.name for path in booked.directory.rglob("*.json"))
    view = booked.node.view
    assert booked.send(FALSE[lie](booked)) == 1
    assert booked.node.view.trust.alliances == view.trust.alliances
    assert sorted(path.name for path in booked.directory.rglob("*.json")) == before
    assert booked.node.exchange.blamed() == {}
    goes_on(booked, 1)
    assert booked.send(booked.next()) == 2


def test_what_is_refused_is_read_once_and_not_by_the_writer(
    booked: Booked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large one takes seconds to verify, and whoever relieves would wait for them."""
    false = build.sign_all(build.next_version(booked.charter, name="另一版"), VOTERS[:1])
    held, new = booked.chain.envelopes, CharterFrame(envelope=booked.next())
    read = counted_reads(monkeypatch)
    session = booked.stream.session
    assert booked.node.exchange.prepare(session, CharterFrame(envelope=false)) is None
    assert (len(read), session.wasted) == (1, len(false))
    for one in held:
        assert booked.node.exchange.prepare(session, CharterFrame(envelope=one)) is None
    assert (len(read), session.wasted) == (1, len(false)), "what is held is not read again"
    read.clear()
    assert booked.node.exchange.prepare(session, new) is new
    assert (len(read), session.wasted) == (1, len(false))
    assert booked.send(new.envelope) == 2


def counted_reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often envelopes are read from here on, and how long they are."""
    read: list[int] = []

    def counted(envelope: bytes) -> tuple[Envelope, Terms]:
        read.append(len(envelope))
        return read_envelope(envelope)

    rules = "federation.charters"
    for module in ("node.charters.book", f"{rules}.chain", f"{rules}.verification"):
        monkeypatch.setattr(f"{module}.read_envelope", counted)
    return read


def test_an_older_version_does_not_come_back(booked: Booked) -> None:
    first = booked.charter.envelope
    second = booked.next(name="第二版")
    assert booked.send(second) == 2
    for old in (first, second, first):
        assert booked.send(old) == 2
    assert booked.charter.terms.name == "第二版"
    # The same text with other signatures, or in other white space of its envelope, is not new.
    again = build.sign_all(build.next_version(booked.chain.versions[0], name="第二版"), VOTERS[1:])
    assert booked.send(again) == 2
    assert booked.send(json.dumps(json.loads(second), indent=2).encode()) == 2
    assert booked.charter.envelope == second
    assert booked.node.view.trust.alliances[0].state is AllianceState.IN_FORCE
    goes_on(booked, 1)


def test_two_versions_of_one_number_stop_punishment_and_nothing_else(booked: Booked) -> None:
    """Both signed by enough: the voters' own signatures prove it, and the exchange goes on."""
    goes_on(booked, 1)
    rival = booked.next(name="另一版")
    assert booked.send(booked.next(name="第二版")) == 2
    assert booked.send(rival) == 2
    assert [fork.proof[1] for fork in booked.chain.forks] == [rival]
    assert booked.node.view.trust.alliances[0].state is AllianceState.FORKED
    ((view,), _) = records_of(booked.node).list("", build.origin_of("510300"), "", 9, "")
    assert (view.state, view.rule) == ("active", "entitlement.forked")
    goes_on(booked, 3)
    # All peers get both envelopes when they connect.
    greeted = Stream(booked.node, "511500")
    told = {frame.envelope for frame in greeted.sent() if isinstance(frame, CharterFrame)}
    assert rival in told
    assert len(told) == 3


def test_a_rival_of_one_voter_proves_nothing(booked: Booked) -> None:
    terms = build.next_version(booked.charter, name="另一版")
    assert booked.send(booked.next(name="第二版")) == 2
    assert booked.send(build.sign_all(terms, ("510300",))) == 2
    assert booked.chain.forks == ()
    assert booked.node.view.trust.alliances[0].state is AllianceState.IN_FORCE


def test_a_false_file_among_the_charters_stops_the_start_and_not_the_running_node(
    booked: Booked,
) -> None:
    folder = booked.directory / booked.charter.id.hex()
    (folder / "2.json").write_bytes(build.sign_all(build.next_version(booked.charter), ()))
    with pytest.raises(CharterError):
        booked.book.reload()
    assert booked.node.view.me == MemberId("510500")
    goes_on(booked, 1)


def test_no_alliance_is_adopted_because_a_peer_says_so(booked: Booked) -> None:
    """The id of an alliance comes from paper; a peer's own alliance gives it no rights here."""
    own = build.make_charter(
        [build.make_member("510300"), build.make_member("510500"), build.make_member("519000")],
        name="假联盟",
    )
    assert booked.send(own.envelope) == 1
    assert [alliance.id for alliance in booked.node.view.trust.alliances] == [booked.charter.id]
    assert build.origin_of("519000") not in booked.node.view.followed()
    assert own.id not in booked.node.audience().charters


def test_contacts_are_those_of_the_charters_in_force(booked: Booked) -> None:
    before = booked.book.contacts()
    assert booked.book.contacts() is before
    moved = [
        replace(member, endpoints=(f"elsewhere-{member.id}.example:7443",))
        for member in booked.charter.terms.members
    ]
    assert booked.send(booked.next(members=tuple(moved))) == 2
    assert {c.endpoints for c in booked.book.contacts()} == {
        member.endpoints for member in moved if member.id != "510500"
    }
