"""After a start nothing but relief is signed before a member has said what it holds of our log.

Covers node/log/refusals.py, node/log/startup_check.py, node/network/startup_inquiry.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.state.highwater import FileHighWater
from crypto.checkpoint import Checkpoint, sign_checkpoint
from federation.errors import RefusedError
from federation.ids import MemberId
from federation.payloads import Annotation
from federation.peers.frames import Cursor, HeadFrame, Subscribe
from federation.ports.journal import GoOn
from federation.rows import State
from federation.statements import AnnotationAction, Kind
from node.demo.members import DemoMember
from node.log.recovery import Recovering
from node.log.startup_check import PATIENCE_SECONDS
from tests.support import charters as build
from tests.support.backups import backed_up
from tests.support.federation_dirs import SOURCE, WiredNode, found, write_list
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, NEIGHBOUR, HUB = "510500", "510300", "510000"
TWIN = "twin"


@pytest.fixture
def asking(federate: Federate) -> Federation:
    """A federation that has exchanged one listing, all of whose nodes were started again."""
    federation = federate()
    for member in federation.nodes:
        if member != HUB:
            federation.connect(member, HUB)
    say(federation[CITY], 1)
    federation.settle()
    for wire in list(federation.wires):
        federation.cut(wire)
    for node in federation.nodes.values():
        node.asks = True
        node.restart()
    return federation


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Callable[[Federation], SimNode]]:
    """Copies the city's directory to another machine, while it is stopped, and starts the copy."""
    with ExitStack() as stack:

        def copy(federation: Federation) -> SimNode:
            city = federation[CITY]
            city.store.close()
            url = stack.enter_context(backed_up(city.url, tmp_path))
            directory = tmp_path / TWIN
            shutil.copytree(city.directory / "state", directory / "state")
            city.start()
            SimNode.asks, before = True, SimNode.asks
            try:
                twin = SimNode(CITY, city.chains, federation.clock, directory, url)
            finally:
                SimNode.asks = before
            federation.nodes[TWIN] = twin
            return twin

        yield copy


def say(node: SimNode, number: int) -> bytes:
    return node.list_(listing(number, audience=node.audience()))


def refused(node: SimNode, number: int = 90) -> str:
    """Code with which a listing is refused, or empty."""
    try:
        say(node, number)
    except RefusedError as error:
        return error.code
    return ""


def listed_first(node: SimNode) -> bytes:
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        return session.rows_between(head.log, 0, 1)[0].statement_id


def mark_file(node: SimNode) -> Path:
    return node.directory / "state" / "high-water"


def mark_of(node: SimNode) -> int:
    mark = FileHighWater(mark_file(node), node.origin).load()
    assert mark is not None
    return mark[0]


