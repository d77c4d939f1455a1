"""Openings that do not open, are not there, or hold what no payload may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from huxin.v1 import payload_pb2 as pb

from federation.comparison import Spelt
from federation.ids import Date, Origin
from federation.payloads import Correction, Listing
from federation.peers.frames import LateOpening
from federation.peers.openings import PENDING, DeliveredOpening
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus, State
from federation.statements import AnnotationAction, Kind
from tests.support import charters as build
from tests.support.liar import (
    PAYLOADS,
    HostileLog,
    Stream,
    invented,
    records_of,
    row,
    rows,
    stored_leaves,
    stored_payload,
)
from tests.support.simulation import SimNode, leaf_hash_of, listing

HUB = "510000"
ABSENT = {
    "erased": DeliveredOpening(OpeningStatus.ERASED),
    "not for you": DeliveredOpening(OpeningStatus.NOT_FOR_US),
    "pending": PENDING,
    "unknown state": DeliveredOpening(99),
    "no state": DeliveredOpening(0),
}


def _instead(log: HostileLog, index: int, opening: DeliveredOpening) -> DeliveredBatch:
    """The whole log with one opening changed."""
    openings = list(log.openings)
    openings[index] = opening
    return replace(log.batch(), openings=tuple(openings))


MISFITS: dict[str, Callable[[HostileLog], DeliveredOpening]] = {
    "another payload": lambda log: log.openings[1]._replace(payload=log.openings[0].payload),
    "a byte more": lambda log: log.openings[1]._replace(payload=log.openings[1].payload + b"\0"),
    "a byte less": lambda log: log.openings[1]._replace(payload=log.openings[1].payload[:-1]),
    "no payload": lambda log: log.openings[1]._replace(payload=b""),
    "another salt": lambda log: log.openings[1]._replace(salt=bytes(32)),
    "no salt": lambda log: log.openings[1]._replace(salt=b""),
    "a short salt": lambda log: log.openings[1]._replace(salt=log.openings[1].salt[:31]),
    "a long salt": lambda log: log.openings[1]._replace(salt=log.openings[1].salt + b"\0"),
    "of another index": lambda log: log.openings[2],
    "too long": lambda log: log.openings[1]._replace(payload=bytes(40_000)),
}


@pytest.mark.parametrize("lie", MISFITS)
def test_an_opening_that_does_not_open_is_dropped_and_asked_again(
    victim: SimNode, stream: Stream, log: HostileLog, lie: str
) -> None:
    false = MISFITS[lie](log)
    assert stream.send(_instead(log, 1, false)) == ""
    assert stored_leaves(victim) == log.leaves
    assert victim.exchange.blamed() == {("510300", "opening.mismatch"): 1}
    assert victim.exchange.missing_openings(10) == {log.origin: [1]}
    found = rows(victim)
    assert [r.opening for r in found] == [1, 4, 1, 1]
    assert (found[1].state, found[1].rule) == (State.ACTIVE, "opening.missing")
    assert stored_payload(victim, found[1].statement_id) is None
    # As a late opening, and as an answer, the same; then the right one.
    hub = Stream(victim, HUB)
    assert hub.send(LateOpening(origin=log.origin, index=1, opening=false)) == ""
    assert victim.exchange.take_openings(log.origin, [(1, false)], hub.peer) == 0
    assert victim.exchange.blamed()[hub.peer, "opening.mismatch"] == 2
    assert hub.send(log.late(1)) == ""
    assert (rows(victim)[1].opening, rows(victim)[1].rule) == (OpeningStatus.PRESENT, "")
    assert stored_payload(victim, found[1].statement_id) == log.openings[1].payload
    assert victim.exchange.missing_openings(10) == {}


def test_anothers_leaf_copied_into_the_own_log_does_not_open(
    victim: SimNode, stream: Stream
) -> None:
    """A commitment holds for one origin, so that nobody can say what another has said."""
    honest, liar = HostileLog("511500"), HostileLog()
    listed = honest.list_(invented(victim))
    liar.put(honest.leaves[0], honest.openings[0])
    assert stream.send(liar.batch()) == ""
    assert victim.exchange.blamed() == {("510300", "opening.mismatch"): 1}
    assert (row(victim, listed).state, row(victim, listed).rule) == (
        State.ACTIVE,
        "opening.missing",
    )
    assert Stream(victim, "511500").send(honest.batch()) == ""
    assert row(victim, listed, "511500").rule == ""


def test_openings_of_nothing_that_is_held_are_ignored(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    assert stream.send(log.late(0)) == ""
    assert stream.send(log.batch(0, 2, 2)) == ""
    true = log.openings[2]
    for origin in (log.origin, build.origin_of("511500"), Origin("519999.huxin.example/1")):
        for index in (2, 3, 2**63, 2**64 - 1, -1):
            assert stream.send(LateOpening(origin=origin, index=index, opening=true)) == ""
    assert [r.opening for r in rows(victim)] == [1, 1]
    assert victim.exchange.blamed() == {}


def test_what_was_opened_is_not_opened_otherwise(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    """The salt is committed to, so no second payload fits; even the true one again is nothing."""
    assert stream.send(log.batch(), log.late(1)) == ""
    assert stream.send(replace(log.late(1), opening=log.openings[2])) == ""
    assert stored_payload(victim, rows(victim)[1].statement_id) == log.openings[1].payload
    assert victim.exchange.blamed() == {("510300", "opening.mismatch"): 1}


# ---------------------------------------------------------------------------- absent openings


@pytest.mark.parametrize("lie", ABSENT)
def test_a_withheld_relief_follows_its_record_once_its_opening_comes(
    victim: SimNode, stream: Stream, lie: str
) -> None:
    """A hub says that a repair's opening is erased, or not for us: it is asked for all the same."""
    log, content = HostileLog(), invented(victim)
    copied = victim.list_(content)
    listed = log.list_(content)
    relief = log.relieve(content, listed)
    false = _instead(log, 1, ABSENT[lie])
    assert stream.send(replace(false, openings=(PENDING, false.openings[1]))) == ""
    # By the leaf alone the listing that it names has ended; the record is not known yet.
    assert (row(victim, listed).state, victim.state(copied)) == (State.REPAIRED, State.ACTIVE)
    assert victim.exchange.missing_openings(10) == {log.origin: [1, 0]}, "reliefs first"
    assert victim.exchange.take_openings(log.origin, [(1, ABSENT[lie])], stream.peer) == 0
    assert victim.exchange.take_openings(log.origin, [(1, log.openings[1])], stream.peer) == 1
    assert victim.state(copied) == State.REPAIRED
    assert row(victim, relief).opening == OpeningStatus.PRESENT


