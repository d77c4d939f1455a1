"""What a monitor sees of honest and of lying nodes, round by round (MO1-MO5, MO8-MO11).

Covers node/audit/monitoring.py, node/audit/timed_source.py, federation/audit/watching.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from crypto.cosignature import cosign, merge_signatures
from crypto.fork import parse_fork, verify_fork
from crypto.merkle import leaf_hashes, root_of
from crypto.notes import Note, parse_note
from federation.audit import watching
from federation.audit.export_names import directory_name
from federation.audit.found import Weight
from federation.charters.values import Entitlements
from federation.payloads import Receipt as ReceiptPayload
from federation.payloads import ReceiptBatch
from federation.statements import Kind
from node.audit.monitor_state import format_seen, format_state, parse_seen
from node.audit.monitoring import Monitor, NamedSource, Other
from node.audit.timed_source import SlowError
from tests.support import charters as build
from tests.support.audited import CITY, DAY, MEMBERS, OTHER, PEER, World
from tests.support.monitored import Base, Watching, codes

LOG = f"logs/{CITY}.huxin.example__1"


@pytest.fixture
def world() -> World:
    """A listing that three cities took up."""
    world = World()
    world.listed()
    return world


def honest(world: World) -> Watching:
    """A monitor that has seen this world at one source."""
    watched = Watching(world, Base("one"))
    watched.show()
    assert codes(watched.round()) == {}
    return watched


def rewritten(world: World) -> None:
    """The city's log becomes another one of the same key."""
    world[CITY].leaves[-1:] = []
    world[CITY].notes.clear()
    world[CITY].say(Kind.LISTING, world.now, word="another")
    world[CITY].say(Kind.LISTING, world.now)
    world.vouch()


def test_an_honest_alliance_is_watched_and_each_leaf_read_once(world: World) -> None:
    watched = honest(world)
    state = watched.monitor.state
    assert {origin: one.size for origin, one in state.logs.items()} == {
        log.origin: len(log.leaves) for log in world.logs.values()
    }
    world.repaired(world.statement)
    watched.show()
    assert codes(watched.round()) == {}
    first = [path for path in watched.bases[0].asked if "/tile/entries/" in path]
    assert len(first) == len(MEMBERS), "one tile a log that has grown"
    told = watched.round()
    assert not [path for path in watched.bases[0].asked if "/tile/" in path]
    assert told.state == watched.monitor.state


@pytest.mark.parametrize("lie", ["changed", "truncated", "gone", "page", "longer", "unsigned"])
def test_mo1_leaves_that_do_not_give_the_root_are_taken_by_nobody(world: World, lie: str) -> None:
    watched = honest(world)
    before = watched.monitor.state.logs[world[CITY].origin]
    world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    watched.show()
    path, files = f"{LOG}/tile/entries/000.p/2", watched.bases[0].files
    match lie:
        case "changed":
            files[path] = files[path][:-1] + bytes((files[path][-1] ^ 1,))
        case "truncated":
            files[path] = files[path][:-1]
        case "gone":
            del files[path]
        case "page":
            files[path] = b"<!doctype html>"
        case "longer":
            files[path] += files[path]
        case _:
            note = files[f"{LOG}/checkpoint"]
            files[f"{LOG}/checkpoint"] = note.replace(b"\n2\n", b"\n3\n")
    told = watched.round()
    assert codes(told) == {"incomplete": {"source.lies"}}
    assert told.state.logs[world[CITY].origin] == before
    watched.show()
    assert codes(watched.round()) == {}


def test_mo2_a_smaller_checkpoint_changes_nothing(world: World) -> None:
    old = world.files()
    world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    watched = honest(world)
    watched.bases[0].files = old
    assert codes(watched.round()) == {}
    assert watched.monitor.state.logs[world[CITY].origin].size == 2


def test_mo3_another_history_is_proved_and_not_followed(world: World) -> None:
    watched = honest(world)
    before = watched.monitor.state.logs[world[CITY].origin]
    rewritten(world)
    watched.show()
    told = watched.round()
    assert codes(told) == {"finding": {"log.forked"}}
    assert told.state.logs[world[CITY].origin] == before
    verify_fork(parse_fork(told.state.forks[0].file), build.log_signer(CITY).verifier)
    assert len(watched.round().state.forks) == 1, "one proof is enough"


