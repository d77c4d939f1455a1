"""A database set back: our own log comes back from peers, and is never signed twice.

Covers node/log/recovery.py, node/log/refill.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from adapters.files.listings import ListingRow
from adapters.state.highwater import FileHighWater
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import (
    Audience,
    Commendation,
    Erasure,
    ErasureGround,
    Listed,
    Listing,
    Penalty,
    RelistingGround,
)
from federation.reconcile.catalog import Catalog
from federation.rows import OpeningStatus, State
from federation.statements import AnnotationAction, Kind
from node.intake.known_rows import Moment
from node.intake.listings import ListingFeed
from node.intake.other_names import OtherNames
from node.intake.planned import Outcome
from node.intake.row_making import RowMaking
from node.log.recovery import Recovered, Recovering
from node.publishing.plausibility import looked_at
from tests.scenarios.test_relief_without_record import lose
from tests.support.backups import backed_up
from tests.support.payload_kinds import PENALTY
from tests.support.simulation import Federation, SimNode, listing
from tests.support.telling import receipt_job, said_of

Federate = Callable[..., Federation]
CITY, NEIGHBOUR, HUB = "510500", "510300", "510000"


@pytest.fixture
def backup(tmp_path: Path) -> Iterator[Callable[[SimNode], str]]:
    """Takes a backup of a node's database while the node is stopped."""
    with ExitStack() as stack:

        def take(node: SimNode) -> str:
            node.store.close()
            url = stack.enter_context(backed_up(node.url, tmp_path))
            node.start()
            return url

        yield take


def restore(federation: Federation, node: SimNode, url: str) -> None:
    """Start the node on another database; what is in `state/` stays."""
    node.store.close()
    node.url = url
    node.start()
    federation.reconnect(node.member)


def recover(federation: Federation, node: SimNode) -> Recovered:
    """What `huxin recover` does, with the fake network in the place of the streams."""
    recovering = Recovering(
        recovery=node.recovery,
        on_writer=lambda job: job(),
        changed=lambda: exchange_all(federation),
        peers=node.exchange.peers,
        members=lambda: frozenset(node.trust().peers),
    )
    return recovering.recover(0, lambda _: None)


def exchange_all(federation: Federation) -> None:
    for wire in federation.wires:
        federation.subscribe(wire)
    federation.settle()


def refusal_of(node: SimNode) -> str:
    return "" if node.publisher.refusal is None else node.publisher.refusal.code


def mark_of(node: SimNode) -> tuple[int, bytes]:
    mark = FileHighWater(node.directory / "state" / "high-water", node.origin).load()
    assert mark is not None
    return mark


def connected(federate: Federate) -> tuple[Federation, SimNode]:
    federation = federate()
    for member in federation.nodes:
        if member != HUB:
            federation.connect(member, HUB)
    return federation, federation[CITY]


def test_a_restored_backup_is_refilled_and_signed_on(
    federate: Federate, backup: Callable[[SimNode], str]
) -> None:
    federation, city = connected(federate)
    first = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    older = backup(city)
    federation.reconnect(CITY)
    second = city.list_(listing(2, audience=city.audience()))
    city.relieve(Kind.REPAIR, first)
    city.list_(listing(3, audience=city.audience()))
    federation.settle()
    before, signed = city.states(), mark_of(city)
    restore(federation, city, older)
    assert refusal_of(city) == "high-water.ahead"
    federation.settle()
    with pytest.raises(RefusedError, match="signed 4 leaves"):
        city.list_(listing(4, audience=city.audience()))
    done = recover(federation, city)
    assert (done.size, done.refilled, done.openings, done.done) == (4, 3, 3, True)
    assert (refusal_of(city), mark_of(city)) == ("", signed)
    assert city.states() == before
    assert (city.state(first), city.state(second)) == (State.REPAIRED, State.ACTIVE)
    assert not city.recovery.active
    city.list_(listing(4, audience=city.audience()))
    federation.settle()
    federation.assert_equal()
    assert not any(node.exchange.forked() for node in federation.nodes.values())
    assert not any(wire.errors for wire in federation.wires)


