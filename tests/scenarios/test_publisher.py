"""Our own log: when it is signed, when never again, and what a refused request leaves behind.

Covers node/log/batch_reading.py, node/log/chains.py, node/log/mark_check.py, node/log/publisher.py,
node/log/tiles.py, node/publishing/own_statements.py, node/publishing/registry.py,
node/publishing/submissions.py, node/records/proofs.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest

from adapters.errors import HighWaterError, UnreachableError
from adapters.sql.store import SqlStore, open_store
from adapters.state.highwater import FILE_SIZE, FileHighWater
from adapters.state.keyring import KeyRing
from crypto.checkpoint import open_checkpoint
from crypto.commitment import MAX_PAYLOAD
from crypto.cosignature import verify_cosignatures
from crypto.merkle import EMPTY_ROOT, root_of
from crypto.notes import parse_note
from crypto.strict import b64
from federation.errors import RefusedError, ReplicationError
from federation.ids import Date, LeafHash, Origin, StatementId
from federation.own_log import Draft
from federation.payloads import Audience, Correction, Listing
from federation.peers.frames import HeadFrame
from federation.ports.highwater import HighWater
from federation.ports.journal import JournalEntry
from federation.ports.store import ReadSession, Store, WriteSession
from federation.rows import State
from federation.statements import AnnotationAction, Kind
from node.demo.members import LUZHOU, ZIGONG
from node.directory.marks import HIGH_WATER_FILE
from node.log.ledger import Ledger
from node.log.publisher import GROUP_MAX, Publisher
from node.log.startup_check import StartupCheck
from node.log.units import Placed, Unit
from node.log.writer import Writer
from node.publishing.submissions import Submission
from node.system.disk import Reserve
from node.system.failpoints import Failpoints
from tests.support import charters as build
from tests.support.federation_dirs import WiredNode, exchange_all, found, listing_of
from tests.support.marks import put_mark, tear_newest
from tests.support.simulation import Federation, SimNode, listing

CITY, PEER = LUZHOU, ZIGONG
Open = Callable[[str], WiredNode]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nodes that know each other; the city has said two things, and the peer holds them."""
    directory = tmp_path_factory.mktemp("publisher")
    found(directory, (CITY, PEER))
    city, peer = (WiredNode(directory / member.region) for member in (CITY, PEER))
    for number in (1, 2):
        city.list_(f"{number:032x}", number)
    exchange_all(city, peer)
    city.close()
    peer.close()
    return directory


@pytest.fixture
def nodes(founded: Path, tmp_path: Path) -> Path:
    shutil.copytree(founded, tmp_path / "nodes")
    return tmp_path / "nodes"


@pytest.fixture
def start(nodes: Path) -> Iterator[Open]:
    """Starts a node on its directory; whatever was started is closed at the end."""
    started: list[WiredNode] = []

    def begin(region: str) -> WiredNode:
        started.append(WiredNode(nodes / region))
        return started[-1]

    yield begin
    for node in started:
        node.close()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[SimNode]:
    """One simulated node with a clock of its own."""
    chain = build.make_chain([build.make_member("510500")])
    federation = Federation(tmp_path, ["510500"], [chain])
    yield federation["510500"]
    federation["510500"].store.close()


def mark_of(nodes: Path) -> Path:
    return nodes / CITY.region / "state" / HIGH_WATER_FILE


def saved(nodes: Path) -> Path:
    """A copy of the city's directory, as a snapshot of its machine."""
    copy = nodes / "saved"
    shutil.copytree(nodes / CITY.region, copy)
    return copy


def files_of_database(folder: Path) -> list[Path]:
    return list(folder.glob("huxin.db*"))


def put_back_database(nodes: Path, copy: Path) -> None:
    for path in files_of_database(nodes / CITY.region):
        path.unlink()
    for path in files_of_database(copy):
        shutil.copy(path, nodes / CITY.region / path.name)


# ---------------------------------------------------------------- the mark is behind


