"""Members that say what is not theirs to say: no effect, and the rule says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from federation.charters.chain import advance
from federation.charters.trust import Trust
from federation.charters.verification import Cut, Entitlements, Member, Role
from federation.ids import Date, Origin, StatementId
from federation.life.suppression import SUPPRESSED
from federation.payloads import (
    Annotation,
    Correction,
    Listing,
    Receipt,
    ReceiptBatch,
    Relisting,
    RelistingGround,
)
from federation.peers.frames import Cursor, Subscribe
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus, State
from federation.statements import FLAG_SUSPEND_IF_UNKNOWN, AnnotationAction, Kind
from node.charters.view import TrustView
from tests.support import charters as build
from tests.support.liar import (
    HostileLog,
    Stream,
    invented,
    records_of,
    row,
    rows,
    stored_leaves,
)
from tests.support.simulation import Federation, SimNode, leaf_hash_of, listing

Federate = Callable[..., Federation]
HUB, HONEST = "510000", "511500"
LIARS_AUTHORITY = "11510300MB0000002B"
LIARS_RIGHTS = Entitlements(
    kinds=build.ALL_KINDS,
    lists=(replace(build.LIST_RIGHTS[0], authorities=(LIARS_AUTHORITY,)),),
)
ENDS = pytest.mark.parametrize(
    ("kind", "ended"), [(Kind.REPAIR, State.REPAIRED), (Kind.WITHDRAWAL, State.WITHDRAWN)]
)


def alliance(liar: Member) -> list[Member]:
    """The usual four, among them this one."""
    cities = [build.make_member("510500"), build.make_member(HONEST)]
    return [liar, *cities, build.make_member(HUB, roles=(Role.HUB, Role.WITNESS))]


@pytest.fixture
def victim(federate: Federate) -> SimNode:
    """A node of an alliance in which the liar may say every kind, for its own authority only."""
    liar = build.make_member("510300", entitlements=LIARS_RIGHTS)
    return federate("510500", members=alliance(liar))["510500"]


@pytest.fixture
def honest(victim: SimNode) -> HostileLog:
    """The log of 511500, which is competent for the court, and lies no more than it must here."""
    log = HostileLog(HONEST)
    log.list_(invented(victim, 1))
    assert Stream(victim, HONEST).send(log.batch()) == ""
    return log


def id_at(log: HostileLog, index: int) -> StatementId:
    """The statement id in a leaf."""
    return StatementId(log.leaves[index][12:28])


def goes_on(victim: SimNode, honest: HostileLog, number: int) -> StatementId:
    """The honest log says one more listing, and the victim takes it."""
    listed = honest.list_(invented(victim, number))
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    return listed


def tagged(node: SimNode, content: Listing) -> bool:
    """Whether a suppression tag stands for a record."""
    with node.store.read() as session:
        return bool(session.suppressed(list(node.keyring.suppression(content.key.pack()))))


# ---------------------------------------------------------------------------- relief


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_relief_by_an_origin_that_is_not_competent_has_no_effect(
    victim: SimNode, stream: Stream, honest: HostileLog, kind: Kind
) -> None:
    listed = id_at(honest, 0)
    liar, content = HostileLog(), invented(victim, 1)
    own = victim.list_(content)
    liar.relieve(content, listed, kind)
    liar.relieve(content, own, kind)
    liar.say(kind, b"unreadable", about=listed)
    liar.say(kind, b"", about=own, version=2, flags=FLAG_SUSPEND_IF_UNKNOWN)
    assert stream.send(liar.batch()) == ""
    assert {row(victim, listed, HONEST).state, victim.state(own)} == {State.ACTIVE}
    assert (row(victim, listed, HONEST).rule, row(victim, own, "510500").rule) == ("", "")
    assert victim.exchange.blamed() == {}


@ENDS
def test_relief_by_an_origin_that_is_not_competent_keeps_no_later_listing_away(
    victim: SimNode, stream: Stream, honest: HostileLog, kind: Kind, ended: State
) -> None:
    """No suppression tag is made of it, before or after the listing."""
    liar, content = HostileLog(), invented(victim, 7)
    liar.relieve(content, build.seed("nothing")[:16], kind)
    assert stream.send(liar.batch()) == ""
    assert not tagged(victim, content)
    listed = goes_on(victim, honest, 7)
    assert (row(victim, listed, HONEST).state, row(victim, listed, HONEST).rule) == (
        State.ACTIVE,
        "",
    )
    own = victim.list_(content)
    assert victim.state(own) == State.ACTIVE
    # Its true issuers relieve it as ever, and that makes the tag.
    honest.relieve(content, listed, kind)
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    assert {row(victim, listed, HONEST).state, victim.state(own)} == {ended}
    assert tagged(victim, content)


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_relief_of_a_false_copy_keeps_no_true_listing_away(
    victim: SimNode, stream: Stream, honest: HostileLog, kind: Kind
) -> None:
    """The liar lists another authority's record itself, which is set aside, and relieves that."""
    liar, content = HostileLog(), invented(victim, 7)
    copy = liar.list_(content)
    liar.relieve(content, copy, kind)
    assert stream.send(liar.batch()) == ""
    assert row(victim, copy).rule == "entitlement.authority"
    assert not tagged(victim, content)
    listed = goes_on(victim, honest, 7)
    assert row(victim, listed, HONEST).state == State.ACTIVE