def test_a_lost_database_comes_back_whole(
    federate: Federate, databases: Callable[[str], str]
) -> None:
    federation, city = connected(federate)
    for number in range(1, 5):
        city.list_(listing(number, audience=city.audience()))
    federation[NEIGHBOUR].list_(
        listing(9, audience=federation[NEIGHBOUR].audience(), authority="510300-court")
    )
    federation.settle()
    before = city.states()
    restore(federation, city, databases("fresh"))
    assert refusal_of(city) == "high-water.ahead"
    federation.settle()
    assert recover(federation, city).refilled == 4
    assert city.states() == before
    city.restart()
    assert refusal_of(city) == ""


def test_more_than_the_mark_knows_comes_back_where_a_peer_shows_it(
    federate: Federate, backup: Callable[[SimNode], str]
) -> None:
    """Mark and database were both set back: a peer's checkpoint says how much was signed."""
    federation, city = connected(federate)
    city.list_(listing(1, audience=city.audience()))
    federation.settle()
    path = city.directory / "state" / "high-water"
    older, mark = backup(city), path.read_bytes()
    federation.reconnect(CITY)
    city.list_(listing(2, audience=city.audience()))
    federation.settle()
    path.write_bytes(mark)
    restore(federation, city, older)
    assert refusal_of(city) == ""
    federation.settle()
    assert refusal_of(city) == "own-log.behind"
    assert recover(federation, city).refilled == 1
    assert refusal_of(city) == ""
    federation.assert_equal()


def test_who_was_asked_and_what_is_missing_is_said(
    federate: Federate, backup: Callable[[SimNode], str]
) -> None:
    """The last leaf reached nobody: what peers hold comes back, and nothing is signed."""
    federation, city = connected(federate)
    older = backup(city)
    federation.reconnect(CITY)
    city.list_(listing(1, audience=city.audience()))
    federation.settle()
    for wire in list(federation.wires):
        federation.cut(wire)
    city.list_(listing(2, audience=city.audience()))
    restore(federation, city, older)
    with pytest.raises(RefusedError, match="nobody is connected") as refused:
        recover(federation, city)
    assert refused.value.code == "recover.incomplete"
    federation.connect(CITY, HUB)
    with pytest.raises(
        RefusedError, match=r"leaves 1 to 1 .* 1 came back; .* 510000: 1"
    ) as refused:
        recover(federation, city)
    assert refused.value.code == "recover.incomplete"
    assert refusal_of(city) == "high-water.ahead"
    city.restart()
    assert refusal_of(city) == "high-water.ahead"


def test_another_history_than_was_signed_is_not_taken(
    federate: Federate, backup: Callable[[SimNode], str], tmp_path: Path
) -> None:
    """Two copies of the node signed; the peers hold the other one's history."""
    federation, city = connected(federate)
    city.list_(listing(1, audience=city.audience()))
    federation.settle()
    path = city.directory / "state" / "high-water"
    older, mark = backup(city), path.read_bytes()
    federation.reconnect(CITY)
    city.list_(listing(2, audience=city.audience()))
    federation.settle()
    for wire in list(federation.wires):
        federation.cut(wire)
    path.write_bytes(mark)
    with backed_up(older, tmp_path) as copy:
        restore(federation, city, copy)
        city.list_(listing(3, audience=city.audience()))
        city.store.close()
    restore(federation, city, older)
    federation.connect(CITY, HUB)
    with pytest.raises(RefusedError) as refused:
        recover(federation, city)
    assert refused.value.code == "recover.other-history"
    assert refusal_of(city) in ("high-water.ahead", "own-log.forked")
    assert city.sizes()[city.origin] == 1