class FullDisk(FileHighWater):
    """A mark that cannot be moved; or only its last step fails (`moved`)."""

    fails = False
    moved = False

    def advance(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        if self.moved or not self.fails:
            super().advance(expected, new)
        if self.fails:
            message = "no space left on device"
            raise HighWaterError(message)


@pytest.fixture
def full_disk(city: SimNode) -> FullDisk:
    mark = FullDisk(city.directory / "state" / "high-water", city.origin)
    city.publisher._mark._high_water = mark
    return mark


@pytest.mark.parametrize("moved", [False, True])
def test_what_was_committed_and_not_signed_is_proved_and_signed_at_the_start(
    city: SimNode, full_disk: FullDisk, moved: bool
) -> None:
    first = city.list_(listing(1, audience=city.audience()))
    full_disk.fails, full_disk.moved = True, moved
    with pytest.raises(HighWaterError):
        city.list_(listing(2, audience=city.audience()))
    assert size_shown(city) == 1
    city.restart()
    assert city.publisher.refusal is None
    assert size_shown(city) == 2
    assert mark_is(city) == root_shown(city)
    assert city.state(first) == State.ACTIVE


@pytest.mark.parametrize("moved", [False, True])
def test_what_could_not_be_signed_is_signed_by_the_next_call(
    city: SimNode, full_disk: FullDisk, moved: bool
) -> None:
    """A repeated request finds its answer, and the answer is not given before it is signed."""
    submission = submit(city, "1" * 32, listing(1, audience=city.audience()))
    full_disk.fails, full_disk.moved = True, moved
    with pytest.raises(HighWaterError):
        city.run(submission)
    full_disk.fails = False
    again = submit(city, "1" * 32, listing(1, audience=city.audience()))
    city.run(again)
    assert size_shown(city) == 1
    assert mark_is(city) == root_shown(city)
    city.list_(listing(2, audience=city.audience()))
    assert size_shown(city) == 2


def test_ht16_the_number_of_one_act_says_no_other(city: SimNode) -> None:
    """Answered as done it would be done by nobody: a relief above all must not be lost so."""
    first, second = (city.list_(listing(n, audience=city.audience())) for n in (1, 2))

    def relieve(kind: Kind, statement: StatementId) -> StatementId:
        submission = city.registry.relieve(
            "a" * 32, kind=kind, statement_id=statement, document="x", decided_on=Date(20261120)
        )
        city.run(submission.unit)
        return submission.published[0].statement_id

    said = relieve(Kind.REPAIR, first)
    assert relieve(Kind.REPAIR, first) == said
    for other in (
        lambda: relieve(Kind.REPAIR, second),
        lambda: relieve(Kind.WITHDRAWAL, first),
        lambda: city.run(submit(city, "a" * 32, listing(3, audience=city.audience()))),
    ):
        with pytest.raises(RefusedError) as caught:
            other()
        assert caught.value.code == "request.reused"
    with city.store.write() as session:  # as a campaign's opening
        session.put_request("c" * 32, b"0a1b 7", city.clock.now())
    with pytest.raises(RefusedError, match="request id of its own"):
        city.run(submit(city, "c" * 32, listing(4, audience=city.audience())))
    assert (city.state(first), city.state(second)) == (State.REPAIRED, State.ACTIVE)
    assert size_shown(city) == 3
    city.run(submit(city, "b" * 32, listing(3, audience=city.audience())))
    city.run(submit(city, "b" * 32, listing(3, audience=city.audience())))
    assert size_shown(city) == 4


def test_ht16_the_number_of_one_act_says_it_with_no_other_content(city: SimNode) -> None:
    """A decision of another day or document would be lost as surely as another act."""
    about = city.list_(listing(1, audience=city.audience()))

    def relieve(document: str = "甲", decided_on: int = 20261120, reason: str = "") -> Submission:
        return city.registry.relieve(
            "a" * 32,
            kind=Kind.WITHDRAWAL,
            statement_id=about,
            document=document,
            decided_on=Date(decided_on),
            reason=reason,
        )

    def annotate(document: str = "乙", text: str = "受理") -> Submission:
        return city.registry.annotate(
            "b" * 32,
            statement_id=about,
            action=int(AnnotationAction.OBJECTION_OPENED),
            document=document,
            decided_on=Date(20261120),
            text=text,
        )

    nobody = Audience(charters=(), purposes=())
    second = listing(2, audience=nobody)
    changed = replace(listing(1, audience=nobody), reason="更正")

    def list_(content: Listing) -> Submission:
        draft = (int(Kind.LISTING), 0, b"", content)
        return city.registry.publish("c" * 32, [draft], "")

    def correct(content: Listing) -> Submission:
        with city.store.read() as session:
            row = session.rows_by_id(None, [about])[0]
            (leaf,) = session.leaf_hashes([(row.log, row.idx)])
        said = Correction(audience=nobody, replaces=LeafHash(leaf), payload=content)
        draft = (int(Kind.CORRECTION), 0, about, said)
        return city.registry.publish("d" * 32, [draft], "")

    tries: tuple[tuple[Callable[[], Submission], Sequence[Callable[[], Submission]]], ...] = (
        (annotate, (lambda: annotate("丙"), lambda: annotate(text=""))),
        (lambda: list_(second), (lambda: list_(replace(second, reason="另一情形")),)),
        (lambda: correct(changed), (lambda: correct(replace(changed, reason="又更正")),)),
        (
            relieve,
            (
                lambda: relieve("丁"),
                lambda: relieve(decided_on=20261119),
                lambda: relieve(reason="误"),
            ),
        ),
    )
    for first, others in tries:
        done = first()
        city.run(done.unit)
        size = size_shown(city)
        again = first()
        city.run(again.unit)
        assert again.published == done.published
        for other in others:
            with pytest.raises(RefusedError) as caught:
                city.run(other().unit)
            assert caught.value.code == "request.reused"
        assert size_shown(city) == size


class LostEnd:
    """A store whose connection breaks once at a commit, before or after it happened."""

    def __init__(self, store: Store, *, committed: bool) -> None:
        self._store, self._committed = store, committed
        self.broken = False

    def read(self) -> AbstractContextManager[ReadSession]:
        return self._store.read()

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[WriteSession]:
        breaks, self.broken = not self.broken, True
        with self._store.write(durable=durable) as session:
            yield session
            if breaks and not self._committed:
                raise UnreachableError(LOST)
        if breaks:
            raise UnreachableError(LOST)


LOST = "the server closed the connection"


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("renewed", [False, True])
def test_a_commit_whose_end_was_not_told_stands_or_does_not(
    city: SimNode, monkeypatch: pytest.MonkeyPatch, committed: bool, renewed: bool
) -> None:
    """Neither is another process's work: what stands is signed, and the node goes on."""
    city.list_(listing(1, audience=city.audience()))
    unit = submit(city, "2" * 32, listing(2, audience=city.audience()))
    monkeypatch.setattr(city.publisher, "_store", LostEnd(city.store, committed=committed))
    with pytest.raises(UnreachableError):
        city.publisher.publish([unit])
    if renewed:
        city.publisher.renew_head()
        city.exchange.published()
        assert size_shown(city) == (2 if committed else 1)
    city.run(submit(city, "2" * 32, listing(2, audience=city.audience())))
    city.list_(listing(3, audience=city.audience()))
    assert city.publisher.refusal is None
    assert size_shown(city) == 3
    assert mark_is(city) == root_shown(city)


def submit(node: SimNode, request: str, content: Listing) -> Unit:
    return node.registry.publish(request, [(int(Kind.LISTING), 0, b"", content)], "").unit


def size_shown(node: SimNode) -> int:
    return root_shown(node)[0]


def root_shown(node: SimNode) -> tuple[int, bytes]:
    note = node.exchange.served()[node.origin].note
    checkpoint = open_checkpoint(note, build.log_signer(node.member).verifier).checkpoint
    return checkpoint.size, checkpoint.root


def mark_is(node: SimNode) -> tuple[int, bytes] | None:
    return FileHighWater(node.directory / "state" / "high-water", node.origin).load()


# ---------------------------------------------------------------- never again


def lose_mark(nodes: Path, _: Open) -> None:
    mark_of(nodes).unlink()


def restore_older_database(nodes: Path, start: Open) -> None:
    copy = saved(nodes)
    city = start(CITY.region)
    city.list_(f"{3:032x}", 3)
    city.close()
    put_back_database(nodes, copy)


def restore_other_database(nodes: Path, start: Open) -> None:
    """The database lost one statement and was given another instead."""
    copy = saved(nodes)
    city = start(CITY.region)
    city.list_(f"{3:032x}", 3)
    city.close()
    mark = mark_of(nodes).read_bytes()
    put_back_database(nodes, copy)
    mark_of(nodes).write_bytes((copy / "state" / HIGH_WATER_FILE).read_bytes())
    city = start(CITY.region)
    city.list_(f"{4:032x}", 4)
    city.close()
    mark_of(nodes).write_bytes(mark)


def mark_of_nothing_with_a_root(nodes: Path, _: Open) -> None:
    mark = FileHighWater(mark_of(nodes), CITY.origin).load()
    assert mark is not None
    put_mark(mark_of(nodes), CITY.origin, (0, mark[1]))


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (restore_older_database, "high-water.ahead"),
        (lose_mark, "high-water.missing"),
        (restore_other_database, "high-water.other-root"),
        (mark_of_nothing_with_a_root, "high-water.corrupt"),
    ],
)
def test_a_mark_that_does_not_fit_stops_signing_for_good(
    happens: Callable[[Path, Open], None], code: str, nodes: Path, start: Open
) -> None:
    happens(nodes, start)
    before = mark_of(nodes).read_bytes() if mark_of(nodes).exists() else None
    for _ in range(2):  # and the next start finds the same
        city = start(CITY.region)
        assert refusal_of(city) == code
        refuses_to_sign_and_says_so(city, code)
        city.close()
    assert (mark_of(nodes).read_bytes() if mark_of(nodes).exists() else None) == before