@ENDS
def test_relief_that_names_another_record_than_its_listing_ends_its_listing_alone(
    victim: SimNode, stream: Stream, honest: HostileLog, kind: Kind, ended: State
) -> None:
    liar, content = HostileLog(), invented(victim, 7)
    mine = listing(8, audience=victim.audience(), authority=LIARS_AUTHORITY)
    listed = liar.list_(mine)
    relief = liar.relieve(content, listed, kind)
    assert stream.send(liar.batch()) == ""
    assert (row(victim, listed).state, row(victim, listed).rule) == (ended, "relief.direct")
    assert row(victim, relief).rule == "relief.record-differs"
    assert (tagged(victim, content), tagged(victim, mine)) == (False, True)
    true = goes_on(victim, honest, 7)
    assert row(victim, true, HONEST).state == State.ACTIVE


@ENDS
def test_relief_by_an_origin_that_is_competent_ends_every_copy(
    victim: SimNode, honest: HostileLog, kind: Kind, ended: State
) -> None:
    content = invented(victim, 1)
    own = victim.list_(content)
    honest.relieve(content, id_at(honest, 0), kind)
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    assert (victim.state(own), row(victim, own, "510500").rule) == (ended, "relief.follows-record")
    late = victim.list_(content)
    assert victim.state(late) == ended


def test_relief_by_its_own_origin_acts_though_the_id_is_another_statements(
    victim: SimNode, honest: HostileLog
) -> None:
    """An id used twice: the first listing counts, relief acts whatever its id."""
    first = id_at(honest, 0)
    honest.say(Kind.LISTING, honest.openings[0].payload, statement_id=first)
    honest.say(Kind.COMMENDATION, b"", statement_id=first)
    relief = honest.say(Kind.REPAIR, b"", statement_id=first, about=first)
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    found = rows(victim, HONEST)
    assert [(r.state, r.rule) for r in found] == [
        (State.REPAIRED, "relief.direct"),
        (State.SET_ASIDE, "statement.repeated"),
        (State.SET_ASIDE, "statement.repeated"),
        (State.IN_FORCE, ""),
    ]
    assert relief == first


def test_an_id_of_another_log_is_another_statement(
    victim: SimNode, stream: Stream, honest: HostileLog
) -> None:
    """The liar takes the ids of others' listings, which all can read in the headers."""
    own = victim.list_(invented(victim, 2))
    mine = listing(8, audience=victim.audience(), authority=LIARS_AUTHORITY)
    liar = HostileLog()
    for taken in (own, id_at(honest, 0)):
        liar.say(Kind.LISTING, mine, statement_id=taken)
        liar.say(Kind.WITHDRAWAL, b"", about=taken)
    assert stream.send(liar.batch()) == ""
    assert (row(victim, own, "510500").state, row(victim, own, "510500").rule) == (State.ACTIVE, "")
    assert row(victim, id_at(honest, 0), HONEST).state == State.ACTIVE
    assert row(victim, own).state == State.WITHDRAWN
    victim.relieve(Kind.REPAIR, own)
    assert row(victim, own, "510500").state == State.REPAIRED


# ---------------------------------------------------------------------------- other acts


def relisting(content: Listing, *reliefs: bytes) -> Relisting:
    """Revokes reliefs, by two persons."""
    return Relisting(
        audience=content.audience,
        reliefs=tuple(map(StatementId, reliefs)),
        document="川撤〔2026〕1号",
        decided_on=Date(20261121),
        ground=RelistingGround.FRAUD,
        approvals=2,
        payload=content,
    )


