"""Two hosts that both believe to be the one: a shared mark, a database each.

Covers node/cli/mark.py, node/directory/marks.py, node/directory/passwords.py,
node/log/held_mark.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.errors import HighWaterError, MarkElsewhereError, MarkUnreachableError
from adapters.sql.store import SqlStore
from adapters.state import mark_server
from adapters.state.mark_row import Standing
from adapters.state.mark_server import MarkServer
from adapters.state.shared_mark import SharedHighWater
from crypto.cosignature import verify_cosignatures
from crypto.notes import parse_note
from federation.errors import RefusedError
from federation.ids import Origin
from node.app.runtime import Runtime
from node.demo.members import LUZHOU, ZIGONG
from node.directory import marks as places
from node.directory.config import ConfigError, load_config, parse_config
from node.directory.keys import load_keys
from node.directory.marks import Marks
from node.log.publisher import UNREACHABLE
from node.log.recovery import Recovering
from tests.support.commands import run
from tests.support.days import REPAIRED
from tests.support.federation_dirs import WiredNode, exchange_all, found
from tests.support.fresh import fresh_postgres
from tests.support.operating import records
from tests.support.processes import ROOT
from tests.support.shared_marks import forget_shared_place, name_shared_place, parameters

CITY, PEER = LUZHOU, ZIGONG
Open = Callable[[Path], WiredNode]


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[str]:
    with fresh_postgres(postgres_url) as url:
        yield url


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory, database: str) -> Path:
    """A city whose configuration names a shared place, and a peer; one listing is said."""
    directory = tmp_path_factory.mktemp("hosts")
    found(directory, (CITY, PEER))
    city, peer = (WiredNode(directory / member.region) for member in (CITY, PEER))
    city.list_(f"{1:032x}", 1)
    exchange_all(city, peer)
    city.close()
    peer.close()
    name_shared_place(directory / CITY.region, database)
    return directory


@pytest.fixture
def nodes(founded: Path, tmp_path: Path, database: str) -> Path:
    given: Any = parameters(database)
    with psycopg.connect(**given, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS huxin_mark")
    shutil.copytree(founded, tmp_path / "nodes")
    return tmp_path / "nodes"


@pytest.fixture
def city(nodes: Path) -> Path:
    """A host whose marks are moved to the shared place."""
    assert run("mark", "move", "--dir", nodes / CITY.region).code == 0
    return nodes / CITY.region


@pytest.fixture
def start() -> Iterator[Open]:
    started: list[WiredNode] = []

    def begin(directory: Path) -> WiredNode:
        started.append(WiredNode(directory))
        return started[-1]

    yield begin
    for node in started:
        node.close()


def second_host(city: Path) -> Path:
    """Another machine with a copy of everything, as it is now."""
    return Path(shutil.copytree(city, city.parent / "second"))


def placed(directory: Path) -> dict[tuple[str, str], str]:
    rows = json.loads(run("mark", "show", "--dir", directory, "-o", "json").out)
    return {(row["origin"], row["place"]): row["state"] for row in rows}


def size_shown(node: WiredNode) -> int:
    return node.exchange.served()[node.origin].size


def test_of_two_hosts_the_one_that_took_the_mark_last_signs(city: Path, start: Open) -> None:
    """The other signs nothing any more, not even that its head is the newest one."""
    first = start(city)
    first.list_(f"{2:032x}", 2)
    other = second_host(city)
    assert first.publisher.renew_head() is not None
    second = start(other)
    assert second.publisher.renew_head() is not None
    assert first.publisher.renew_head() is None
    assert getattr(first.publisher.refusal, "code", "") == "high-water.moved"
    with pytest.raises(RefusedError, match="another process"):
        first.list_(f"{3:032x}", 3)
    second.list_(f"{4:032x}", 4)
    assert size_shown(second) == 3


def test_a_host_that_is_behind_signs_after_members_gave_the_rest_back(
    city: Path, nodes: Path, start: Open
) -> None:
    """What the standby had not is refilled; what was relieved meanwhile punishes nowhere."""
    other = second_host(city)
    first, peer = start(city), start(nodes / PEER.region)
    listed = first.list_(f"{2:032x}", 2)
    first.repair(f"{3:032x}", listed.statement_id)
    exchange_all(first, peer)
    second = start(other)
    assert getattr(second.publisher.refusal, "code", "") == "high-water.ahead"
    assert second.publisher.behind
    assert second.publisher.renew_head() is None
    recovering = second.parts.recovering
    assert isinstance(recovering, Recovering)
    done = Recovering(
        recovery=recovering._recovery,
        on_writer=lambda job: job(),
        changed=lambda: exchange_all(second, peer),
        peers=second.exchange.peers,
        members=lambda: (peer.me,),
    ).recover(0, lambda _: None)
    assert done.refilled == 2
    assert second.publisher.refusal is None
    second.list_(f"{4:032x}", 4)
    assert size_shown(second) == 4
    with pytest.raises(RefusedError, match="another process"):
        first.list_(f"{5:032x}", 5)


def test_a_host_that_lost_the_mark_doubts_its_own_listings(city: Path, start: Open) -> None:
    first = start(city)
    first.list_(f"{2:032x}", 2)
    second = start(second_host(city))
    assert second.publisher.renew_head() is not None
    behind = [first.publisher.behind]
    assert first.publisher.renew_head() is None
    behind.append(first.publisher.behind)
    assert behind == [False, True]
    serving = Runtime(first.parts)
    try:
        assert list(first.parts.charters.contacts())
        assert list(serving._dialer._contacts()) == []
    finally:
        serving._readers.shutdown()


def test_the_time_of_a_head_line_is_from_before_the_mark_was_compared(
    city: Path, start: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that sleeps between the two says nothing of the time after it."""
    node = start(city)
    node.publisher.renew_head()
    before = node.publisher._now()
    held = SharedHighWater.hold

    def sleeps(self: SharedHighWater, expected: tuple[int, bytes]) -> None:
        held(self, expected)
        monkeypatch.setattr(node.publisher, "_now", lambda: before + 3600)

    monkeypatch.setattr(SharedHighWater, "hold", sleeps)
    monkeypatch.setattr(node.publisher, "_now", lambda: before + 5)
    note = node.publisher.renew_head()
    assert note is not None
    key = load_keys(node.directory / "keys", node.origin).head.verifier
    lines = verify_cosignatures(parse_note(note), [key])
    assert [line.timestamp for line in lines] == [before + 5]