def refusal_of(node: WiredNode) -> str:
    refusal = node.publisher.refusal
    return "" if refusal is None else refusal.code


def refuses_to_sign_and_says_so(city: WiredNode, code: str) -> None:
    """Nothing is published, cosigned or changed; everything can be read."""
    note, size = city.note(), city.logs()[city.origin]["size"]
    with pytest.raises(RefusedError) as refused:
        city.list_("f" * 32, 99)
    assert refused.value.code == code
    own = city.parts.records.list("", city.origin, "listing", 10, "")[0]
    with pytest.raises(RefusedError) as refused:
        city.repair("e" * 32, own[0].statement_id)
    assert refused.value.code == code
    assert city.publisher.renew_head() is None
    log = city.logs()[city.origin]
    state = "forked" if code == "own-log.forked" else "refused"
    assert (log["state"], log["size"]) == (state, size)
    assert code in city.problems()
    assert city.note() == note
    assert len(own) == size
    assert city.parts.proofs.proof(own[0].statement_id).proof


def test_a_node_that_may_not_sign_still_follows_and_serves(nodes: Path, start: Open) -> None:
    lose_mark(nodes, start)
    city, peer = start(CITY.region), start(PEER.region)
    peer.list_("a" * 32, 50)
    exchange_all(city, peer)
    assert city.logs()[peer.origin]["size"] == 1
    assert peer.logs()[city.origin]["size"] == 2