def test_relisting_by_another_origin_revives_nothing(
    victim: SimNode,
    stream: Stream,  # noqa: ARG001 - opens the stream over which the honest log comes
    honest: HostileLog,
) -> None:
    content, listed = invented(victim, 1), id_at(honest, 0)
    own = victim.list_(content)
    relief = honest.relieve(content, listed)
    assert Stream(victim, HONEST).send(honest.batch()) == ""
    for member in ("510300", HUB):
        liar = HostileLog(member)
        fake = liar.relieve(content, listed)
        liar.say(Kind.RELISTING, relisting(content, relief), about=relief)
        liar.say(Kind.RELISTING, relisting(content, fake, relief), about=fake)
        liar.say(Kind.RELISTING, relisting(content, relief), about=listed)
        assert Stream(victim, member).send(liar.batch()) == ""
        assert {row(victim, listed, HONEST).state, victim.state(own)} == {State.REPAIRED}
        assert tagged(victim, content)
    again = victim.list_(content)
    assert victim.state(again) == State.REPAIRED


@pytest.mark.parametrize("kind", [Kind.CORRECTION, Kind.ANNOTATION])
def test_acts_on_anothers_listing_have_no_effect(
    victim: SimNode, stream: Stream, honest: HostileLog, kind: Kind
) -> None:
    content, listed = invented(victim, 1), id_at(honest, 0)
    liar = HostileLog()
    correction = Correction(
        audience=content.audience,
        replaces=leaf_hash_of(victim, listed),
        payload=replace(content, publish_until=Date(20261122)),
    )
    note = Annotation(
        audience=content.audience,
        record=content.key,
        authority=build.COURT,
        document="川异〔2026〕1号",
        decided_on=Date(20261101),
    )
    for action in AnnotationAction if kind == Kind.ANNOTATION else (0,):
        liar.say(kind, note if action else correction, action=action, about=listed)
        liar.say(kind, b"", action=action, about=listed)
    assert stream.send(liar.batch()) == ""
    found = row(victim, listed, HONEST)
    assert (found.state, found.rule, found.current) == (State.ACTIVE, "", 0)
    assert records_of(victim).get(listed).annotations == ()


@pytest.mark.parametrize("origin", ["511500.huxin.example/1", "510500.huxin.example/1", "x/1"])
def test_receipts_about_others_say_nothing_of_them(
    victim: SimNode, stream: Stream, honest: HostileLog, origin: str
) -> None:
    """Of a third one's leaves, of our own, and of leaves that nobody has."""
    listed, own = id_at(honest, 0), victim.list_(invented(victim, 7))
    liar = HostileLog()
    for outcome in range(1, 7):
        batch = ReceiptBatch(outcome=outcome, reason="x", indices=(0, 1, 2**63 - 1))
        liar.say(Kind.RECEIPT, Receipt(origin=Origin(origin), batches=(batch,)), about=listed)
        liar.say(Kind.RECEIPT, Receipt(origin=Origin(origin), batches=(batch,)))
    assert stream.send(liar.batch()) == ""
    assert stored_leaves(victim) == liar.leaves
    assert {row(victim, listed, HONEST).state, victim.state(own)} == {State.ACTIVE}
    assert row(victim, listed, HONEST).rule == ""
    assert victim.exchange.blamed() == {}


def test_a_listing_for_anothers_authority_is_set_aside(
    victim: SimNode, stream: Stream, honest: HostileLog
) -> None:
    liar = HostileLog()
    false = liar.list_(invented(victim, 9))
    other = liar.list_(listing(9, audience=victim.audience(), list_type="major-tax-violation"))
    true = liar.list_(listing(9, audience=victim.audience(), authority=LIARS_AUTHORITY))
    assert stream.send(liar.batch()) == ""
    assert [row(victim, one).rule for one in (false, other, true)] == [
        "entitlement.authority",
        "entitlement.list-type",
        "",
    ]
    assert row(victim, goes_on(victim, honest, 9), HONEST).state == State.ACTIVE


# ---------------------------------------------------------------------------- cuts


