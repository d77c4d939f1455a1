"""The demo's lists: made again the same, found as they were meant, nobody real in them."""

from __future__ import annotations

import csv
import json
import zipfile
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest
import yaml

from adapters.catalog.editions import read_edition, starter_editions
from adapters.files.faults import RowFault
from adapters.files.listings import FeedContext, ListingRow, read_listings
from adapters.files.mapping import built_in_mappings, find_mapping, list_names
from adapters.files.reliefs import ReliefContext, ReliefRow, read_reliefs
from adapters.files.scenarios import ScenarioContext, ScenarioDraft, read_scenarios
from deploy.demo.awards import commended_firms
from deploy.demo.make_lists import RENAMED, make
from deploy.demo.vocabulary import CITIES
from federation.ids import CharterId, Date
from federation.payloads import Audience, Commendation
from federation.reconcile.catalog import Catalog, Edition, Layer
from federation.reconcile.entries import entries_of
from federation.reconcile.grounds import check_edition
from federation.record_key import RecordKey
from federation.regions import lies_within, registered_in
from node.demo.alliances import RIVER_LIST
from tests.support.file_rows import listing_of

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
LISTS = DEMO / "lists"
EXPECTED: dict[str, dict[str, Any]] = json.loads(
    (LISTS / "expected.json").read_text(encoding="utf-8")
)
AUTHORITIES = yaml.safe_load((DEMO / "authorities.yaml").read_text(encoding="utf-8"))
CHARTERS = (CharterId(b"c" * 32),)
AUDIENCE = Audience(charters=CHARTERS, purposes=("joint-punishment",))
TODAY = Date(20261120)
NATIONAL = read_edition(starter_editions()["national-lists-2024"])
TERMS = Catalog([NATIONAL], frozenset(f"{NATIONAL.id}/{name}" for name in NATIONAL.lists))
"""As a node has it whose people have confirmed what the starter edition states."""
LIST_FILES = sorted(name for name, expected in EXPECTED.items() if "list" in expected)
RELIEF_FILES = [name for name, expected in EXPECTED.items() if expected.get("kind") == "repair"]


def bound(name: str, feed: str = "") -> dict[str, str]:
    entries = AUTHORITIES[name.partition("/")[0]]
    return {entry["name"]: entry["code"] for entry in entries if not feed or feed in entry["feeds"]}


def listed(name: str) -> tuple[list[ListingRow], dict[str, Any]]:
    list_type = EXPECTED[name]["list"]
    context = FeedContext(
        audience=AUDIENCE,
        department="demo",
        batch=name,
        authorities=bound(name, list_type),
        today=TODAY,
        term_months=partial(TERMS.term_months, list_type),
    )
    reader = read_listings(LISTS / name, find_mapping(list_type), context)
    rows = [item for item in reader if isinstance(item, ListingRow)]
    tally = reader.tally
    return rows, {
        "list": list_type,
        "rows": tally.rows,
        "accepted": tally.accepted,
        "refused": tally.refused,
        "faults": tally.faults,
        "notices": tally.notices,
        "dropped": tally.dropped,
    }


def members(path: Path) -> dict[str, str]:
    """Parts of a workbook in canonical form: who writes XML spells empty elements as they like."""
    with zipfile.ZipFile(path) as archive:
        return {name: canonicalize(archive.read(name)) for name in archive.namelist()}