@pytest.mark.parametrize("content", [b"", b"510500", bytes(FILE_SIZE)])
def test_a_damaged_mark_is_a_missing_one_and_never_one_of_nothing(
    content: bytes, nodes: Path, start: Open
) -> None:
    mark_of(nodes).write_bytes(content)
    city = start(CITY.region)
    refuses_to_sign_and_says_so(city, "high-water.missing")
    assert mark_of(nodes).read_bytes() == content


def test_a_mark_of_three_lines_is_brought_into_slots_at_the_first_start(
    nodes: Path, start: Open
) -> None:
    path = mark_of(nodes)
    size, root = FileHighWater(path, CITY.origin).load() or (0, b"")
    path.write_text(f"{CITY.origin}\n{size}\n{b64(root)}\n")
    city = start(CITY.region)
    assert path.stat().st_size == FILE_SIZE
    city.list_(f"{3:032x}", 3)
    assert FileHighWater(path, CITY.origin).load() == (city.logs()[city.origin]["size"], ANY)


def test_what_remains_of_a_damaged_mark_was_signed(nodes: Path, start: Open) -> None:
    """A database behind it, or beside it, is refused as ever; no word of persons ends that."""
    copy = saved(nodes)
    city = start(CITY.region)
    for number in (3, 4):
        city.list_(f"{number:032x}", number)
    city.close()
    tear_newest(mark_of(nodes), CITY.origin)
    put_back_database(nodes, copy)
    city = start(CITY.region)
    refuses_to_sign_and_says_so(city, "high-water.ahead")
    with pytest.raises(RefusedError) as caught:
        city.publisher.go_on(["王演示", "李演示"], "盘坏（演示）")
    assert caught.value.code == "high-water.ahead"
    assert city.publisher.mark[0] == 3  # so much is to be recovered