def test_mo3_two_roots_of_one_size_are_proved(world: World) -> None:
    watched = honest(world)
    world[CITY].leaves[:] = []
    world[CITY].notes.clear()
    world[CITY].say(Kind.LISTING, world.now, word="another")
    world.vouch()
    watched.show()
    assert codes(watched.round()) == {"finding": {"log.forked"}}


def test_mo3_a_smaller_checkpoint_of_another_history_is_proved_by_the_trees_of_others(
    world: World,
) -> None:
    for _ in range(3):
        world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    lagging = Base("lagging")
    watched = Watching(world, Base("one"), lagging)
    watched.show()
    lagging.files = {}
    assert codes(watched.round()) == {}
    held = list(world[CITY].leaves)
    world[CITY].leaves[1:] = []
    world[CITY].say(Kind.LISTING, world.now, word="another")
    lagging.files = world.files()
    world[CITY].leaves[:] = held
    assert codes(watched.round()) == {"finding": {"log.forked"}}


def test_mo3_a_source_that_is_behind_is_no_fork(world: World) -> None:
    for _ in range(3):
        world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    watched = Watching(world, Base("one"), Base("lagging"))
    watched.show()
    held = list(world[CITY].leaves)
    world[CITY].leaves[2:] = []
    watched.bases[1].files = world.files()
    world[CITY].leaves[:] = held
    assert codes(watched.round()) == {}
    assert len(watched.monitor.state.logs[world[CITY].origin].seen) == 2, "compared once"


def test_mo4_a_backdated_statement_is_found_and_stays_found(world: World) -> None:
    watched = honest(world)
    world[CITY].say(Kind.LISTING, world.now - DAY, word="thief")
    world.vouch()
    watched.show()
    told = watched.round()
    (alert,) = told.state.alerts
    assert (alert.code, alert.origin, alert.index) == ("time.behind", world[CITY].origin, 1)
    assert codes(watched.round()) == {"finding": {"time.behind"}}


def test_mo4_a_clock_a_year_ahead_is_found(world: World) -> None:
    watched = honest(world)
    world[PEER].say(Kind.LISTING, world.now + 365 * DAY)
    world.vouch()
    watched.show()
    assert codes(watched.round()) == {"finding": {"time.ahead"}}


@pytest.mark.parametrize("lie", [-365 * DAY, 400, 365 * DAY])
def test_mo4_one_cosigner_makes_no_other_appear_false(world: World, lie: int) -> None:
    """Before, at and after the leaf comes, one node says another time."""

    def lying() -> bytes:
        note = parse_note(world.log_files(world[CITY])[f"{LOG}/checkpoint"])
        line = cosign(note.text, build.cosigner(PEER, "mirror"), world.now + lie)
        others = tuple(one for one in note.signatures if one.name != line.name)
        return merge_signatures(
            Note(text=note.text, signatures=others), Note(text=note.text, signatures=(line,))
        ).to_bytes()

    watched = Watching(world, Base("one"))
    for _ in range(2):
        watched.show(**{f"{LOG}/checkpoint": lying()})
        told = watched.round()
        assert not told.state.alerts
        world[CITY].say(Kind.LISTING, world.now)
        world.vouch()


def test_mo4_one_cosigner_makes_no_leaf_appear_dated_back(world: World) -> None:
    """It says of the log without the leaf that it saw it so hours later."""
    begun = world.now
    path = f"{LOG}/checkpoint"
    note = parse_note(world.log_files(world[CITY])[path])
    line = cosign(note.text, build.cosigner(PEER, "mirror"), begun + 3 * 3600)
    others = tuple(one for one in note.signatures if one.name != line.name)
    watched = Watching(world, Base("one"))
    watched.show(**{path: Note(text=note.text, signatures=(*others, line)).to_bytes()})
    watched.round()
    world[CITY].say(Kind.LISTING, begun + 600)
    world.vouch(5 * 3600)
    watched.show()
    assert codes(watched.round()) == {}


def test_mo4_receipts_are_read(world: World) -> None:
    watched = honest(world)
    batches = tuple(ReceiptBatch(outcome=one, indices=(0,)) for one in (2, 6))
    payload = ReceiptPayload(origin=world[CITY].origin, batches=batches)
    world[PEER].say(Kind.RECEIPT, world.now, payload=payload)
    world.vouch()
    watched.show()
    assert codes(watched.round()) == {"finding": {"receipt.contradicts"}}