def test_the_lists_are_made_again_the_same(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    make(lists)
    made = {path.relative_to(lists) for path in lists.rglob("*.*")}
    assert made == {path.relative_to(LISTS) for path in LISTS.rglob("*.*")}
    for name in made:
        one, other = lists / name, LISTS / name
        if name.suffix == ".xlsx":  # packed by whatever zlib there is
            assert members(one) == members(other), name
        else:
            assert one.read_bytes() == other.read_bytes(), name
    libraries = list((tmp_path / "catalogs").rglob("*.csv"))
    assert len(libraries) == 6
    for path in libraries:
        kept = DEMO / path.relative_to(tmp_path)
        assert path.read_bytes() == kept.read_bytes(), kept


AWARDS = DEMO / "awards"
AWARDED = json.loads((AWARDS / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", AWARDED)
def test_lists_of_the_trustworthy_are_made_again_and_found_as_they_were_meant(
    name: str, tmp_path: Path
) -> None:
    make(tmp_path / "lists")
    assert (tmp_path / "awards" / name).read_bytes() == (AWARDS / name).read_bytes()
    expected = AWARDED[name]
    context = FeedContext(
        audience=AUDIENCE,
        department="demo",
        batch=name,
        authorities=bound(name, expected["list"]),
        today=TODAY,
    )
    reader = read_listings(AWARDS / name, find_mapping(expected["list"]), context)
    rows = [item.listing for item in reader if isinstance(item, ListingRow)]
    assert (reader.tally.rows, len(rows), dict(reader.tally.faults)) == (
        expected["rows"],
        expected["accepted"],
        expected["faults"],
    )
    for said in rows:
        assert isinstance(said, Commendation)
        assert said.subject.name.endswith("（演示）")
        assert said.subject.code[8:17].startswith("YY")
        assert said.valid_until >= TODAY


def test_none_of_the_trustworthy_of_the_demo_is_punished() -> None:
    punished = {row.listing.subject.code for name in LIST_FILES for row in listed(name)[0]}
    assert punished.isdisjoint(commended_firms())


def test_ten_thousand_rows_below_three_megabytes() -> None:
    assert sum(EXPECTED[name]["rows"] for name in LIST_FILES) == 10_000
    assert len(LIST_FILES) == 16
    assert sum(path.stat().st_size for path in LISTS.rglob("*.*")) < 3_000_000


@pytest.mark.parametrize("name", LIST_FILES)
def test_each_file_is_found_as_it_was_meant(name: str) -> None:
    rows, found = listed(name)
    assert found == EXPECTED[name]
    for row in rows:
        assert row.listing.subject.name.endswith("（演示）")
        code = row.listing.subject.code
        assert (code if len(code) == 9 else code[8:17]).startswith("YY")
        assert listing_of(row).prior_notice_on
        assert 20241101 <= row.listing.decided_on <= TODAY


def test_all_kinds_of_faults_are_there() -> None:
    faults = {code for name in LIST_FILES for code in EXPECTED[name]["faults"]}
    assert faults == {
        "identity.code-check-digit",
        "field.missing",
        "date.calendar",
        "row.duplicate",
        "subject.natural-person",
    }
    refused = sum(EXPECTED[name]["refused"] for name in LIST_FILES)
    assert 50 <= refused <= 110
    notices = {code for name in LIST_FILES for code in EXPECTED[name]["notices"]}
    assert notices == {
        "code.normalised",
        "date.normalised",
        "publish-until.capped",
        "reason.part-missing",
    }


def test_records_cities_and_shared_subjects() -> None:
    records: set[RecordKey] = set()
    subjects: dict[str, set[str]] = {}
    letters = 0
    for name in LIST_FILES:
        rows, _ = listed(name)
        own = set(bound(name).values())
        for row in rows:
            assert row.listing.authority in own
            assert row.listing.key not in records
            records.add(row.listing.key)
            code = row.listing.subject.code
            subjects.setdefault(code, set()).add(name.partition("/")[0])
            letters += code.startswith("N")
    assert sum(len(cities) > 1 for cities in subjects.values()) == 20
    assert letters >= 10


@pytest.mark.parametrize("name", RELIEF_FILES)
def test_reliefs_name_records_of_the_city(name: str) -> None:
    region = name.partition("/")[0]
    records = {
        row.listing.key
        for other in LIST_FILES
        if other.startswith(region)
        for row in listed(other)[0]
    }
    context = ReliefContext(
        authorities=bound(name),
        list_types=list_names(built_in_mappings().values()),
        today=TODAY,
    )
    items = list(read_reliefs(LISTS / name, context))
    reliefs = [item for item in items if isinstance(item, ReliefRow)]
    faults = [item.code for item in items if isinstance(item, RowFault)]
    assert {code: faults.count(code) for code in faults} == EXPECTED[name]["faults"]
    assert (len(reliefs), len(items)) == (EXPECTED[name]["accepted"], EXPECTED[name]["rows"])
    assert all(relief.record in records for relief in reliefs)
    assert len({relief.document for relief in reliefs}) == len(reliefs)


def test_the_scenarios_of_neijiang() -> None:
    name = "511000/scenarios.yaml"
    context = ScenarioContext(authorities=bound(name, "scenarios"), charters=CHARTERS, today=TODAY)
    drafts = read_scenarios(LISTS / name, context)
    assert all(isinstance(draft, ScenarioDraft) for draft in drafts)
    assert len(drafts) == EXPECTED[name]["rows"] == EXPECTED[name]["accepted"]
    first = drafts[0]
    assert isinstance(first, ScenarioDraft)
    assert first.scenario.scenario_type == "信易租"
    assert "免押金" in [one.text for one in first.scenario.benefits]


def test_the_authorities_are_those_of_the_lists() -> None:
    for region, city in CITIES.items():
        named = {
            (authority.code, authority.name, list_type)
            for list_type, authorities in city.authorities.items()
            for authority in authorities
        }
        bound_here = {
            (entry["code"], entry["name"], entry["feeds"][0])
            for entry in AUTHORITIES[region]
            if entry["feeds"] not in (["scenarios"], [RIVER_LIST], ["tax-grade-a"])
        }
        assert named == bound_here
    river = {region for region in AUTHORITIES if RIVER_LIST in bound_feeds(region)}
    assert river == {"510500", "510100"}


def bound_feeds(region: str) -> set[str]:
    return {feed for entry in AUTHORITIES[region] for feed in entry["feeds"]}


def test_the_four_cities_have_catalogs_of_their_own_and_their_registries_differ() -> None:
    folder = LISTS.parent / "catalogs"
    for region, number in (("510300", 1), ("510500", 1), ("511000", 2), ("511500", 1)):
        (path,) = (folder / region).glob("*.yaml")
        edition = read_edition(path.read_text("utf-8"))
        assert edition.layer is Layer.CITY
        assert len(edition.lists) == number
        assert any(item.struck for item in edition.lists.values()) is (region == "511500")
    zigong = read_library(folder / "510300" / "library.csv")
    renamed = {
        code: subject
        for code, subject in read_library(folder / "511000" / "library.csv").items()
        if not lies_within(registered_in("uscc", code), "511000")
    }
    assert len(renamed) == RENAMED
    for code, subject in renamed.items():
        assert subject["name"] != zigong[code]["name"]
        assert zigong[code]["status"] == "revoked"


def in_city(region: str) -> Catalog:
    """The catalog of a city of 四川 as the demo furnishes it: all confirmed."""
    folder = LISTS.parent / "catalogs"
    paths = [folder / "sichuan.yaml", folder / "sichuan-chongqing.yaml"]
    texts = [*starter_editions().values()]
    texts += [path.read_text("utf-8") for path in (*paths, *(folder / region).glob("*.yaml"))]
    editions: list[Edition] = []
    for edition in map(read_edition, texts):
        check_edition(edition, editions)
        editions.append(edition)
    return Catalog(editions, {f"{e.id}/{name}" for e in editions for name in entries_of(e)})


@pytest.mark.parametrize(
    ("region", "matter", "department", "measures"),
    [
        ("511500", "government-funds", "宜宾市财政部门（演示）", ["wages-government-funds"]),
        ("511500", "bidding", "", ["wages-bidding"]),
        ("510300", "government-funds", "自贡市财政部门（演示）", []),
        ("510500", "bidding", "泸州市公共资源交易部门（演示）", ["wages-bidding"]),
        ("510500", "government-procurement", "泸州市财政部门（演示）", ["wages-procurement"]),
        ("511000", "government-funds", "", ["wages-government-funds"]),
    ],
)
def test_the_cities_have_matters_of_their_own_and_other_measures(
    region: str, matter: str, department: str, measures: list[str]
) -> None:
    catalog = in_city(region)
    found, wages = (
        catalog.matter(matter, TODAY),
        catalog.entry("unpaid-migrant-wages", TODAY),
    )
    assert found is not None
    assert wages is not None
    assert found.department == department
    following = catalog.applicable(found, wages, TODAY)
    assert [one.measure.code for one in following] == measures
    assert {(one.cls.value, one.basis) for one in following} <= {
        ("prompt", "《保障农民工工资支付条例》第四十八条")
    }


def test_each_city_has_only_its_own_firms() -> None:
    folder = LISTS.parent / "catalogs"
    assert not (folder / "library.csv").exists()
    for region in ("510300", "510500", "511500", "510100", "500152"):
        subjects = read_library(folder / region / "library.csv")
        assert subjects
        assert all(lies_within(registered_in("uscc", code), region) for code in subjects)


def read_library(path: Path) -> dict[str, dict[str, str]]:
    """Rows by code."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}
