"""Quality 数据质量: figures of a week, month or quarter, drawn and as tables; its report.

The report is the one that `huxin quality report` writes: the same tables, to be printed or kept as
a workbook. A page shows the first rows of each; the workbook has all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from starlette.responses import Response

from federation.ids import Date
from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.texts.quality import TEXTS
from node.console.words import Language
from node.documents import quality_labels as labels
from node.documents.periods import last_month, named
from node.documents.quality_tables import report_of, workbook_of
from node.documents.report_sheets import by_city, in_short, on_paper, rows_of
from node.system.clock import SystemClock
from node.texts.fields import day
from node.texts.repairs import KINDS

WEEKS, MONTHS, QUARTERS = 8, 12, 6
"""How many periods of each unit there are to choose from."""
TREND: Final = {"month": 6, "quarter": 4, "week": 8}
"""How many periods of each unit a trend has: each is counted anew out of the whole log."""
_TREND_COUNTS: Final = ("late", "missed", "wrong_codes")
ROWS_SHOWN: Final = 200
"""Of each table of a report on the page."""
SOURCES_SHOWN: Final = 8
"""On the first sheet, those that reported most: with cities it holds no more."""
RELIEFS, RELIEF_PAGES = 200, 10
"""Reliefs asked for at once, and how often for one report."""
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEASURES: Final = (
    "reported",
    "refused",
    *labels.RATES,
    "late",
    "missed",
    "wrong_codes",
    "wrong_matches",
    "gaps",
)


async def index(visit: Visit) -> Response:
    """Figures of a period; where none was chosen of last month, or of this one if it was empty."""
    name, today = _chosen(visit), SystemClock().today()
    found = await _figures(visit, name)
    early = not visit.query.get("period", "") and not _reported(found) and not _waits([found])
    if early:
        name = periods(today)["month"][0]
        found = await _figures(visit, name)
    if waits := _waits([found]):
        return _counting(visit, waits, 1)
    english = visit.language is Language.EN
    rows = labels.rows(found)
    columns = labels.COLUMNS | labels.MEASURES
    return visit.page(
        "quality.html",
        found=found,
        period=name,
        early=early,
        units=_units(name, today),
        drawn=_reported(found),
        owed=sum(one["state"] == "missing" for one in found["collection"]["items"]),
        sources=list(by_source(rows)),
        rows=list(map(labels.shown, rows)),
        measures=[(one, visit.language.of(columns[one])) for one in _MEASURES],
        rates=[(one, visit.language.of(columns[one])) for one in labels.RATES[:3]],
        reasons=[(labels.reason(code, english=english), code, n) for code, n in reasons(rows)],
        items=labels.items(found, english=english),
        headings={one: visit.language.of(pair) for one, pair in labels.ITEMS.items()},
        notes=labels.notes(found, english=english),
    )


async def trend(visit: Visit) -> Response:
    """What was reported in one period after the other, of all sources or of one."""
    unit = visit.query.get("unit", "month")
    unit = unit if unit in TREND else "month"
    names = [*reversed(periods(SystemClock().today())[unit][: TREND[unit]])]
    found = [await _figures(visit, name) for name in names]
    if waits := _waits(found):
        return _counting(visit, waits, len(found))
    sources = {
        row["source"]: labels.named(one, "sources", row["source"])
        for one in found
        for row in one["rows"]
    }
    source = visit.query.get("source", "")
    columns = labels.COLUMNS | labels.MEASURES
    return visit.page(
        "quality-trend.html",
        units=list(TREND),
        unit=unit,
        sources=sorted(sources.items()),
        source=source if source in sources else "",
        points=[
            {"name": name, **counted(one["rows"], source if source in sources else "")}
            for name, one in zip(names, found, strict=True)
        ],
        counts=[(one, visit.language.of(columns[one])) for one in _TREND_COUNTS],
    )


def counted(rows: Sequence[Mapping[str, Any]], source: str) -> Mapping[str, int]:
    """Counts of a period over all lists: of one source, or of all where none is named."""
    held = [row for row in rows if source in ("", row["source"])]
    total = {
        name: sum(row[name] for row in held)
        for name in ("reported", "refused", "compliant", *_TREND_COUNTS)
    }
    return total | {"faulty": total["reported"] - total["refused"] - total["compliant"]}


def _reported(found: Mapping[str, Any]) -> bool:
    """Whether anything was reported in a period."""
    return any(one["reported"] for one in found["rows"])


async def _figures(visit: Visit, name: str, **more: str) -> dict[str, Any]:
    """The figures of a period, or that they are being counted: a page waits for none."""
    asked = {"period": name, "at_once": "true", **more}
    found: dict[str, Any] = await visit.get("/v1/quality", asked)
    return found


def _waits(found: Sequence[Mapping[str, Any]]) -> int:
    """How many of these figures are being counted."""
    return sum(one.get("counting", False) for one in found)


def _counting(visit: Visit, waits: int, periods: int) -> Response:
    return visit.page(
        "quality-counting.html", here_again=_again(visit), done=periods - waits, all=periods
    )


def _again(visit: Visit) -> str:
    """The address of this very page."""
    url = visit.request.url
    return f"{url.path}?{url.query}" if url.query else url.path


async def report(visit: Visit) -> Response:
    """The report of a period, as it prints."""
    told = await _told(visit)
    if waits := _waits([told["found"]]):
        return _counting(visit, waits, 1)
    made, found = report_of(**told), told["found"]
    english = visit.language is Language.EN
    rows = labels.rows(found)
    total, sources = in_short(rows)
    reliefs, all_relieved = await _reliefs(visit, found["period"]["first"])
    columns = labels.COLUMNS | labels.MEASURES
    shown = list(map(labels.shown, rows))
    return visit.page(
        "quality-report.html",
        report=made,
        period=_chosen(visit),
        total=total,
        sources=sorted(sources, key=lambda one: -one.counts["reported"]),
        sources_shown=SOURCES_SHOWN,
        owed=[
            one["name"] or one["list_type"]
            for one in found["collection"]["items"]
            if one["state"] == "missing"
        ],
        kinds=list(map(visit.language.of, KINDS.values())),
        relieved=by_city(reliefs, found["period"]["first"], found["period"]["last"]),
        all_relieved=all_relieved,
        narrow=[
            (one.source, [row for row in shown if row["source"] == one.source]) for one in sources
        ],
        measures=[(one, visit.language.of(columns[one])) for one in _MEASURES],
        sheets=on_paper(made, english=english, unknown=visit.text("unknown-beside")),
        rows_shown=ROWS_SHOWN,
        faults=rows_of(made, "faults", english=english),
        records=rows_of(made, "records", english=english),
    )


async def _reliefs(visit: Visit, first: int) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """Reliefs decided since a day, and whether these are all."""
    found: list[Mapping[str, Any]] = []
    token = ""
    for _ in range(RELIEF_PAGES):
        asked: dict[str, str | int] = {"since": first, "page_size": RELIEFS}
        page = await visit.get("/v1/repairs", asked | ({"page_token": token} if token else {}))
        found += page["repairs"]
        token = page["next_page_token"]
        if not token:
            return found, True
    return found, False


async def held(visit: Visit) -> Response:
    """Listings of ours that receivers hold or did not take, by receiver, each with its record."""
    name = _chosen(visit)
    found = await _figures(visit, name, records="true")
    if waits := _waits([found]):
        return _counting(visit, waits, 1)
    english = visit.language is Language.EN
    faults = [one for one in labels.faults(found, english=english) if one["by"]]
    return visit.page(
        "quality-held.html",
        period=name,
        faults=sorted(faults, key=lambda one: (one["list_type"], one["by"], one["statement_id"]))[
            :ROWS_SHOWN
        ],
        all=len(faults),
        columns=[
            (one, visit.language.of(labels.FAULTS[one]))
            for one in ("list_type", "by", "outcome", "reason")
        ],
    )


async def download(visit: Visit) -> Response:
    """The report of a period as a workbook."""
    told = await _told(visit)
    if _waits([told["found"]]):
        return visit.to("/quality/report", period=_chosen(visit))
    made = report_of(**told)
    content = await asyncio.to_thread(workbook_of, made)
    period = _chosen(visit)
    called = f"{visit.text('report.file')}{period}"
    return visit.download(content, f"quality-{period}.xlsx", called, _XLSX)


async def _told(visit: Visit) -> dict[str, Any]:
    """What the report of the period is put together from."""
    name = _chosen(visit)
    found = await _figures(visit, name, records="true", shares="true")
    rates = await visit.get("/v1/repairs:rates", {"period": name})
    here = (await visit.get("/v1/status"))["node"]
    made_by = f"{here['name']} {here['region']}, {day(SystemClock().today())}"
    return {
        "found": found | {"repairs": rates},
        "made_by": made_by,
        "period": named(name),
        "english": visit.language is Language.EN,
        "names": False,
    }


def by_source(rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What each source reported, over all its lists: well, with faults, refused."""
    sources = {
        row["source"]: [one for one in rows if one["source"] == row["source"]] for row in rows
    }
    for source, held in sources.items():
        reported, refused, compliant = (
            sum(row[name] for row in held) for name in ("reported", "refused", "compliant")
        )
        yield {
            "source": source,
            "compliant": compliant,
            "faulty": reported - refused - compliant,
            "refused": refused,
        }


