"""Each page of the console at a node that holds many records: milliseconds, at rest and at work.

A city follows a publisher's log, judges it by the national catalog and a base library, and has a
list of its own. Of more than `FOLLOWED` records the rest is laid down behind what it has followed
(`bench.laps`). Somebody who is signed in asks for every page of the menu and for one of
each kind below it, over plain HTTP as from a gateway; each time a bare page of as many bytes is
asked for beside it (`bench.bare_page`). Then another publisher says a tenth more, and the same
pages are asked for until the city has judged all of it. Of each page the median is the value, and
`max` the slowest; `p99` is of all pages together.
"""

from __future__ import annotations

import csv
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter, sleep
from typing import Final, TypeAlias

from adapters.catalog.library import FILE_NAME, import_library
from bench import federations, lists
from bench.askers import MATTER, PURPOSE
from bench.databases import ReconciledOf, databases
from bench.lag import percentile
from bench.laps import lay_laps
from bench.measuring import Options, Result, Run, cpu_seconds, told
from bench.visitors import Visitor, asked, open_console, signed_in
from federation.charters.verification import PURPOSES
from federation.ids import StatementId
from federation.own_log import Draft
from federation.payloads import Audience, Listing, Relief
from federation.screening.roles import Role
from federation.statements import Kind
from node.codec import ProtobufPayloads
from node.demo.furnishing import furnish
from node.demo.members import DATA
from node.demo.ports import free_ports
from node.directory.config import load_config
from node.system.entropy import token