def test_nothing_is_recovered_where_nothing_is_missing(federate: Federate) -> None:
    federation, city = connected(federate)
    with pytest.raises(RefusedError) as refused:
        recover(federation, city)
    assert refused.value.code == "recover.not-needed"


def test_where_no_charter_names_another_member_it_ends_at_once(
    federate: Federate, backup: Callable[[SimNode], str]
) -> None:
    federation, city = connected(federate)
    older = backup(city)
    federation.reconnect(CITY)
    city.list_(listing(1, audience=city.audience()))
    restore(federation, city, older)
    recovering = Recovering(
        recovery=city.recovery,
        on_writer=lambda job: job(),
        changed=lambda: pytest.fail("nobody is to be asked"),
        peers=city.exchange.peers,
        members=frozenset,
    )
    with pytest.raises(RefusedError) as refused:
        recovering.recover(3600, lambda _: None)
    assert (refused.value.code, city.recovery.active) == ("recover.no-members", False)


def test_what_was_erased_stays_erased(federate: Federate, backup: Callable[[SimNode], str]) -> None:
    federation, city = connected(federate)
    first = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    older = backup(city)
    federation.reconnect(CITY)
    city.relieve(Kind.REPAIR, first)
    erasure = Erasure(ground=ErasureGround.REPAIRED, erased_at=federation.clock.now())
    city.say(city.draft(Kind.ERASURE, erasure, about=first))
    federation.settle()
    restore(federation, city, older)
    recover(federation, city)
    with city.store.read() as session:
        (row,) = [r for r in session.rows_by_id(None, [first]) if r.kind == Kind.LISTING]
        assert row.opening == OpeningStatus.ERASED
        assert not session.openings(row.log, [row.idx])
    assert city.state(first) == State.REPAIRED


def test_while_openings_come_back_nothing_is_called_erased(
    federate: Federate, backup: Callable[[SimNode], str]
) -> None:
    """The hub has our leaves and not what is in them: that stays to be asked of others."""
    federation, city = connected(federate)
    neighbour = federation[NEIGHBOUR]
    older = backup(city)
    federation.reconnect(CITY)
    masked, relieved = (city.list_(listing(n, audience=city.audience())) for n in (1, 2))
    federation.settle()
    for wire in list(federation.wires):
        federation.cut(wire)
    for listed in (masked, relieved):
        lose(federation[HUB], listed)
    restore(federation, city, older)
    federation.connect(CITY, HUB)
    done = recover(federation, city)
    assert (done.refilled, done.openings, done.done) == (2, 0, True)

    def annotate(action: int) -> None:
        submission = city.registry.annotate(
            city.tokens(16).hex(),
            statement_id=masked,
            action=action,
            document="",
            decided_on=Date(20261121),
        )
        city.run(submission.unit)

    def relist() -> None:
        submission = city.registry.relist(
            city.tokens(16).hex(),
            relief=relief,
            document="川撤〔2026〕1号",
            decided_on=Date(20261121),
            ground=RelistingGround.FRAUD,
            by=("示例人甲", "示例人乙"),
            note="",
        )
        city.run(submission.unit)

    annotate(AnnotationAction.MASKING_BEGUN)
    relief = city.relieve(Kind.REPAIR, relieved)
    assert (city.state(masked), city.state(relieved)) == (State.MASKED, State.REPAIRED)
    for again in (partial(annotate, AnnotationAction.MASKING_ENDED), relist):
        with pytest.raises(RefusedError) as refused:
            again()
        assert refused.value.code == "record.pending"
    missing = city.exchange.missing_openings(9)
    assert missing == {city.origin: [0, 1]}
    given = neighbour.exchange.openings_for(city.member, city.origin, [0, 1])
    taken = city.exchange.take_openings(
        city.origin, list(zip((0, 1), given, strict=True)), neighbour.member
    )
    assert taken == 2
    federation.connect(CITY, NEIGHBOUR)
    federation.settle()
    annotate(AnnotationAction.MASKING_ENDED)
    relist()
    federation.settle()
    for node in (city, neighbour):
        assert (node.state(masked), node.state(relieved)) == (State.ACTIVE, State.ACTIVE)