@pytest.mark.parametrize("lie", ABSENT)
def test_a_withheld_correction_suspends_the_listing(
    victim: SimNode, stream: Stream, lie: str
) -> None:
    log, content = HostileLog(), invented(victim)
    listed = log.list_(content)
    assert stream.send(log.batch()) == ""
    mended = replace(content, publish_until=Date(20270101))
    correction = Correction(
        audience=content.audience, replaces=leaf_hash_of(victim, listed), payload=mended
    )
    log.say(Kind.CORRECTION, correction, about=listed)
    assert stream.send(replace(log.batch(1), openings=(ABSENT[lie],))) == ""
    assert (row(victim, listed).state, row(victim, listed).rule) == (
        State.ACTIVE,
        "correction.unopened",
    )
    if lie != "erased":
        assert victim.exchange.take_openings(log.origin, [(1, log.openings[1])], stream.peer) == 1
        assert (row(victim, listed).rule, row(victim, listed).current) == ("", 1)


@pytest.mark.parametrize("lie", ABSENT)
def test_a_listing_whose_opening_is_withheld_does_not_punish(
    victim: SimNode, stream: Stream, log: HostileLog, lie: str
) -> None:
    assert stream.send(_instead(log, 2, ABSENT[lie])) == ""
    assert [r.rule for r in rows(victim)] == ["", "", "opening.missing", ""]
    assert victim.exchange.blamed() == {}


@pytest.mark.parametrize("lie", ABSENT)
def test_a_withheld_end_of_a_masking_leaves_it_masked(
    victim: SimNode, stream: Stream, lie: str
) -> None:
    log, content = HostileLog(), invented(victim)
    listed = log.list_(content)
    begun = AnnotationAction.MASKING_BEGUN
    log.say(Kind.ANNOTATION, b"no payload at all", action=begun, about=listed)
    log.say(Kind.ANNOTATION, b"nor here", action=AnnotationAction.MASKING_ENDED, about=listed)
    openings = (log.openings[0], ABSENT[lie], ABSENT[lie])
    assert stream.send(replace(log.batch(), openings=openings)) == ""
    assert row(victim, listed).state == State.MASKED


@pytest.mark.parametrize("kind", [Kind.SCENARIO, Kind.ERASURE, Kind.RECEIPT, Kind.CONTINUATION])
@pytest.mark.parametrize("lie", ABSENT)
def test_an_open_kind_is_never_believed_absent(
    victim: SimNode, stream: Stream, kind: Kind, lie: str
) -> None:
    log = HostileLog()
    log.say(kind, b"", action=int(kind in {Kind.SCENARIO, Kind.CONTINUATION}))
    assert stream.send(_instead(log, 0, ABSENT[lie])) == ""
    assert victim.exchange.missing_openings(10) == {log.origin: [0]}