# ---------------------------------------------------------------- peers know more


def test_a_machine_set_back_learns_it_from_its_peers(nodes: Path, start: Open) -> None:
    """Mark and database agree, but a peer holds our own signature on more."""
    copy = saved(nodes)
    city, peer = start(CITY.region), start(PEER.region)
    city.list_(f"{3:032x}", 3)
    exchange_all(city, peer)
    city.close()
    shutil.rmtree(nodes / CITY.region)
    shutil.copytree(copy, nodes / CITY.region)
    city = start(CITY.region)
    assert refusal_of(city) == ""
    exchange_all(city, peer)
    refuses_to_sign_and_says_so(city, "own-log.behind")
    city.close()
    city = start(CITY.region)
    refuses_to_sign_and_says_so(city, "high-water.ahead")  # the mark remembers what was shown
    assert peer.logs()[city.origin]["state"] != "forked"


def test_two_histories_of_our_own_log_end_it(nodes: Path, start: Open) -> None:
    """Our own signature on another history: the proof is kept, and nothing is signed again."""
    copy = saved(nodes)
    city, peer = start(CITY.region), start(PEER.region)
    city.list_(f"{3:032x}", 3)
    other = city.note()
    city.close()
    shutil.rmtree(nodes / CITY.region)
    shutil.copytree(copy, nodes / CITY.region)
    city = start(CITY.region)
    city.list_(f"{4:032x}", 4)
    session = city.exchange.open_session(peer.me)
    city.handle(session, HeadFrame(origin=city.origin, checkpoint=other))
    refuses_to_sign_and_says_so(city, "own-log.forked")
    with city.parts.store.read() as snapshot:  # type: ignore[attr-defined]
        ((origin, _),) = snapshot.forks()
    assert origin == city.origin
    city.close()
    refuses_to_sign_and_says_so(start(CITY.region), "own-log.forked")


def test_nobody_else_can_stop_us(start: Open) -> None:
    """A larger checkpoint of our log under another key is the peer's fault, and says nothing."""
    city, peer = start(CITY.region), start(PEER.region)
    forged = peer.note().replace(peer.origin.encode(), city.origin.encode())
    session = city.exchange.open_session(peer.me)
    with pytest.raises(ReplicationError, match="checkpoint"):
        city.handle(session, HeadFrame(origin=city.origin, checkpoint=forged))
    assert city.publisher.refusal is None
    assert city.list_(f"{3:032x}", 3).index == 2


# ---------------------------------------------------------------- units of one group


def unit_of(node: SimNode, *drafts: Draft, said: list[int] | None = None) -> Unit:
    def record(session: WriteSession, placed: Sequence[Placed]) -> None:
        now = node.clock.now()
        session.append_journal([JournalEntry(at=now, kind="decision") for _ in placed])
        if said is not None:
            said.extend(p.index for p in placed)

    return Unit(drafts=lambda _: drafts, record=record)


def refuse(_: WriteSession) -> list[Draft]:
    raise RefusedError("record.exists", "a listing of this record stands already")


TOO_LONG = Draft(
    kind=Kind.LISTING, statement_id=StatementId(bytes(16)), payload=bytes(MAX_PAYLOAD + 1)
)