def award(number: int, audience: Audience) -> Commendation:
    """One of a list of the trustworthy."""
    like = listing(number, audience=audience)
    return Commendation(
        audience=audience,
        subject=like.subject,
        list_type=like.list_type,
        authority=like.authority,
        authority_name=like.authority_name,
        document=like.document,
        decided_on=like.decided_on,
        valid_until=Date(20270430),
        source=like.source,
    )


def penalty(number: int, audience: Audience) -> Penalty:
    """One of 双公示."""
    like = listing(number, audience=audience)
    said = replace(PENALTY, audience=audience, subject=like.subject, source=like.source)
    return replace(said, authority=like.authority, document=like.document)


def listed(number: int, audience: Audience) -> Listing:
    """One of a list of those who are punished."""
    return listing(number, audience=audience)


@pytest.mark.parametrize("made", [listed, award, penalty])
def test_the_same_file_again_publishes_nothing(
    federate: Federate,
    backup: Callable[[SimNode], str],
    made: Callable[[int, Audience], Listed],
) -> None:
    """Rows published after the backup are learned from the log, relieved ones are not relisted."""
    federation, city = connected(federate)
    moment = Moment(audience=city.audience(), today=city.clock.today(), catalog=Catalog(()))
    name = f"court/{made(1, city.audience()).list_type}"
    making = RowMaking(
        name,
        payloads=city.payloads,
        tagger=city.keyring,
        look=looked_at,
        moment=lambda: moment,
    )
    rows = [
        making.row(
            ListingRow(
                row=n,
                listing=made(n, city.audience()),
                row_key=made(n, city.audience()).source.key,
                notices=(),
            )
        )
        for n in range(1, 5)
    ]

    def publish() -> Outcome:
        feed = ListingFeed(
            name=name,
            making=making,
            registry=city.registry,
            statements=city.statements,
            tagger=city.keyring,
            names=OtherNames(
                subjects=lambda _scheme, _codes: {}, tagger=city.keyring, now=city.clock.now
            ),
            today=city.clock.today,
        )
        outcome = Outcome()
        city.run(feed.unit(rows, outcome))
        return outcome

    federation.settle()
    older = backup(city)
    federation.reconnect(CITY)
    assert publish().published == 4
    with city.store.read() as session:
        head = session.head(city.origin)
        assert head is not None
        first = session.rows_between(head.log, 0, 1)[0].statement_id
        feed_rows = sorted(session.feed_rows(name, None), key=str)
    city.relieve(Kind.REPAIR, first)
    federation.settle()
    restore(federation, city, older)
    recover(federation, city)
    again = publish()
    assert (again.published, again.refused, again.held) == (0, [], [])
    assert {d.value: n for d, n in again.decisions.items()} == {
        "relieved-before": 1,
        "unchanged": 3,
    }
    with city.store.read() as session:
        learned = sorted(session.feed_rows(name, None), key=str)
    assert learned == feed_rows


def test_what_was_told_of_others_leaves_is_not_told_again(
    federate: Federate, backup: Callable[[SimNode], str]
) -> None:
    federation, node = connected(federate)
    neighbour = federation[NEIGHBOUR]
    early = backup(node)
    federation.reconnect(CITY)
    neighbour.list_(listing(1, audience=neighbour.audience()))
    federation.settle()
    node.reconcile()
    assert receipt_job(node).run() == 1
    federation.settle()
    restore(federation, node, early)
    recover(federation, node)
    federation.settle()
    node.reconcile()
    assert receipt_job(node).run() == 0
    assert said_of(node, neighbour.origin) == [(0, "applied", "record.recognised")]
