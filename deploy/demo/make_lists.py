#!/usr/bin/env python3
"""Make the lists of the demo: four cities, four lists each, 10,000 rows, every subject invented.

    .venv/bin/python -m deploy.demo.make_lists [DIRECTORY]

The same seed gives the same rows. About one row in a hundred is faulty in the ways real files
are; `expected.json` says how many of which kind, counted while they are made and not by the
reader that is tried on them. Columns are in `layouts.py`, words in
`vocabulary.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.demo.awards import commended_firms, write_awards
from deploy.demo.layouts import LAYOUTS, PERSONAL_FIELDS, Layout
from deploy.demo.vocabulary import CITIES, LISTS, REASONS, SCENARIOS, SHARED, TRADES, City
from deploy.demo.writers import csv_file, xlsx_file
from federation.errors import StatementError
from federation.regions import lies_within, registered_in
from federation.uscc import check_uscc, make_uscc, organisation_check

SEED = 20261120
FIRST_DAY = dt.date(2024, 11, 25)
FIRST_DAYS = {"judgment-defaulter": dt.date(2025, 6, 1)}
"""A court's listing is published for two years, the others for three."""
LAST_DAY = dt.date(2026, 10, 31)
FAULTY_EVERY = 97
DEMO = "（演示）"
RENAMED_IN, RENAMED_LIST, RENAMED = "510300", "major-tax-violation", 5
"""Subjects of 自贡 that registries know otherwise: the first of a list. 内江 has another name for
them, 自贡 itself has them as revoked 吊销, which makes them no less certain."""
ELSEWHERE = {"510100": ("510104", "成都"), "500152": ("500152", "潼南")}
"""Cities without lists of their own: where their few firms are registered, and their short name."""
FIRMS = 8
RENAMED_AT = "511000"
FAULTS = ("check-digit", "no-name", "date", "duplicate", "full-width", "letter", "person")
WORDS = ("恒达", "瑞丰", "川南", "鑫源", "长江", "盐都", "酒城", "甜城")
WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789ABCDEFGHJKLMNPQRTUWXY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row before it is written in the words and formats of a layout."""

    name: str
    code: str
    party: str
    authority: str
    document: str
    decided: dt.date
    noticed: dt.date
    until: str
    reason: str
    person: str = "示例人甲"
    key: str
    decided_text: str = ""


REASONS_APART = 2
"""Parts of the reason that the courts' tables here do not have: basis of execution and its unit."""


@dataclass(slots=True)
class Expected:
    """What a correct reader must find in a file."""

    rows: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)

    def as_json(self, layout: Layout) -> dict[str, object]:
        """As it stands in `expected.json`."""
        personal = [column for column, name in layout.columns if name in PERSONAL_FIELDS]
        return {
            "rows": self.rows,
            "accepted": self.rows - self.faults.total(),
            "refused": self.faults.total(),
            "faults": dict(sorted(self.faults.items())),
            "notices": dict(sorted(self.notices.items())),
            "dropped": dict.fromkeys(sorted(personal), self.rows),
        }


def subject(region: str, number: int, chance: random.Random) -> tuple[str, str]:
    """Invent a subject: name and code. The prefix YY is explained in ADR 0003."""
    city = CITIES[region]
    county, place = chance.choice(city.counties)
    shape = chance.random()
    word, trade = chance.choice(WORDS), chance.choice(TRADES)
    if shape < 0.80:
        prefix, name = "91", f"{city.short}示例{word}{trade}有限公司"
    elif shape < 0.93:
        prefix, name = "92", f"{place}示例{word}{trade}经营部"
    elif shape < 0.98:
        prefix, name = "93", f"{place}示例{word}种植专业合作社"
    else:
        prefix, name = "52", f"{city.short}示例{word}职业培训学校"
    return f"{name}（演示）", make_uscc(prefix + county, f"YY{number:06d}")


def good_rows(region: str, list_type: str, layout: Layout, chance: random.Random) -> Iterator[Row]:
    """Yield rows without faults, in the order of their decisions' numbers."""
    city = CITIES[region]
    base = (list(CITIES).index(region) * len(LISTS) + list(LISTS).index(list_type)) * 10_000
    shared = [pair[1] for pair in SHARED if (region, list_type) in pair[0]]
    for number in range(layout.rows):
        if shared and number < len(shared[0]):
            home, seed = shared[0][number]
            name, code = subject(home, seed, random.Random(seed))  # noqa: S311 - demo data
        else:
            name, code = subject(region, base + number, chance)
        drawn = chance.randrange((LAST_DAY - FIRST_DAY).days + 1)
        first_day = FIRST_DAYS.get(list_type, FIRST_DAY)
        decided = first_day + dt.timedelta(days=drawn % ((LAST_DAY - first_day).days + 1))
        authority = chance.choice(city.authorities[list_type])
        capped = list_type == "unpaid-migrant-wages" and number % 89 == 88
        yield Row(
            name=name,
            code=code,
            party=layout.party[0],
            authority=authority.name,
            document=authority.document(list_type, decided.year, number + 1),
            decided=decided,
            noticed=decided - dt.timedelta(days=chance.randrange(15, 40)),
            until="2099-12-31" if capped else "",
            reason=chance.choice(REASONS[list_type]),
            key=f"{LISTS[list_type]}{region}{number + 1:06d}",
        )