SIZE = 2_000_000
"""Records that are there."""
FOLLOWED = 20_000
"""Records that are followed and judged, about."""
CAMPAIGN, CODES_MAX = 20_000, 1000
"""Entries of the campaign, about; subjects that may be entered at once."""
ROUNDS = 20
"""Of each page at rest."""
MORE = 10
"""One in so many arrives while the pages are asked for again."""
DIFFERENT = 100_000
"""Subjects."""
OWN = 20
"""One in so many is the city's own, of its own list file."""
HELD, RELIEVED = 100, 50
"""One in so many is of another name than the base library knows; one in so many was repaired."""
REST_SECONDS = 5.0
QUESTIONS = 1000
"""Checks that were asked, each of a listed subject: as many outcomes wait. Of few subjects only
some: more would look like a walk through neighbours."""
BUSY = 0.25
"""Of one processor: a node that does less has done what it had to do."""
FURTHER: Final = (
    "/records?state=active",
    "/records?state=repaired",
    f"/records?list_type={federations.LIST_TYPE}&origin={federations.ORIGIN}",
    "/records?state=held",
    "/records?kind=commendation",
    "/records?list_type=wage-arrears",
    "/repairs?show=all",
    "/repairs?show=late",
    "/requests?show=all",
)
"""Views that are chosen on a page."""
CITY = federations.FOLLOWER_REGION
OTHER = "510300"
"""Region of the publisher whose records arrive while pages are asked for."""
_BELOW: Final = re.compile(rb'href="(/[a-z]+/[^"?#]+)"')
_NEXT: Final = re.compile(rb'href="(/[a-z]+\?[^"]*page_token=[^"]+)"')
_FORMS: Final = frozenset({"new", "report.xlsx"})
"""What stands below a page and is none of its records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is asked for."""

    name: str
    ask: Callable[[], bytes]


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; the size is how many records there are before more arrive."""
    size = options.size or SIZE
    for kind in options.databases:
        with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name, ExitStack() as stack:
            directory = Path(name)
            made = stack.enter_context(databases(kind, directory))
            database = stack.enter_context(made.fresh())
            phases = _measured(directory, database, size, options.runs or ROUNDS)
        for phase, found in phases.items():
            for page, runs in (*found.items(), ("p99", [_p99(found.values())])):
                yield Result(
                    bench=f"{phase}{page}",
                    database=kind,
                    unit="ms",
                    baseline="a bare page of as many bytes",
                    runs=tuple(runs),
                    size=size,
                )


_Found: TypeAlias = dict[str, list[Run]]


def _measured(directory: Path, database: str, size: int, rounds: int) -> Mapping[str, _Found]:
    publisher, other, city, audience = _found(directory, database)
    laps = size > FOLLOWED
    lists.write_list(directory / "list.csv", min(FOLLOWED if laps else DIFFERENT, size))
    some = [lists.short(one) for one in lists.listings(directory / "list.csv", audience)]
    names = _know(city, directory / "subjects.csv", some)
    said = _say(publisher, lists.many(some, FOLLOWED if laps else size))
    at_rest: _Found = {}
    at_work: _Found = {}
    judged = ReconciledOf(database, federations.ORIGIN)
    shown = ReconciledOf(database, federations.ORIGIN)
    with (
        told("judged", shown, said),
        federations.serving(city) as pid,
        federations.serving(publisher),
    ):
        _wait(judged, said)
        _own_list(city, directory / "own.csv", max(min(size, FOLLOWED) // OWN, 20), names)
        _until_at_rest(pid)
    judged.close()
    if laps:
        lay_laps(city, federations.ORIGIN, size)
    arrived = ReconciledOf(database, f"{OTHER}.huxin.example/1")
    with _bare() as bare, federations.serving(city), _pages(city, some, size) as pages:
        for _ in range(rounds):
            _ask_all(pages, bare, at_rest)
        more = _say(other, lists.many(some, max(size // MORE, 1), size))
        with federations.serving(other):
            while not at_work or arrived() < more:
                _ask_all(pages, bare, at_work)
    arrived.close()
    return {"": at_rest, f"while {more} arrive, ": at_work}


def _ask_all(pages: Sequence[Page], bare: HTTPConnection, found: _Found) -> None:
    for page in pages:
        began = perf_counter()
        content = page.ask()
        took = perf_counter() - began
        asked(bare, "GET", f"/{len(content)}", b"", {})
        spent = perf_counter() - began - took
        found.setdefault(page.name, []).append(Run(value=took * 1000, baseline=spent * 1000))


def _p99(found: Iterable[Sequence[Run]]) -> Run:
    """Of all answers together, and of the bare ones."""
    runs = [run for of_page in found for run in of_page]
    values, bare = ([getattr(run, name) for run in runs] for name in ("value", "baseline"))
    return Run(value=percentile(values, 99), baseline=percentile(bare, 99))


@contextmanager
def _pages(city: Path, some: Sequence[Listing], size: int) -> Iterator[Sequence[Page]]:
    """Every page of the menu, and one of each kind below it, by who may see it."""
    with ExitStack() as stack:
        people = [
            stack.enter_context(signed_in(city, name, roles, matters))
            for name, roles, matters in (
                ("business", (Role.OPERATOR,), (MATTER,)),
                ("audit", (Role.AUDIT,), ()),
                ("security", (Role.SECURITY,), ()),
            )
        ]
        _work(people[0], some, size)
        pages: dict[str, Page] = {}
        for who in people:
            for path in who.menu():
                if path not in pages:
                    pages |= {page.name: page for page in _page(who, path)}
        for path in FURTHER:
            pages[path] = Page(name=path, ask=partial(people[0].get, path))
        said = {"subject": some[2].subject.code}
        search = partial(people[0].post, "/records/search", said)
        yield (*pages.values(), Page(name="/records/search", ask=search))


def _work(operator: Visitor, some: Sequence[Listing], size: int) -> None:
    """What an office has done before: checks without a report, a campaign over many listings."""
    chosen = random.Random(1).sample(some, min(QUESTIONS, 1 + len(some) // 50))
    for number, one in enumerate(chosen):
        subject = {"code": one.subject.code, "name": one.subject.name}
        case = {"case_no": f"bench-{number}", "request_id": token(16).hex()}
        operator.post("/checks", {"matter": MATTER, "purpose": PURPOSE, **case, **subject})
    made = {"name": "bench", "document": "bench", "unit": "bench", "request_id": token(16).hex()}
    operator.post("/campaigns", made)
    (campaign,) = re.findall(rb'href="(/campaigns/[^"]+)"', operator.get("/campaigns"))
    each = size // len(some)
    codes = [one.subject.code for one in some[: min(CODES_MAX, CAMPAIGN // each)]]
    operator.post(f"{campaign.decode()}/enter", {"codes": " ".join(codes)})


def _page(who: Visitor, path: str) -> Iterator[Page]:
    """A page, and one below it where it leads to any."""
    yield Page(name=path, ask=partial(who.get, path))
    shown = who.get(path)
    for pattern, name in ((_BELOW, "{}/…"), (_NEXT, "{}?page_token=…")):
        for link in pattern.findall(shown):
            target = unescape(link.decode())
            if path != "/" and target.startswith(path) and target.rpartition("/")[2] not in _FORMS:
                yield Page(name=name.format(path), ask=partial(who.get, target))
                break


def _found(directory: Path, database: str) -> tuple[Path, Path, Path, Audience]:
    """Two publishers, and the city whose console is asked; all may list."""
    port, another = free_ports(2)
    publisher = federations.new_member(directory, federations.REGION, f"127.0.0.1:{port}")
    other = federations.new_member(directory, OTHER, f"127.0.0.1:{another}", lists=True)
    city = federations.new_member(directory, CITY, "", lists=True)
    pin = federations.ally(directory, (publisher, other, city), 0)
    for member in (publisher, other, city):
        federations.bind(directory / member.region)
    federations.use_database(directory / CITY, database)
    open_console(directory / CITY)
    audience = Audience(charters=(pin,), purposes=tuple(PURPOSES))
    return directory / federations.REGION, directory / OTHER, directory / CITY, audience


def _know(city: Path, path: Path, listed: Sequence[Listing]) -> Mapping[str, str]:
    """Adopt the catalogs of the nation, and a base library in which some subjects differ.

    Returns:
        The name in the library of each code.
    """
    furnish(load_config(city), DATA, ())
    names: dict[str, str] = {}
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("code", "name"))
        for number, one in enumerate(listed):
            other = "别的" if number % HELD == 0 else ""
            names[one.subject.code] = f"{other}{one.subject.name}"
            table.writerow((one.subject.code, names[one.subject.code]))
    import_library(path, city / FILE_NAME, lambda _: None, anyway=True)
    return names


def _say(publisher: Path, wanted: Iterable[Listing]) -> int:
    """Say listings at a node that does not run, and repair some of them; how many leaves it has."""
    encode = ProtobufPayloads().encode

    def drafts() -> Iterator[Draft]:
        for number, one in enumerate(wanted):
            said = Draft(
                kind=Kind.LISTING, statement_id=StatementId(token(16)), payload=encode(one)
            )
            yield said
            if number % RELIEVED == 1:
                yield Draft(
                    kind=Kind.REPAIR,
                    statement_id=StatementId(token(16)),
                    about=said.statement_id,
                    payload=encode(_relief(one)),
                )

    return lists.say(publisher, drafts())


def _relief(listing: Listing) -> Relief:
    return Relief(
        audience=listing.audience,
        record=listing.key,
        subject_name=listing.subject.name,
        authority=listing.authority,
        document=f"{listing.document}修",
        decided_on=lists.TODAY,
        publish_until=listing.publish_until,
        reason="已履行",
    )


def _own_list(city: Path, path: Path, rows: int, names: Mapping[str, str]) -> None:
    """Take a list file of a department as the command line does, with its figures of quality.

    Rows that the library contradicts would wait for two persons, and stand in none.
    """
    lists.write_list(path, rows)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *made = csv.reader(file)
    named, code = header.index("被执行人姓名/名称"), header.index("统一社会信用代码")
    kept = [row for row in made if names.get(row[code], row[named]) == row[named]]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((header, *kept))
    command = ("publish", str(path), "--list", federations.LIST_TYPE, "--dir", str(city))
    subprocess.run(
        [sys.executable, "-c", "from node.cli.main import main; main()", *command],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _wait(judged: ReconciledOf, size: int) -> None:
    while judged() < size:
        sleep(0.1)


def _until_at_rest(pid: int) -> None:
    """Wait until a node has done what it had to do."""
    spent = cpu_seconds(pid)
    while True:
        sleep(REST_SECONDS)
        before, spent = spent, cpu_seconds(pid)
        if spent - before < BUSY * REST_SECONDS:
            return


@contextmanager
def _bare() -> Iterator[HTTPConnection]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare_page"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        with closing(HTTPConnection("127.0.0.1", int(process.stdout.readline()))) as connection:
            yield connection
    finally:
        process.kill()
        process.communicate()