def test_one_log_whose_openings_never_come_does_not_keep_us_from_asking_for_others(
    victim: SimNode, stream: Stream
) -> None:
    """The missing openings of one log fill a round of questions; those of another are asked too."""
    log, honest = HostileLog(), HostileLog("511500")
    for number in range(40):
        log.list_(invented(victim, number))
    honest.list_(invented(victim, 50))
    assert stream.send(replace(log.batch(), openings=(PENDING,) * 40)) == ""
    other = Stream(victim, "511500")
    assert other.send(replace(honest.batch(), openings=(PENDING,))) == ""
    missing = victim.exchange.missing_openings(20)
    assert missing[honest.origin] == [0]
    assert missing[log.origin]


def test_within_one_log_all_missing_openings_have_their_turn(
    victim: SimNode, stream: Stream
) -> None:
    """300 that nobody gives do not hide the next ones for ever."""
    log = HostileLog()
    for number in range(400):
        log.list_(invented(victim, number))
    assert stream.send(replace(log.batch(), openings=(PENDING,) * 400)) == ""
    asked = {
        index for _ in range(3) for index in victim.exchange.missing_openings(4096)[log.origin]
    }
    assert asked == set(range(400))


def test_openings_behind_any_number_that_never_come_have_their_turn(
    victim: SimNode, stream: Stream
) -> None:
    log = HostileLog()
    for number in range(100):
        log.list_(invented(victim, number))
    assert stream.send(replace(log.batch(), openings=(PENDING,) * 100)) == ""
    rounds = [victim.exchange.missing_openings(30)[log.origin] for _ in range(4)]
    assert rounds[:3] == [list(range(n, n + 30)) for n in (0, 30, 60)]
    assert rounds[3] == [*range(20), *range(90, 100)]


# ---------------------------------------------------------------------------- payloads


def _parts(content: Listing) -> pb.Listing:
    return pb.Listing.FromString(PAYLOADS.encode(content))


def test_a_payload_with_fields_twice_is_read_as_protobuf_says_and_kept_as_it_is(
    victim: SimNode, stream: Stream
) -> None:
    """Of a field given twice the last counts; nobody writes the bytes again."""
    log, content = HostileLog(), invented(victim)
    second = pb.Listing(document="（2026）川05执999号", publish_until=20270101)
    raw = PAYLOADS.encode(content) + second.SerializeToString()
    listed = log.say(Kind.LISTING, raw)
    assert stream.send(log.batch()) == ""
    view = records_of(victim).get(listed)
    assert (view.document, view.publish_until, view.state) == (
        "（2026）川05执999号",
        20270101,
        "active",
    )
    assert stored_payload(victim, listed) == raw
    # Who follows from us gets the very bytes, and their opening opens.
    assert _handed_on(victim, log) == raw
    # The record is that of the last document: a relief of it by its key ends this listing.
    record = replace(content, document="（2026）川05执999号", publish_until=Date(20270101))
    assert row(victim, listed).record_tag == Spelt.of(record.key).tag(victim.keyring.lookup)


def test_a_payload_with_unknown_fields_is_read_and_kept_as_it_is(
    victim: SimNode, stream: Stream
) -> None:
    log, content = HostileLog(), invented(victim)
    unknown = b"\xfa\x7f\x04more" + b"\xf0\x7f\x81\x80\x80\x00"  # a text, and a long varint
    raw = PAYLOADS.encode(content) + unknown
    listed = log.say(Kind.LISTING, raw)
    reordered = log.say(Kind.LISTING, unknown + PAYLOADS.encode(invented(victim, 2)))
    assert stream.send(log.batch()) == ""
    assert [row(victim, one).rule for one in (listed, reordered)] == ["", ""]
    assert stored_payload(victim, listed) == raw
    assert _handed_on(victim, log) == raw


def _handed_on(node: SimNode, log: HostileLog) -> bytes:
    """The payload of leaf 0 as the node gives it to another member."""
    (opening,) = node.exchange.openings_for(Stream(node, "511500").peer, log.origin, [0])
    return opening.payload


def _changed(content: Listing, **fields: object) -> bytes:
    message = _parts(content)
    for name, value in fields.items():
        setattr(message, name, value)
    return message.SerializeToString()


def _without(content: Listing, field: str) -> bytes:
    message = _parts(content)
    message.ClearField(field)  # type: ignore[arg-type]  # one of its names
    return message.SerializeToString()


def _and(content: Listing, more: pb.Listing) -> bytes:
    """The payload and further fields after it."""
    return PAYLOADS.encode(content) + more.SerializeToString()