def test_an_opening_that_nobody_shows_is_incomplete(world: World) -> None:
    watched = Watching(world, Base("one"))
    watched.show()
    gone = [path for path in watched.bases[0].files if f"{PEER}.huxin.example__1/openings" in path]
    for path in gone:
        del watched.bases[0].files[path]
    assert codes(watched.round()) == {"incomplete": {"source.openings-missing"}}


def test_an_opening_that_opens_nothing_is_the_sources_lie(world: World) -> None:
    watched = Watching(world, Base("one"))
    watched.show()
    (path,) = [
        path for path in watched.bases[0].files if f"{PEER}.huxin.example__1/openings" in path
    ]
    watched.bases[0].files[path] += b"x"
    assert codes(watched.round()) == {"incomplete": {"source.lies"}}


def test_mo9_a_newer_charter_is_taken_and_judges_anew() -> None:
    bare = build.make_member(PEER, entitlements=Entitlements(kinds=(4, 5, 10), lists=()))
    others = [build.make_member(one) for one in MEMBERS if one != PEER]
    world = World(chain=build.make_chain([bare, *others]))
    world[PEER].receipt(world.now, world[CITY].origin, 2, 0)
    root = root_of(leaf_hashes(world[PEER].leaves))
    world[PEER].say(Kind.LISTING, world.now)
    world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    watched = Watching(world, Base("one"))
    watched.show()
    assert codes(watched.round()) == {"finding": {"entitlement.kind"}}
    closed = replace(bare.segments[0], cut=build.make_cut(PEER, 1, root=root))
    more = build.make_member(PEER, segments=(closed, build.make_segment(PEER, from_size=1)))
    terms = build.next_version(world.chain.latest, members=(more, *others), issued_at=world.now)
    world.envelopes.append(build.sign_all(terms, MEMBERS))
    watched.show()
    told = watched.round()
    assert codes(told) == {}, "who may say it now is accused no more"
    assert told.state.chains[world.chain.id].latest.terms.version == 2


def test_mo9_who_writes_on_beyond_its_cut_is_found(world: World) -> None:
    size = len(world[OTHER].leaves)
    root = root_of(leaf_hashes(world[OTHER].leaves))
    world[OTHER].say(Kind.LISTING, world.now, word="after")
    world.vouch()
    watched = honest(world)
    kept = [build.make_member(one) for one in MEMBERS if one != OTHER]
    cut = build.make_cut(OTHER, size, root=root)
    gone = build.make_member(OTHER, segments=(build.make_segment(OTHER, cut=cut),))
    terms = build.next_version(world.chain.latest, members=(*kept, gone), issued_at=world.now)
    world.envelopes.append(build.sign_all(terms, MEMBERS))
    watched.show()
    assert codes(watched.round()) == {"finding": {"entitlement.segment"}}, "what was read before"
    world[OTHER].say(Kind.LISTING, world.now, word="again")
    world.vouch()
    watched.show()
    told = watched.round()
    assert codes(told) == {"finding": {"entitlement.segment"}}
    assert [one.index for one in told.state.alerts] == [size + 1]


def test_a_charter_of_another_pin_says_nothing(world: World) -> None:
    other = build.make_chain([build.make_member(PEER), build.make_member(CITY)])
    watched = Watching(world, Base("one"), pin=other.id)
    watched.show()
    assert codes(watched.round()) == {"incomplete": {"source.charter-missing"}}
    forged = world.chain.latest.envelope
    watched.bases[0].files[f"charters/{other.id.hex()}/1.json"] = forged
    assert codes(watched.round())["incomplete"] >= {"source.charter-missing"}
    assert "finding" not in codes(watched.round())


def test_two_charters_of_one_version_are_found(world: World) -> None:
    watched = honest(world)
    for number in (1, 2):
        terms = build.next_version(
            world.chain.latest, issued_at=world.now + number, name=f"联盟{number}"
        )
        path = f"charters/{world.chain.id.hex()}/2.json"
        watched.bases[0].files[path] = build.sign_all(terms, MEMBERS)
        watched.round()
    assert codes(watched.round()) == {"finding": {"charter.forked"}}