def cut_at(node: SimNode, log: HostileLog, size: int, *, expel: bool = False) -> None:
    """A new version of the charter closes the liar's segment there; the node adopts it."""
    cut = Cut(size=size, root=log.root(size), note=log.note(size))
    segment = build.make_segment(log.member, cut=cut)
    liar = build.make_member(log.member, segments=(segment,))
    if expel:
        liar = replace(liar, certificates=(), endpoints=(), receives=())
    (chain,) = node.chains
    others = [m for m in chain.latest.terms.members if m.id != log.member]
    terms = build.next_version(chain.latest, members=(liar, *others))
    node.chains = (advance(chain, build.sign_all(terms)),)
    node.view = TrustView(Trust(node.chains, node.clock.now()), node.origin)
    node.exchange.charters_changed()


@pytest.fixture
def open_victim(federate: Federate) -> SimNode:
    """A node of an alliance in which the liar may say everything, until it is cut."""
    return federate("510500")["510500"]


@pytest.mark.parametrize("learnt", ["before", "after"])
def test_leaves_beyond_the_cut_never_punish_and_their_relief_suspends(
    open_victim: SimNode, learnt: str
) -> None:
    victim = open_victim
    log, stream = HostileLog(), Stream(victim)
    kept, ended, doubted = (log.list_(invented(victim, n)) for n in (1, 2, 3))
    own = victim.list_(invented(victim, 3))
    log.relieve(invented(victim, 2), ended)
    if learnt == "before":
        cut_at(victim, log, 4)
    at_cut = log.list_(invented(victim, 5))
    beyond = log.list_(invented(victim, 6))
    log.relieve(invented(victim, 3), doubted, Kind.WITHDRAWAL)
    assert stream.send(log.batch()) == ""
    if learnt == "after":
        assert row(victim, at_cut).state == State.ACTIVE
        cut_at(victim, log, 4)
    assert stored_leaves(victim) == log.leaves
    assert [(row(victim, one).state, row(victim, one).rule) for one in (at_cut, beyond)] == [
        (State.SET_ASIDE, "entitlement.segment")
    ] * 2
    assert row(victim, ended).state == State.REPAIRED
    assert row(victim, doubted).state == State.ACTIVE
    assert row(victim, doubted).rule == "suspended.relief-beyond-cut"
    assert row(victim, kept).rule == ""
    assert victim.state(own) == State.ACTIVE
    assert victim.exchange.blamed() == {}


def test_relief_beyond_the_cut_keeps_no_later_listing_away(open_victim: SimNode) -> None:
    victim, log = open_victim, HostileLog()
    listed = log.list_(invented(victim, 1))
    cut_at(victim, log, 1)
    log.relieve(invented(victim, 1), listed)
    log.relieve(invented(victim, 2), build.seed("none")[:16])
    assert Stream(victim).send(log.batch()) == ""
    for number in (1, 2):
        assert not tagged(victim, invented(victim, number))
        own = victim.list_(invented(victim, number))
        assert row(victim, own, "510500").rule != SUPPRESSED
        assert victim.state(own) == State.ACTIVE


def test_an_expelled_member_that_streams_on_changes_nothing(open_victim: SimNode) -> None:
    victim, log = open_victim, HostileLog()
    stream = Stream(victim)
    kept = log.list_(invented(victim, 1))
    assert stream.send(log.batch()) == ""
    own = victim.list_(invented(victim, 2))
    assert stream.send(Subscribe(cursors=(Cursor(origin=victim.origin, size=0),))) == ""
    assert stream.sent()
    cut_at(victim, log, 1, expel=True)
    later = log.list_(invented(victim, 3))
    log.relieve(invented(victim, 2), own)
    assert stream.send(log.batch(), log.head()) == ""
    assert row(victim, later).rule == "entitlement.segment"
    assert victim.state(own) == State.ACTIVE
    # What relieved a subject before stays as it is; nothing punishes for a member that has ended.
    assert records_of(victim).get(kept).rule in {"entitlement.ended", "log.stale"}
    # On its old stream it gets no opening any more, and on a new call not even a log.
    victim.list_(invented(victim, 4))
    batches = [f for f in stream.sent() if isinstance(f, DeliveredBatch)]
    assert {o.status for b in batches for o in b.openings} <= {OpeningStatus.NOT_FOR_US}
    assert stream.send(Subscribe(cursors=(Cursor(origin=victim.origin, size=0),))) == ""
    assert [type(frame).__name__ for frame in stream.sent()] == ["Refusal"]
    assert victim.view.by_certificate(build.certificate("510300")) is None