MALFORMED: dict[str, tuple[Callable[[Listing], bytes], str]] = {
    "empty": (lambda _: b"", "payload.invalid"),
    "garbage": (lambda _: b"\xff" * 40, "payload.malformed"),
    "cut off": (lambda one: PAYLOADS.encode(one)[:-1], "payload.malformed"),
    "not UTF-8": (
        lambda one: PAYLOADS.encode(one) + b"\x3a\x02\xff\xfe",
        "payload.malformed",
    ),
    "group without end": (lambda one: PAYLOADS.encode(one) + b"\x0b", "payload.malformed"),
    "nested without end": (lambda _: b"\x12\xff\xff\xff\xff\x0f", "payload.malformed"),
    "field number 0": (lambda one: PAYLOADS.encode(one) + b"\x00", "payload.malformed"),
    "varint of 11 bytes": (
        lambda one: PAYLOADS.encode(one) + b"\x08" + b"\xff" * 11,
        "payload.malformed",
    ),
    "no audience": (lambda one: _without(one, "audience"), "payload.invalid"),
    "no subject": (lambda one: _without(one, "subject"), "payload.invalid"),
    "no document": (lambda one: _without(one, "document"), "payload.invalid"),
    "newer reader": (lambda one: _changed(one, min_reader=2), "payload.min-reader"),
    "31 February": (lambda one: _changed(one, decided_on=20260231), "payload.date"),
    "the largest date": (lambda one: _changed(one, publish_until=2**32 - 1), "payload.date"),
    "ends before it begins": (lambda one: _changed(one, publish_until=20200101), "payload.date"),
    "control character": (lambda one: _changed(one, document="川\x1b[2J"), "payload.text"),
    "line separator is text": (lambda one: _changed(one, document="川\u2028号"), ""),
    "unknown tier": (lambda one: _changed(one, tier=99), "payload.invalid"),
    "unknown term with an end": (lambda one: _changed(one, term=3), "payload.invalid"),
    "penalty as a listing": (
        lambda one: _changed(one, list_type="administrative-penalty"),
        "payload.list-type",
    ),
    "attested besides its date": (
        lambda one: _and(one, pb.Listing(prior_notice_attested=pb.NoticeAttestation())),
        "payload.invalid",
    ),
    "nine exits": (
        lambda one: _and(one, pb.Listing(exits=[pb.Exit(kind=pb.EXIT_KIND_PERFORMED)] * 9)),
        "payload.invalid",
    ),
}


@pytest.mark.parametrize("lie", MALFORMED)
def test_a_malformed_payload_is_set_aside_and_the_log_goes_on(
    victim: SimNode, stream: Stream, lie: str
) -> None:
    make, code = MALFORMED[lie]
    log = HostileLog()
    raw = make(invented(victim, 1))
    bad = log.say(Kind.LISTING, raw)
    good = log.list_(invented(victim, 2))
    assert stream.send(log.batch()) == ""
    states = {"": State.ACTIVE, "payload.min-reader": State.HELD}
    found = row(victim, bad)
    assert (found.rule, found.state) == (code, states.get(code, State.SET_ASIDE))
    assert row(victim, good).state == State.ACTIVE
    assert stored_payload(victim, bad) == raw
    assert victim.exchange.blamed() == {}
    # People can look at it, and nothing of it can be relied on.
    assert records_of(victim).get(bad).rule == (code or "log.stale")
    assert len(records_of(victim).list("", "", "", 100, "")[0]) == 2


@pytest.mark.parametrize("lie", [lie for lie, (_, code) in MALFORMED.items() if code])
@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_a_relief_with_a_malformed_payload_ends_its_listing_all_the_same(
    victim: SimNode, stream: Stream, kind: Kind, lie: str
) -> None:
    log = HostileLog()
    listed = log.list_(invented(victim, 1))
    other = victim.list_(listing(2, audience=victim.audience()))
    log.say(kind, MALFORMED[lie][0](invented(victim, 2)), about=listed)
    assert stream.send(log.batch()) == ""
    ended = State.REPAIRED if kind == Kind.REPAIR else State.WITHDRAWN
    assert (row(victim, listed).state, victim.state(other)) == (ended, State.ACTIVE)


def test_the_payload_of_another_kind_is_no_payload(victim: SimNode, stream: Stream) -> None:
    log, content = HostileLog(), invented(victim)
    listed = log.list_(content)
    for kind in Kind:
        if kind not in {Kind.LISTING, Kind.REPAIR, Kind.WITHDRAWAL}:
            log.say(kind, PAYLOADS.encode(content), about=listed)
    assert stream.send(log.batch()) == ""
    assert victim.exchange.blamed() == {}
    assert row(victim, listed).state == State.ACTIVE
    assert len(rows(victim)) == log.size