def test_mo8_an_outage_accuses_nobody_and_others_are_asked(world: World) -> None:
    watched = Watching(world, Base("one", down=True), Base("two"))
    watched.show()
    told = watched.round()
    assert codes(told) == {"incomplete": {"source.failed"}}
    assert len(watched.bases[0].asked) == 1, "not asked again in this round"
    assert told.state.logs[world[CITY].origin].size == 1
    watched.bases[1].down = True
    assert codes(watched.round()) == {"incomplete": {"source.failed", "source.log-missing"}}


def test_mo8_what_is_shown_to_members_alone_hides_nothing_else(world: World) -> None:
    watched = Watching(world, Base("one", hidden=f"logs/{CITY}"))
    watched.show()
    told = watched.round()
    assert codes(told) == {"incomplete": {"source.failed", "source.log-missing"}}
    assert {one.origin for one in told.conditions if one.origin} == {world[CITY].origin}
    assert len(told.state.logs) == len(MEMBERS) - 1


def test_mo8_a_liar_beside_an_honest_source_hides_nothing(world: World) -> None:
    watched = Watching(world, Base("liar"), Base("honest"))
    watched.show()
    for path in list(watched.bases[0].files):
        if "/tile/entries/" in path:
            watched.bases[0].files[path] = b"<html>"
    told = watched.round()
    assert codes(told) == {"incomplete": {"source.lies"}}
    assert {one.path for one in told.conditions} == {"liar"}
    assert told.state.logs[world[CITY].origin].size == 1


def test_a_log_for_which_nobody_vouches_is_silent_and_no_accusation(world: World) -> None:
    watched = honest(world)
    watched.now = world.now + 2 * DAY
    assert codes(watched.round()) == {"incomplete": {"log.silent"}}
    watched.now = None
    world.vouch()
    watched.show()
    assert codes(watched.round()) == {}


def test_a_checkpoint_of_tomorrow_is_said_as_long_as_it_is_so(world: World) -> None:
    watched = Watching(world, Base("one"))
    watched.show()
    watched.now = world.now - DAY
    assert "checkpoint.time-ahead" in codes(watched.round())["finding"]
    watched.now = world.now + 60
    watched.show()
    assert "finding" not in codes(watched.round()), "it was our own clock"


# ---------------------------------------------------------------- two monitors


def other_of(watched: Watching) -> Other:
    return Other(name="other", read=lambda: format_seen(watched.monitor.state))


def test_mo5_two_monitors_prove_a_split_view_of_one_size(world: World) -> None:
    one = honest(world)
    world[CITY].leaves[:] = []
    world[CITY].notes.clear()
    world[CITY].say(Kind.LISTING, world.now, word="another")
    world.vouch()
    two = Watching(world, Base("two"), others=[other_of(one)])
    two.show()
    told = two.round()
    assert codes(told) == {"finding": {"log.forked"}}
    verify_fork(parse_fork(told.state.forks[0].file), build.log_signer(CITY).verifier)


@pytest.mark.parametrize("mine", ["larger", "smaller"])
def test_mo5_two_monitors_prove_a_split_view_of_two_sizes(world: World, mine: str) -> None:
    small = honest(world)
    source = small.bases[0]
    rewritten(world)
    world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    large = Watching(world, Base("two"), others=[other_of(small)] if mine == "larger" else ())
    large.show()
    told = large.round()
    if mine == "smaller":
        world[CITY].leaves[:] = []
        both = Watching(world, source, Base("two", large.bases[0].files), others=[other_of(large)])
        both.monitor.state = small.monitor.state
        told = both.monitor.compare_now("other", parse_seen(format_seen(large.monitor.state)))
    assert codes(told)["finding"] == {"log.forked"}
    verify_fork(parse_fork(told.state.forks[0].file), build.log_signer(CITY).verifier)


def test_mo5_what_nobody_shows_any_more_proves_nothing(world: World) -> None:
    small = honest(world)
    rewritten(world)
    large = Watching(world, Base("two"))
    large.show()
    large.round()
    told = small.monitor.compare_now("other", parse_seen(format_seen(large.monitor.state)))
    assert codes(told) == {"incomplete": {"compare.not-shown"}}