def faulty(row: Row, fault: str, city: City, layout: Layout, number: int) -> Row:
    """Return the row with one of the faults that real files have."""
    if fault == "check-digit":
        last = "1" if row.code[-1] != "1" else "2"
        return replace(row, code=row.code[:-1] + last)
    if fault == "no-name":
        return replace(row, name="")
    if fault == "date":
        return replace(row, decided_text="20261332")
    if fault == "full-width":
        return replace(row, code=row.code.translate(WIDE), decided_text="wide")
    if fault == "letter":
        county, place = city.counties[number % len(city.counties)]
        code = make_uscc("N2" + county, f"YY9{city.digit}{number:04d}")
        return replace(row, code=code, name=f"{place}示例村股份经济合作联合社（演示）")
    # Nobody's number: region 510599 does not exist, sequence 000 is not given out.
    return replace(row, name="示例人乙（演示）", code="510599199001010000", party=layout.party[1])


def list_rows(
    region: str, list_type: str, layout: Layout, library: dict[str, tuple[str, str]]
) -> tuple[list[Row], Expected]:
    """Make the rows of one file, faults included, and count what must be found.

    `library` is told every subject: name and old organisation code, by unified code.
    """
    chance = random.Random(f"{SEED} {region} {list_type}")  # noqa: S311 - demo data
    rows: list[Row] = []
    expected = Expected()
    if list_type == "judgment-defaulter":
        expected.notices["reason.part-missing"] = REASONS_APART
    offset = list(CITIES).index(region) + 2 * list(LISTS).index(list_type)
    for number, row in enumerate(good_rows(region, list_type, layout, chance)):
        expected.rows += 1
        library.setdefault(row.code, (row.name, ""))
        if number % FAULTY_EVERY != FAULTY_EVERY - 1:
            if row.until:
                expected.notices["publish-until.capped"] += 1
            old = list_type == "judgment-defaulter" and number % 400 == 50
            if old:  # a unit that still has the old code, written with its hyphen
                eight = f"YY8{list(CITIES).index(region)}{number:04d}"
                old_code = eight + organisation_check(eight)
                library[make_uscc(row.code[:8], eight)] = (row.name, old_code)
                row = replace(row, code=f"{eight}-{old_code[-1]}")  # noqa: PLW2901
                expected.notices["code.normalised"] += 1
            rows.append(row)
            continue
        fault = FAULTS[(number // FAULTY_EVERY + offset) % len(FAULTS)]
        row = replace(row, until="")  # noqa: PLW2901 - one fault at a time
        if fault == "duplicate":
            rows.append(rows[-1])
        else:
            bad = faulty(row, fault, CITIES[region], layout, number)
            if fault == "letter":
                library[bad.code] = (bad.name, "")
            rows.append(bad)
        note(expected, fault)
    return rows, expected


def note(expected: Expected, fault: str) -> None:
    """Count what a fault must lead to; full width and a letter lead to no refusal."""
    if fault == "full-width":
        expected.notices.update(["code.normalised", "date.normalised"])
    elif fault != "letter":
        code = {
            "check-digit": "identity.code-check-digit",
            "no-name": "field.missing",
            "date": "date.calendar",
            "duplicate": "row.duplicate",
            "person": "subject.natural-person",
        }[fault]
        expected.faults[code] += 1


def cells(row: Row, layout: Layout) -> list[str]:
    """Return the row in the columns and date format of a layout."""
    decided = row.decided.strftime(layout.date)
    texts = {
        "decided": row.decided_text or decided,
        "noticed": row.noticed.strftime(layout.date),
    }
    if row.decided_text == "wide":
        texts["decided"] = row.decided.strftime("%Y%m%d").translate(WIDE)
    return [
        texts.get(name) or layout.constants.get(name) or str(getattr(row, name, ""))
        for _, name in layout.columns
    ]


def is_uscc(code: str) -> bool:
    """Whether the code is a valid unified code."""
    try:
        check_uscc(code)
    except StatementError:
        return False
    return True


def relief_rows(region: str, made: dict[str, list[Row]]) -> list[list[str]]:
    """Choose records that may be repaired: the shortest period of a year is over."""
    found = [list(RELIEF_HEADER)]
    for list_type, rows in made.items():
        old = [row for row in rows if row.decided < dt.date(2025, 9, 1)]
        plain = [row for row in old if row.name and not row.decided_text and is_uscc(row.code)]
        for row in plain[3 : 3 + (2 if list_type == "market-severe-violation" else 1)]:
            title = LAYOUTS[region, list_type].list_name
            document = f"{CITIES[region].letter}信修决〔2026〕{len(found)}号"
            found.append(
                [row.code, row.name, title, row.authority, row.document, document, "2026-11-09", ""]
            )
    foreign = list(found[1])
    foreign[3] = "成都市示例区人民法院（演示）"
    return [*found, foreign]


RELIEF_HEADER = (
    "统一社会信用代码",
    "名称",
    "名单类型",
    "认定单位",
    "列入文书号",
    "修复决定文书号",
    "修复日期",
    "修复原因",
)


def make(directory: Path) -> None:
    """Write all files."""
    expected: dict[str, object] = {}
    library: dict[str, tuple[str, str]] = {}
    old_names: list[Row] = []
    for region in CITIES:
        folder = directory / region
        folder.mkdir(parents=True, exist_ok=True)
        made: dict[str, list[Row]] = {}
        for list_type in LISTS:
            layout = LAYOUTS[region, list_type]
            made[list_type], counts = list_rows(region, list_type, layout, library)
            header = [column for column, _ in layout.columns]
            table = [cells(row, layout) for row in made[list_type]]
            path = folder / f"{list_type}{layout.ending}"
            if layout.ending == ".xlsx":
                path.write_bytes(xlsx_file(layout.list_name, header, table))
            else:
                path.write_bytes(csv_file(header, table, layout.encoding))
            expected[f"{region}/{path.name}"] = {"list": list_type, **counts.as_json(layout)}
        if region == RENAMED_IN:
            old_names = made[RENAMED_LIST][:RENAMED]
        reliefs = relief_rows(region, made)
        (folder / "reliefs.csv").write_bytes(csv_file(reliefs[0], reliefs[1:], "utf-8-sig"))
        expected[f"{region}/reliefs.csv"] = {
            "kind": "repair",
            "rows": len(reliefs) - 1,
            "accepted": len(reliefs) - 2,
            "refused": 1,
            "faults": {"authority.not-bound": 1},
        }
    (directory / "511000" / "scenarios.yaml").write_text(SCENARIOS, encoding="utf-8")
    count = SCENARIOS.count("- 类型: ")
    expected["511000/scenarios.yaml"] = {"kind": "scenario", "rows": count, "accepted": count}
    awards = directory.parent / "awards"
    evaluated = {
        code: said
        for code, said in firms_elsewhere().items()
        if lies_within(registered_in("uscc", code), "510100")
    }
    found = write_awards(awards, evaluated)
    (awards / "expected.json").write_text(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    write_libraries(directory.parent / "catalogs", library | commended_firms(), old_names)
    text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
    (directory / "expected.json").write_text(text, encoding="utf-8")


def write_libraries(
    catalogs: Path, library: dict[str, tuple[str, str]], old_names: list[Row]
) -> None:
    """Write the base library of each city: the subjects that are registered within it.

    Args:
        catalogs: folder of the cities' folders.
        library: name and old organisation code of every subject, by unified code.
        old_names: subjects that 自贡 has as revoked, and 内江 with a name of its own.
    """
    revoked = {row.code for row in old_names}
    for region in (*CITIES, *ELSEWHERE):
        subjects = {
            code: (*said, "revoked" if code in revoked else "")
            for code, said in (library | firms_elsewhere()).items()
            if lies_within(registered_in("uscc", code), region)
        }
        if region == RENAMED_AT:
            subjects |= {
                row.code: (f"{row.name.removesuffix(DEMO)}原名{DEMO}", "", "") for row in old_names
            }
        path = catalogs / region / "library.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        header = ["code", "name", "organisation_code", "status"]
        rows = [[code, *said] for code, said in sorted(subjects.items())]
        path.write_bytes(csv_file(header, rows, "utf-8"))


def firms_elsewhere() -> dict[str, tuple[str, str]]:
    """Invent the firms of cities without lists."""
    return {
        make_uscc(f"91{county}", f"YY7{place}{number:04d}"): (
            f"{short}示例{WORDS[number]}{TRADES[number]}有限公司{DEMO}",
            "",
        )
        for place, (county, short) in enumerate(ELSEWHERE.values())
        for number in range(FIRMS)
    }


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "lists")