def test_a_refused_unit_leaves_no_trace_and_harms_no_other(city: SimNode) -> None:
    """Refused by its preparation, or by what it would write; alone, or behind a full group."""
    good = [city.draft(Kind.LISTING, listing(n, audience=city.audience())) for n in (1, 2, 3)]
    filler = [
        city.draft(Kind.LISTING, listing(n, audience=city.audience()))
        for n in range(10, 10 + GROUP_MAX)
    ]
    said: list[int] = []
    results = city.publisher.publish(
        [
            unit_of(city, good[0], said=said),
            Unit(drafts=refuse, record=lambda _s, _p: said.append(-1)),
            unit_of(city, good[1], TOO_LONG, said=said),
            unit_of(city, *filler, TOO_LONG, said=said),
            unit_of(city, good[2], said=said),
        ]
    )
    codes = [result.code if isinstance(result, RefusedError) else "" for result in results]
    assert codes == ["", "record.exists", "payload.long", "payload.long", ""]
    assert said == [0, 1]
    city.exchange.published()
    assert size_shown(city) == 2
    with city.store.read() as session:
        (head,) = session.heads()
        rows = session.rows_between(head.log, 0, head.size)
        journal = session.journal(0, 10)
        openings = session.openings_between(head.log, 0, GROUP_MAX)
    assert [row.statement_id for row in rows] == [good[0].statement_id, good[2].statement_id]
    assert len(journal) == 2
    assert [opening.index for opening in openings] == [0, 1]
    assert city.publisher.refusal is None


def test_through_the_writer_each_is_told_its_own(city: SimNode) -> None:
    writer = Writer(city.publisher, city.exchange.published, group_max=8)
    good = city.draft(Kind.LISTING, listing(1, audience=city.audience()))
    try:
        futures = [
            writer.publish(unit)
            for unit in (
                Unit(drafts=refuse, record=lambda _s, _p: None),
                unit_of(city, good),
                unit_of(city, TOO_LONG),
            )
        ]
        with pytest.raises(RefusedError, match="stands already"):
            futures[0].result()
        assert [placed.index for placed in futures[1].result()] == [0]
        with pytest.raises(RefusedError, match="payload"):
            futures[2].result()
    finally:
        writer.close()


# ---------------------------------------------------------------- the same request again


def test_a_request_id_is_answered_once(start: Open) -> None:
    """In one group, later, and after a restart: the first answer; fewer are another act."""
    city = start(CITY.region)
    drafts = [(int(Kind.LISTING), 0, b"", listing_of(CITY.region, number)) for number in (5, 6)]
    first = city.registry.publish("5" * 32, drafts, "")
    twin = city.registry.publish("5" * 32, drafts, "")
    results = city.parts.writer.submit(
        lambda: city.publisher.publish([first.unit, twin.unit])
    ).result()
    assert [isinstance(result, list) for result in results] == [True, True]
    assert [p.index for p in first.published] == [2, 3]
    assert twin.published == first.published
    with pytest.raises(RefusedError) as fewer:
        city.parts.writer.publish(city.registry.publish("5" * 32, drafts[:1], "").unit).result()
    assert fewer.value.code == "request.reused"
    later = city.registry.publish("5" * 32, drafts, "")
    city.parts.writer.publish(later.unit).result()
    assert later.published == first.published
    repaired = city.repair("6" * 32, first.published[0].statement_id)
    assert city.repair("6" * 32, first.published[0].statement_id) == repaired
    with pytest.raises(RefusedError) as refused:
        city.repair("7" * 32, first.published[0].statement_id)
    assert refused.value.code == "relief.already"
    city.close()
    city = start(CITY.region)
    assert city.repair("6" * 32, first.published[0].statement_id) == repaired
    assert city.logs()[city.origin]["size"] == 5


def test_a_refused_request_may_be_made_again(start: Open) -> None:
    """A refusal is not remembered: the same request counts once its ground is gone."""
    city = start(CITY.region)
    with pytest.raises(RefusedError) as refused:
        city.list_("9" * 32, 1)
    assert refused.value.code == "record.exists"
    assert city.list_("9" * 32, 8).index == 2


# ---------------------------------------------------------------- an idle log


def test_the_head_of_an_idle_log_is_renewed(city: SimNode) -> None:
    """Same checkpoint, same signature of the log, one cosignature with a newer time."""
    city.list_(listing(1, audience=city.audience()))
    before = parse_note(city.exchange.served()[city.origin].note)
    mark = mark_is(city)
    note = before
    for _ in range(3):
        city.clock.advance(60)
        assert city.publisher.renew_head() is not None
        city.exchange.published()
        note = parse_note(city.exchange.served()[city.origin].note)
        assert note.text == before.text
        (cosignature,) = verify_cosignatures(note, [build.cosigner("510500", "head").verifier])
        assert cosignature.timestamp == city.clock.now()
        assert len(note.signatures) == len(before.signatures) == 2
    assert mark_is(city) == mark
    city.restart()
    assert parse_note(city.exchange.served()[city.origin].note) == note