def lose_mark(node: SimNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark is deleted, and the node started as the program starts it."""
    mark_file(node).unlink()
    monkeypatch.setattr(
        SimNode,
        "open_mark",
        lambda self: FileHighWater(mark_file(self), self.origin),
    )
    node.restart()


def refusal_of(node: SimNode) -> str:
    return "" if node.publisher.refusal is None else node.publisher.refusal.code


# ---------------------------------------------------------------- what waits, and what does not


def test_unanswered_relief_is_signed_and_all_else_waits(asking: Federation) -> None:
    city = asking[CITY]
    first = listed_first(city)
    assert refused(city) == "own-log.unanswered"
    assert city.publisher.waiting is not None
    masking = Annotation(
        audience=city.audience(),
        record=listing(1, audience=city.audience()).key,
        authority=build.COURT,
        document="（2026）川05破1号",
        decided_on=listing(1, audience=city.audience()).decided_on,
    )
    draft = city.draft(Kind.ANNOTATION, masking, action=AnnotationAction.MASKING_BEGUN, about=first)
    city.say(draft)
    ended = city.draft(Kind.ANNOTATION, masking, action=AnnotationAction.MASKING_ENDED, about=first)
    with pytest.raises(RefusedError) as caught:
        city.say(ended)
    assert caught.value.code == "own-log.unanswered"
    city.relieve(Kind.REPAIR, first)
    assert city.state(first) == State.REPAIRED
    assert city.publisher.renew_head() is not None
    assert refused(city) == "own-log.unanswered"
    assert mark_of(city) == 3


def test_connected_the_answer_comes_with_the_first_exchange(asking: Federation) -> None:
    asking.connect(CITY, HUB)
    asking.settle()
    assert refused(asking[CITY]) == ""
    assert asking[CITY].publisher.waiting is None


def test_a_listing_once_signed_is_not_asked_for_again(asking: Federation) -> None:
    """Peers that go away later stop nothing: it is the first signature after a start that waits."""
    wire = asking.connect(CITY, HUB)
    assert refused(asking[CITY], 2) == ""
    asking.cut(wire)
    assert refused(asking[CITY], 3) == ""
    asking[CITY].restart()
    assert refused(asking[CITY], 4) == "own-log.unanswered"


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ("cursor", ""),
        ("cursor of nothing", ""),
        ("cursor beyond", "own-log.unanswered"),
        ("cursor of another log", "own-log.unanswered"),
        ("head", ""),
        ("heads", ""),
        ("heads without ours", ""),
    ],
)
def test_what_counts_as_an_answer(asking: Federation, says: str, code: str) -> None:
    """A number beyond ours is no answer, and no proof either: it takes our signature to stop us."""
    city, hub = asking[CITY], asking[HUB]
    session = city.exchange.open_session(hub.member)
    note = hub.exchange.served()[city.origin].note
    cursors = {
        "cursor": (city.origin, 1),
        "cursor of nothing": (city.origin, 0),
        "cursor beyond": (city.origin, 2),
        "cursor of another log": (hub.origin, 0),
    }
    if says in cursors:
        origin, size = cursors[says]
        city.exchange.handle(session, Subscribe(cursors=(Cursor(origin=origin, size=size),)))
    elif says == "head":
        city.exchange.handle(session, HeadFrame(origin=city.origin, checkpoint=note))
    else:
        city.exchange.take_heads(session, [note] if says == "heads" else [], [])
    assert refused(city) == code


def test_after_a_day_listings_wait_no_longer(asking: Federation) -> None:
    asking.clock.advance(PATIENCE_SECONDS - 1)
    assert refused(asking[CITY]) == "own-log.unanswered"
    asking.clock.advance(1)
    assert refused(asking[CITY]) == ""


def test_an_operators_word_counts_for_a_day_and_is_journalled(asking: Federation) -> None:
    city = asking[CITY]
    with pytest.raises(RefusedError) as caught:
        city.publisher.go_on([" "], "")
    assert caught.value.code == "recover.no-name"
    recovering(city).go_on(["王演示"], "机房断网（演示）")
    assert refused(city, 2) == ""
    with city.store.read() as session:
        entry = session.last_entry(GoOn.KIND)
    assert entry is not None
    assert GoOn.of(entry).by == ("王演示",)
    with pytest.raises(RefusedError) as caught:
        city.publisher.go_on(["王演示"], "")
    assert caught.value.code == "recover.not-needed"
    asking.clock.advance(PATIENCE_SECONDS - 1)
    city.restart()
    assert refused(city, 3) == ""
    asking.clock.advance(1)
    city.restart()
    assert refused(city, 4) == "own-log.unanswered"


def recovering(node: SimNode) -> Recovering:
    return Recovering(
        recovery=node.recovery,
        on_writer=lambda job: job(),
        changed=lambda: None,
        peers=node.exchange.peers,
        members=lambda: frozenset(node.trust().peers),
    )


def test_where_there_is_no_other_member_nothing_waits(federate: Federate) -> None:
    federation = federate(HUB, hub=CITY)
    city = federation[CITY]
    city.chains = ()
    city.asks = True
    city.restart()
    assert city.publisher.waiting is None


# ---------------------------------------------------------------- a mark that went missing


def test_a_missing_mark_is_made_again_after_two_answers(
    asking: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = asking[CITY]
    lose_mark(city, monkeypatch)
    asking.connect(CITY, HUB)
    asking.settle()
    assert refusal_of(city) == "high-water.missing"
    with pytest.raises(RefusedError):
        city.relieve(Kind.REPAIR, listed_first(city))
    assert not mark_file(city).exists()
    asking.connect(CITY, NEIGHBOUR)
    assert (refusal_of(city), mark_of(city)) == ("", 1)
    assert refused(city) == ""


def test_a_missing_mark_is_made_again_at_what_a_member_shows(
    asking: Federation, copied: Callable[[Federation], SimNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup without `state/`: a member's checkpoint says how much was signed."""
    twin = copied(asking)
    asking.connect(CITY, HUB)
    say(asking[CITY], 2)
    asking.settle()
    lose_mark(twin, monkeypatch)
    asking.connect(TWIN, HUB)
    asking.settle()
    assert (refusal_of(twin), mark_of(twin)) == ("own-log.behind", 2)


def test_a_missing_mark_is_overridden_by_two_persons_with_a_reason(
    asking: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = asking[CITY]
    lose_mark(city, monkeypatch)
    for by, reason in ((["王演示"], "盘坏"), (["王演示", " 王演示 "], "盘坏"), (["王", "李"], " ")):
        with pytest.raises(RefusedError) as caught:
            city.publisher.go_on(by, reason)
        assert caught.value.code == "recover.two-persons"
    assert not mark_file(city).exists()
    city.publisher.go_on(["王演示", "李演示"], "盘坏，成员均已停机（演示）")
    assert (refusal_of(city), mark_of(city), refused(city)) == ("", 1, "")


def test_a_missing_mark_is_not_made_beside_another_history_than_was_signed(
    asking: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = asking[CITY]
    with city.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        other = Checkpoint(origin=city.origin, size=1, root=bytes(32))
        note = sign_checkpoint(other, build.log_signer(CITY)).to_bytes()
        session.set_head(replace(head, note=note))
    lose_mark(city, monkeypatch)
    city.publisher.go_on(["王演示", "李演示"], "盘坏（演示）")
    assert refusal_of(city) == "high-water.other-root"
    assert not mark_file(city).exists()


# ---------------------------------------------------------------- a directory copied


def test_a_copy_that_is_behind_never_signs_a_second_history(
    asking: Federation, copied: Callable[[Federation], SimNode]
) -> None:
    """The copy asks before it signs; the member shows it the newer checkpoint."""
    twin = copied(asking)
    asking.connect(CITY, HUB)
    say(asking[CITY], 2)
    asking.settle()
    assert refused(twin, 3) == "own-log.unanswered"
    asking.connect(TWIN, HUB)
    asking.settle()
    assert refused(twin, 3) == "own-log.behind"
    asking.settle()
    assert not any(node.exchange.forked() for node in asking.nodes.values())


def test_a_copy_learns_of_what_a_member_has_seen_and_does_not_hold_yet(
    asking: Federation, copied: Callable[[Federation], SimNode]
) -> None:
    """The member was cut off before the leaves came; the checkpoint is enough."""
    twin = copied(asking)
    city, hub = asking[CITY], asking[HUB]
    session = hub.exchange.open_session(city.member)
    asking.connect(CITY, NEIGHBOUR)
    say(city, 2)
    note = city.exchange.served()[city.origin].note
    hub.exchange.handle(session, HeadFrame(origin=city.origin, checkpoint=note))
    hub.exchange.close_session(session)
    answers = hub.exchange.plan(hub.exchange.open_session(twin.member))
    own = twin.exchange.open_session(hub.member)
    twin.exchange.handle(own, answers[0])
    assert refused(twin, 3) == "own-log.behind"


def test_two_live_copies_fork_and_it_shows_within_one_exchange(
    asking: Federation, copied: Callable[[Federation], SimNode]
) -> None:
    """Both were told to go on in isolation: listings never punish again, relief stands."""
    city, neighbour = asking[CITY], asking[NEIGHBOUR]
    first = listed_first(city)
    twin = copied(asking)
    for copy, number in ((city, 2), (twin, 3)):
        copy.publisher.go_on(["王演示"], "断网（演示）")
        say(copy, number)
    city.relieve(Kind.REPAIR, first)
    asking.connect(CITY, HUB)
    asking.connect(NEIGHBOUR, HUB)
    asking.settle()
    asking.connect(TWIN, HUB)
    asking.settle()
    for copy in (city, twin):
        assert refused(copy, 4) == "own-log.forked"
        assert copy.publisher.renew_head() is None
    for node in (neighbour, asking[HUB]):
        assert node.exchange.forked() == {city.origin}
        with node.store.read() as session:
            head = session.head(city.origin)
        assert head is not None
        assert node.doubts.of_log(head) == "log.forked"
        assert node.state(first) == State.REPAIRED


# ---------------------------------------------------------------- a node as it is wired


def test_files_but_reliefs_lie_until_a_member_has_answered(tmp_path: Path) -> None:
    """And the status says so, as it does not for a node whose log is refused altogether."""
    members = (DemoMember(region=CITY, name="泸州"), DemoMember(region=NEIGHBOUR, name="自贡"))
    found(tmp_path, members)
    city = WiredNode(tmp_path / CITY, asks=True)
    try:
        folder = tmp_path / CITY / "inbox" / SOURCE
        write_list(folder / "list.csv", CITY, range(2))
        (folder / "repair.csv").write_text("x\n", "utf-8")
        for name in ("list.csv", "repair.csv"):
            (folder / f"{name}.done").touch()
        city.job("reliefs")
        city.job("inbox")
        assert (folder / "list.csv").exists()
        assert not (folder / "repair.csv").exists()
        assert "own-log.unanswered" in city.problems()
        city.job("erasure")  # has nothing to do, and nothing to complain of
        city.publisher.heard(MemberId(NEIGHBOUR), 0)
        city.job("inbox")
        assert not (folder / "list.csv").exists()
        assert city.logs()[city.origin]["size"] == 2
        assert "own-log.unanswered" not in city.problems()
    finally:
        city.close()