def test_mo5_a_tree_that_is_made_up_proves_nothing(world: World) -> None:
    small = honest(world)
    for _ in range(300):
        world[CITY].say(Kind.LISTING, world.now)
    world.vouch()
    large = Watching(world, Base("two"))
    large.show()
    large.round()
    files = dict(large.bases[0].files)
    tile = f"{LOG}/tile/0/000"
    files[tile] = files[tile][:32] + bytes(32) + files[tile][64:]
    small.bases[0].files = files
    told = small.monitor.compare_now("other", parse_seen(format_seen(large.monitor.state)))
    assert codes(told) == {"incomplete": {"compare.not-shown"}}


def test_mo5_monitors_that_saw_one_history_agree(world: World) -> None:
    one = honest(world)
    world.repaired(world.statement)
    two = Watching(world, Base("two"), others=[other_of(one)])
    two.show()
    assert codes(two.round()) == {}
    one.show()
    state = format_state(two.monitor.state)
    assert codes(one.monitor.compare_now("two", parse_seen(state))) == {}


def test_mo5_what_others_made_up_is_theirs(world: World) -> None:
    one = honest(world)
    forged = world.log_files(world[PEER])[f"logs/{PEER}.huxin.example__1/checkpoint"]
    told = one.monitor.compare_now("other", {world[CITY].origin: [forged, b"no note"]})
    assert codes(told) == {"incomplete": {"compare.not-shown"}}


def test_only_some_checkpoints_are_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SEEN_MAX", 8)
    watched = honest(world)
    for _ in range(30):
        world[CITY].say(Kind.LISTING, world.now)
        world.vouch()
        watched.show()
        assert codes(watched.round()) == {}
    seen = watched.monitor.state.logs[world[CITY].origin].seen
    sizes = [int(note.split(b"\n")[1]) for note in seen]
    assert len(sizes) <= 8
    assert sizes[-4:] == [28, 29, 30, 31]
    assert sizes == sorted(sizes)


# ---------------------------------------------------------------- clocks, and sources that drip


def ahead_by(world: World, member: str, seconds: int) -> dict[str, bytes]:
    """The log of the city as others show it, one of them with a clock that is ahead."""
    log = world[CITY]
    note = log.note(len(log.leaves), world.now, [])
    line = cosign(note.text, build.cosigner(member, "mirror"), world.now + seconds)
    shown = merge_signatures(note, Note(text=note.text, signatures=(line,)))
    return {f"logs/{directory_name(log.origin)}/checkpoint": shown.to_bytes()}


def test_mo10_one_clock_that_is_ahead_is_named_and_accuses_no_log(world: World) -> None:
    watched = Watching(world, Base("one"))
    watched.show(**ahead_by(world, PEER, DAY))
    told = watched.round()
    (said,) = [one for one in told.conditions if one.code == "checkpoint.time-ahead"]
    assert said.weight is Weight.INCOMPLETE
    assert said.path == f"{PEER}.huxin.example"
    assert not said.origin
    assert "checkpoint.time-ahead" not in codes(told).get("finding", set())


class Dripping(Base):
    """Gives every file, each after most of the time that a file may take."""

    def __init__(self, name: str, watching: list[Watching]) -> None:
        super().__init__(name)
        self.watching = watching

    def read(self, path: str, limit: int) -> bytes | None:
        self.watching[0].running += 59.0
        return super().read(path, limit)


def test_mo11_a_source_that_drips_is_left_and_the_others_are_asked(world: World) -> None:
    watching: list[Watching] = []
    slow, good = Dripping("slow", watching), Base("good")
    watched = Watching(world, slow, good)
    watching.append(watched)
    watched.show()
    told = watched.round()
    assert watched.running <= 120, "two files"
    assert {one.path for one in told.conditions if one.code == "source.slow"} == {"slow"}
    assert told.state.logs[world[CITY].origin].size == len(world[CITY].leaves)
    assert codes(told).get("finding") is None


def test_mo11_what_another_source_does_not_give_in_time_is_that_ones_fault(world: World) -> None:
    """An old checkpoint is compared with what others show of the log."""
    slow = NamedSource(name="slow", files=Base("slow"))
    failed = Monitor._failed(
        Watching(world, Base("one")).monitor,
        NamedSource(name="one", files=Base("one")),
        SlowError(slow.name, 60),
    )
    assert failed.path == "slow"