def reasons(rows: Sequence[Mapping[str, Any]]) -> Sequence[tuple[str, int]]:
    """Reasons of all rows, the most frequent first."""
    counted: dict[str, int] = {}
    for row in rows:
        for code, number in row["reasons"].items():
            counted[code] = counted.get(code, 0) + number
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def periods(today: Date) -> Mapping[str, Sequence[str]]:
    """Names of the periods up to a day, by unit, the newest first."""
    year, month = divmod(today // 100, 100)
    now = date(year, month, today % 100)
    at = year * 12 + month - 1
    weeks = ((now - timedelta(weeks=back)).isocalendar() for back in range(WEEKS))
    months = (divmod(at - back, 12) for back in range(MONTHS))
    quarters = (divmod(at // 3 - back, 4) for back in range(QUARTERS))
    return {
        "month": [f"{of:04}-{one + 1:02}" for of, one in months],
        "quarter": [f"{of:04}-Q{one + 1}" for of, one in quarters],
        "week": [f"{of:04}-W{one:02}" for of, one, _ in weeks],
    }


def _units(name: str, today: Date) -> Mapping[str, Sequence[str]]:
    """The choices, and among them the one that was made."""
    offered = periods(today)
    if any(name in names for names in offered.values()):
        return offered
    unit = named(name).unit
    return {**offered, unit: [name, *offered[unit]]}


def _chosen(visit: Visit) -> str:
    return visit.query.get("period", "").upper() or last_month(SystemClock().today())


PAGE: Final = Page(
    name="quality",
    path="/quality",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/trend", trend),
        Route("GET", "/report", report),
        Route("GET", "/held", held),
        Route("GET", "/report.xlsx", download),
    ),
)