@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.soak), "after"])
def test_killed_at_a_step_of_the_mark_the_next_start_signs_what_was_committed(
    city: Path, start: Open, moment: str
) -> None:
    """Whether the row has the step or not, and nobody heard its answer."""
    (listed,) = records(city.parent, CITY)
    decided = ["--document", "川修〔2026〕1号", "--date", REPAIRED.isoformat()]
    command = ["repair", listed["statement_id"], *decided, "--dir", str(city)]
    killed = subprocess.run(
        [sys.executable, "-c", "from node.cli.main import main; main()", *command],
        cwd=ROOT,
        env=os.environ | {"HUXIN_FAILPOINT": f"mark.swap:{moment}"},
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -9, killed.stderr
    node = start(city)
    assert node.publisher.renew_head() is not None
    assert node.publisher.mark[0] == size_shown(node) == 2
    (listed,) = records(city.parent, CITY)
    assert listed["state"] == "repaired"


# ---------------------------------------------------------------- a server that is away


class Away:
    """Lets the mark's server answer, or not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = False
        asks = MarkServer.ask

        def ask(server: MarkServer, *given: Any) -> Any:
            if self.away:
                message = "the mark's server is away"
                raise MarkUnreachableError(message)
            return asks(server, *given)

        monkeypatch.setattr(MarkServer, "ask", ask)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Away:
    return Away(monkeypatch)


def codes(node: WiredNode) -> set[str]:
    return {problem["code"] for problem in node.parts.status()["problems"]}


def test_a_node_whose_marks_server_is_away_starts_and_signs_when_it_is_back(
    city: Path, start: Open, server: Away
) -> None:
    """SM8: it serves; nothing is signed, and of its own listings nothing punishes."""
    server.away = True
    node = start(city)
    assert node.publisher.behind
    assert {UNREACHABLE} <= codes(node)
    with pytest.raises(RefusedError, match="away"):
        node.list_(f"{2:032x}", 2)
    server.away = False
    assert node.publisher.renew_head() is not None
    node.job("queries")
    assert UNREACHABLE not in codes(node)
    node.list_(f"{2:032x}", 2)
    assert not node.publisher.behind


def test_what_a_peer_shows_while_the_server_is_away_is_not_forgotten(
    city: Path, start: Open, server: Away
) -> None:
    """More was signed than is held here; the mark, set back with all the rest, does not say so."""
    server.away = True
    node = start(city)
    node.publisher.shown_larger("510300", 9, bytes(range(32)))
    server.away = False
    assert node.publisher.renew_head() is None
    assert getattr(node.publisher.refusal, "code", "") == "own-log.behind"
    assert node.publisher.mark[0] == 9


def test_what_could_not_be_signed_is_signed_when_the_server_is_back(
    city: Path, start: Open, server: Away
) -> None:
    node = start(city)
    node.list_(f"{2:032x}", 2)
    server.away = True
    with pytest.raises(HighWaterError):
        node.list_(f"{3:032x}", 3)
    with pytest.raises(HighWaterError):
        node.publisher.renew_head()
    assert UNREACHABLE in codes(node)
    assert size_shown(node) == 2
    server.away = False
    assert node.publisher.renew_head() is not None
    assert node.publisher.trouble is None
    assert node.publisher.mark[0] == 3
    node.list_(f"{4:032x}", 4)
    assert UNREACHABLE not in codes(node)


def test_a_host_that_hears_nothing_of_the_mark_for_minutes_doubts_its_own_listings(
    city: Path, start: Open, server: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be cut off, while another host relieves what it listed."""
    time = [0.0]
    monkeypatch.setattr(places, "monotonic", lambda: time[0])
    node = start(city)
    node.list_(f"{2:032x}", 2)
    marks = shared_marks(node)
    server.away = True
    time[0] += places.UNCONFIRMED_SECONDS
    assert not marks.unconfirmed()
    time[0] += 1
    assert marks.unconfirmed()
    server.away = False
    node.publisher.renew_head()
    assert not marks.unconfirmed()


def shared_marks(node: WiredNode) -> Marks:
    mark = node.publisher._mark._high_water
    assert isinstance(mark, SharedHighWater)
    marks = Marks(load_config(node.directory), apart_from="")
    marks._shared = mark
    return marks


# ---------------------------------------------------------------- moving it


def test_the_marks_move_there_and_back(nodes: Path, start: Open) -> None:
    """SM10; with all that was signed meanwhile."""
    directory = nodes / CITY.region
    origin, queries = CITY.origin, f"queries.{CITY.origin}"
    assert placed(directory) == {
        (origin, "file"): "here",
        (origin, "shared"): "none",
        (queries, "file"): "here",
        (queries, "shared"): "none",
    }
    for _ in range(2):  # once more does no harm
        assert run("mark", "move", "--dir", directory).code == 0
        assert placed(directory)[origin, "file"] == "gone"
        assert placed(directory)[queries, "shared"] == "here"
    node = start(directory)
    node.list_(f"{2:032x}", 2)
    node.close()
    assert run("mark", "move", "--to", "file", "--dir", directory).code == 0
    assert placed(directory)[origin, "shared"] == "gone"
    with pytest.raises(MarkElsewhereError, match="stands in a file"):
        start(directory)
    forget_shared_place(directory)
    node = start(directory)
    node.list_(f"{3:032x}", 3)
    assert size_shown(node) == 3


@pytest.mark.parametrize("to_file", [False, True])
@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_move_that_broke_off_is_finished_and_nothing_is_signed_between(
    nodes: Path, broken: int, to_file: bool
) -> None:
    directory = nodes / CITY.region
    config, origin = load_config(directory), Origin(CITY.origin)
    calls = [0]

    class BrokenError(Exception):
        pass

    def around(name: str) -> Any:
        calls[0] += name == "mark.move"
        if calls[0] == broken:
            raise BrokenError
        return nullcontext()

    if to_file:
        Marks(config, apart_from="").move(origin, to_file=False)
    with pytest.raises(BrokenError):
        Marks(config, apart_from="", around=around).move(origin, to_file=to_file)
    marks = Marks(config, apart_from="")
    standing = [one.standing() for one in (marks.file(origin), marks.row(origin))]
    here = [one for one in standing if one is not None and one[0] is Standing.HERE]
    assert len(here) == (1 if broken < 3 else 0)
    if broken == 3:
        for one in (marks.file(origin), marks.row(origin)):
            for attempt in (one.load, lambda one=one: one.advance(None, (9, bytes(32)))):
                with pytest.raises(MarkElsewhereError):
                    attempt()
        with pytest.raises(RefusedError, match="the other way"):
            marks.move(origin, to_file=not to_file)
    mark = marks.move(origin, to_file=to_file)
    assert mark[0] == 1
    places_now = (marks.file(origin).standing(), marks.row(origin).standing())
    assert places_now[not to_file] == (Standing.HERE, mark)
    assert places_now[to_file] == (Standing.GONE, mark)


def test_a_host_that_still_names_the_file_signs_nothing(city: Path, start: Open) -> None:
    """Its mark has left: members' answers must not make a second one."""
    forget_shared_place(city)
    with pytest.raises(MarkElsewhereError, match="was moved"):
        start(city)
    found = run("doctor", "--dir", city)
    assert "high-water.elsewhere" in found.out


def test_a_host_that_names_the_shared_place_before_the_move_signs_nothing(
    nodes: Path, start: Open
) -> None:
    with pytest.raises(MarkElsewhereError, match="huxin mark move"):
        start(nodes / CITY.region)


def test_a_new_query_log_has_its_mark_in_the_shared_place(city: Path, start: Open) -> None:
    """That of the epoch before stays there, and is still found when the log is verified."""
    persons = ("--by", "王演示", "--by", "李演示", "--reason", "库坏（演示）")
    begun = run("access", "new-log", *persons, "--dir", city)
    assert begun.code == 0, begun.err
    assert placed(city)[f"queries.{CITY.origin[:-2]}/2", "shared"] == "here"
    assert not list((city / "state").glob("queries-high-water-2*"))
    start(city).close()
    verified = run("access", "verify", "--dir", city, "-o", "json")
    assert verified.code == 0, verified.out


def test_an_older_mark_does_not_come_over_a_newer_one(city: Path, start: Open) -> None:
    """A second file that never left, of another host."""
    origin = Origin(CITY.origin)
    node = start(city)
    node.list_(f"{2:032x}", 2)
    node.close()
    marks = Marks(load_config(city), apart_from="")
    marks.path(origin).unlink()
    marks.file(origin).advance(None, (1, bytes(32)))
    with pytest.raises(RefusedError) as refused:
        marks.move(origin, to_file=False)
    assert refused.value.code == "high-water.two-marks"
    marks.path(origin).unlink()
    marks.move(origin, to_file=True)
    marks.path(origin).unlink()
    marks.file(origin).advance(None, (1, bytes(32)))
    with pytest.raises(HighWaterError, match="does not go back"):
        marks.move(origin, to_file=False)


# ---------------------------------------------------------------- the configuration


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ('mark = "sqlite:///mark.db"', "postgresql://"),
        ('mark = "postgresql://u:secret@127.0.0.1/m"', "mark_password_file"),
        ('mark = "postgresql://127.0.0.1/m"', "postgresql://"),
        ('mark = "postgresql://u@127.0.0.1/m?sslmode=disable"', "postgresql://"),
        ('mark = "postgresql://u@mark.example/m"', "mark_ca_file"),
        ('mark = ""\nmark_ca_file = "ca.pem"', "mark, where"),
    ],
)
def test_a_place_is_named_without_password_and_over_tls(section: str, expected: str) -> None:
    head = '[node]\nregion = "510500"\nname = "泸州"\norigin = "510500.example/1"\n'
    with pytest.raises(ConfigError) as refused:
        parse_config(f"{head}[state]\n{section}\n", Path("/"))
    assert expected in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_server_on_another_machine_is_verified(tmp_path: Path) -> None:
    head = '[node]\nregion = "510500"\nname = "泸州"\norigin = "510500.example/1"\n'
    state = 'mark = "postgresql://u@mark.example:5433/m"\nmark_ca_file = "ca.pem"\n'
    config = parse_config(f"{head}[state]\n{state}", tmp_path)
    assert places._parameters(config.state, tmp_path) == {
        "host": "mark.example",
        "port": "5433",
        "user": "u",
        "dbname": "m",
        "sslmode": "verify-full",
        "sslrootcert": str(tmp_path / "ca.pem"),
    }


@pytest.mark.parametrize("code", ["not-durable", "same-server"])
def test_the_doctor_names_a_server_that_is_not_fit(
    city: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    if code == "same-server":
        monkeypatch.setattr(SqlStore, "server_identifier", lambda _: identifier(city))
    else:
        monkeypatch.setattr(mark_server, "_OPTIONS", "-c synchronous_commit=off")
    found = run("doctor", "--dir", city)
    assert found.code != 0
    assert f"high-water.{code}" in found.out


def identifier(city: Path) -> str:
    marks = Marks(load_config(city), apart_from="")
    assert marks._server is not None
    [(found,)] = marks._server.ask("SELECT system_identifier::text FROM pg_control_system()")
    return str(found)