def test_the_head_of_an_empty_log_is_renewed(city: SimNode) -> None:
    assert root_shown(city) == (0, EMPTY_ROOT)
    city.clock.advance(60)
    assert city.publisher.renew_head() is not None


# ---------------------------------------------------------------- two that sign


def second_publisher(city: SimNode, store: SqlStore, mark: HighWater) -> Publisher:
    ledger = Ledger(
        keyring=KeyRing.load(city.directory / "state" / "keyring.json", token=city.tokens),
        payloads=city.payloads,
        trust=lambda: city.view,
        now=city.clock.now,
    )
    publisher = Publisher(
        origin=city.origin,
        store=store,
        ledger=ledger,
        high_water=mark,
        log_signer=build.log_signer(city.member),
        head_signer=build.cosigner(city.member, "head"),
        reserve=Reserve(Path("/"), 0, free=lambda _: 0),
        asking=StartupCheck(others=frozenset, now=city.clock.now, clock=lambda: 0.0),
        persons=city.persons,
        now=city.clock.now,
        token=city.tokens,
        failpoints=Failpoints(),
    )
    publisher.start()
    return publisher


def test_of_two_machines_with_one_mark_the_second_never_signs(
    city: SimNode, tmp_path: Path
) -> None:
    """Each has a database of its own; only the mark is shared, and it is compared, not asked."""
    mark = FileHighWater(city.directory / "state" / "high-water", city.origin)
    store = open_store(f"sqlite:///{tmp_path}/second.db")
    try:
        second = second_publisher(city, store, mark)
        city.list_(listing(1, audience=city.audience()))
        signed = mark.load()
        other = city.draft(Kind.LISTING, listing(2, audience=city.audience()))
        for _ in range(2):
            with pytest.raises(RefusedError, match="another process signs") as refused:
                second.publish([unit_of(city, other)])
            assert refused.value.code == "high-water.moved"
        assert second.renew_head() is None
        assert mark.load() == signed
        assert size_in(store, city.origin) == (1, 0)
        again = second_publisher(city, store, mark)
        assert again.refusal is not None
        assert again.refusal.code == "high-water.other-root"
    finally:
        store.close()
    city.list_(listing(3, audience=city.audience()))
    assert size_shown(city) == 2


def test_of_two_processes_on_one_database_the_second_writes_nothing(city: SimNode) -> None:
    mark = FileHighWater(city.directory / "state" / "high-water", city.origin)
    store = open_store(city.url)
    try:
        second = second_publisher(city, store, mark)
        city.list_(listing(1, audience=city.audience()))
        other = city.draft(Kind.LISTING, listing(2, audience=city.audience()))
        with pytest.raises(RefusedError) as refused:
            second.publish([unit_of(city, other)])
        assert refused.value.code == "high-water.moved"
        assert size_in(store, city.origin) == (1, 1)
        city.list_(listing(3, audience=city.audience()))
        assert size_in(store, city.origin) == (2, 2)
        third = second_publisher(city, store, mark)  # begins where the first one is
        assert len(third.publish([unit_of(city, other)])) == 1
        assert mark.load() == (3, root_of(hashes_in(store, city.origin)))
        with pytest.raises(RefusedError, match="another process"):
            city.list_(listing(4, audience=city.audience()))
    finally:
        store.close()


def size_in(store: SqlStore, origin: Origin) -> tuple[int, int]:
    """Leaves held, and leaves under the newest note."""
    with store.read() as session:
        head = session.head(origin)
        assert head is not None
        return head.size, head.note_size


def hashes_in(store: SqlStore, origin: Origin) -> Sequence[bytes]:
    with store.read() as session:
        head = session.head(origin)
        assert head is not None
        return session.leaf_hashes([(head.log, index) for index in range(head.size)])
