"""Batches of checks 批量核查: a table of subjects under one case, and its results as a file.

Rows are pasted out of a spreadsheet, or handed in as CSV or as a workbook. Up to `ROWS_AT_ONCE` are
asked at once and told on the page of that POST; the results are handed back as a file with the
codes as they were typed, since nothing here keeps them. Of more the page shows how far it has come
(`node.console.batch_work`), and makes a workbook of them; more than `ROWS_READ` go by
`huxin check --file`.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.responses import Response

from federation.screening.batches import ROWS_AT_ONCE, ROWS_READ
from federation.screening.roles import Action
from federation.spreadsheets import escape_formula
from node.console.api import Answer, ProblemError
from node.console.batch_work import BatchWork, parts_of
from node.console.forms import FIELD_MAX
from node.console.page import Group, Page, Route, Visit
from node.console.texts.batches import TEXTS
from node.console.words import Language, lines_typed, purpose
from node.documents.workbooks import table_of
from node.system.entropy import token
from node.texts.codes import chinese

FILE_MAX: Final = 4 * 1024 * 1024
"""Bytes of a table: twenty thousand rows have room."""
OTHERS_SHOWN: Final = 200
"""Rows of a batch in parts that stand on its page; the workbook has all."""
_FORM: Final = FILE_MAX + 3 * FIELD_MAX
_WORK: Final = "/batches/parts"
_HEAD: Final = ("matter", "purpose", "case_no")
_TYPED: Final = ("matter", "purpose", "case_no", "request_id", "rows")
_UNMEASURED: Final = "unmeasured"
"""A match for which nothing may be done here: who reads its row alone restricts nobody by it."""
_RESULTS: Final = ("match", "insufficient", "refused", "error", "clear", _UNMEASURED)
_CSV: Final = "text/csv; charset=utf-8"
_HEADS: Final = frozenset({"统一社会信用代码", "代码", "主体代码", "信用代码", "code", "uscc"})
"""First cells of a line of headings."""
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""Of tables that are handed in: as they should be, and as spreadsheets in China write them."""
_BOOKS: Final = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
}
_NAMED: Final = 20
"""Rows at fault that are named."""
_DELIMITERS: Final = ("\t", ",", "，", ";")


async def index(visit: Visit) -> Response:
    """The form."""
    return await _form(visit)


async def ask(visit: Visit) -> Response:
    """Ask about all rows; what is not plainly clear is told one by one."""
    typed = {name: visit.form.get(name) for name in _TYPED}
    file = visit.form.files.get("file")
    if file is None or not file.filename:
        rows: Sequence[Mapping[str, str]] = rows_of(typed["rows"])
    else:
        handed = await _handed_in(visit, typed, file)
        if isinstance(handed, Response):
            return handed
        rows = handed
    if not rows:
        return await _form(visit, typed=typed, told="no-rows")
    if len(rows) > ROWS_READ:
        return await _form(visit, typed=typed, told="too-many")
    if len(rows) > ROWS_AT_ONCE:
        visit.session.work = BatchWork(
            head={name: typed[name] for name in _HEAD},
            rows=rows,
            requests=[token(16).hex() for _ in range(parts_of(rows))],
        )
        return visit.to(_WORK)
    asked = {name: typed[name] for name in _TYPED if name != "rows"} | {"rows": rows}
    answer = await visit.call("POST", "/v1/checks:batch", body=asked)
    if not answer.ok:
        return await _form(visit, typed=typed, problem=ProblemError(answer))
    found = answer.document
    lines = _sorted(visit, found, rows)
    return visit.page(
        "batches-found.html",
        found=found,
        case=typed["case_no"],
        lights=_lights(found),
        others=[one for one in lines if one["result"] != _UNMEASURED],
        unmeasured=[one for one in lines if one["result"] == _UNMEASURED],
        missing=[one["name"] for one in found["closed"]["coverage"] if one["state"] != "ok"],
        tables=_parts(_table(visit, found, rows)),
    )


async def _handed_in(
    visit: Visit, typed: dict[str, str], file: UploadFile
) -> Sequence[Mapping[str, str]] | Response:
    """The rows of a file, or why there are none."""
    content = await file.read(FILE_MAX + 1)
    if len(content) > FILE_MAX:
        return await _form(visit, typed=typed, told="too-large")
    name = file.filename or ""
    media = _BOOKS.get(name[name.rfind(".") :].lower())
    if media is None:
        text = decoded(content)
        if len(content) <= FIELD_MAX:
            typed["rows"] = text
        return rows_of(text)
    read = await _read(visit, content, media)
    if not read.ok:
        return await _form(visit, typed=typed, problem=ProblemError(read))
    if faults := read.document["faults"][:_NAMED]:
        at = "、".join(str(one["row"]) for one in faults)
        return await _form(visit, typed=typed, told="faults", at=at)
    rows: Sequence[Mapping[str, str]] = read.document["rows"]
    return rows


async def work(visit: Visit) -> Response:
    """How far a batch in parts has come, and what was found so far."""
    one = visit.session.work
    if one is None:
        return visit.to("/batches")
    found = one.found()
    lines = _sorted(visit, found, one.rows)
    shown = lines[:OTHERS_SHOWN]
    return visit.page(
        "batches-work.html",
        work=one,
        found=found,
        lights=_lights(found),
        others=[each for each in shown if each["result"] != _UNMEASURED],
        unmeasured=[each for each in shown if each["result"] == _UNMEASURED],
        more=len(lines) - len(shown),
    )


async def go_on(visit: Visit) -> Response:
    """Ask about the next part."""
    one = visit.session.work
    if one is None:
        return visit.to("/batches")
    if not (one.done or one.busy):
        one.busy = True
        try:
            answer = await visit.call("POST", "/v1/checks:batch", body=one.part())
        finally:
            one.busy = False
        one.problem = None if answer.ok else ProblemError(answer)
        if answer.ok:
            one.answers.append(answer.document)
    return visit.to(_WORK)


async def workbook(visit: Visit) -> Response:
    """All rows that were answered, as a workbook."""
    one = visit.session.work
    if one is None or not one.answers:
        return visit.to("/batches")
    found = one.found()
    head, *lines = _lines(visit, found, one.rows[: one.told])
    title = visit.text("found").format(case=one.head["case_no"])
    made = visit.text("work.counted").format(told=one.told, rows=len(one.rows))
    name = visit.text("title")
    content = await asyncio.to_thread(table_of, title, made, name, head, lines)
    return visit.download(content, "result.xlsx", visit.text("result.file"), _BOOKS[".xlsx"])


def _result(one: Mapping[str, Any]) -> str:
    """A row's result, with matches without any measure told apart."""
    measured = any(match["measures"] for match in one["matches"])
    return _UNMEASURED if one["result"] == "match" and not measured else str(one["result"])


def _sorted(
    visit: Visit, found: Mapping[str, Any], rows: Sequence[Mapping[str, str]]
) -> Sequence[Mapping[str, Any]]:
    """Rows that are not plainly clear: what has a measure first, each kind by its rows."""
    lines = [_line(visit, one, rows[one["row"] - 1]) for one in found["others"]]
    return sorted(lines, key=lambda line: _RESULTS.index(line["result"]))


def _lights(found: Mapping[str, Any]) -> Sequence[tuple[str, int]]:
    """How many rows have each result."""
    unmeasured = sum(_result(one) == _UNMEASURED for one in found["others"])
    return (
        ("clear", found["clear"]),
        ("match", found["matches"] - unmeasured),
        (_UNMEASURED, unmeasured),
        ("insufficient", found["insufficient"]),
        ("refused", found["refused"]),
    )


async def _read(visit: Visit, content: bytes, media: str) -> Answer:
    """The rows of a workbook, as the API reads them: nothing of strangers is opened here."""
    headers = {"content-type": media}
    return await visit.call("POST", "/v1/subjects:read", content=content, headers=headers)


async def result(visit: Visit) -> Response:
    """The results as a file: what the page had, handed back."""
    whole = "\n".join(visit.form.all("table")).replace("\r\n", "\n")
    rows = (row for row in csv.reader(io.StringIO(whole)) if row)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerows([escape_formula(cell) for cell in row] for row in rows)
    content = b"\xef\xbb\xbf" + text.getvalue().encode()
    return visit.download(content, "result.csv", visit.text("result.file"), _CSV)


def decoded(content: bytes) -> str:
    """The text of a table; empty where it is none."""
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def rows_of(text: str) -> list[dict[str, str]]:
    """A row for each line that is not empty: code, then name; a line of headings is passed over.

    Cells are divided as the first line divides them: by tabs, as out of a spreadsheet, by commas or
    semicolons, or by the first blank.
    """
    lines = lines_typed(text)
    delimiter = next((one for one in _DELIMITERS if lines and one in lines[0]), "")
    cells = [_cells(line, delimiter) for line in lines]
    if cells and cells[0][0].lower() in _HEADS:
        del cells[0]
    return [{"code": code, "name": name} for code, name in cells]


def _cells(line: str, delimiter: str) -> tuple[str, str]:
    """The first two cells of a line."""
    if not delimiter:
        halves = line.split(maxsplit=1)
    elif len(line) > csv.field_size_limit():  # no table that anybody could mean: refused as it is
        halves = line.split(delimiter)
    else:
        halves = next(csv.reader([line], delimiter=delimiter), [])
    code, name = (*(one.strip() for one in halves[:2]), "", "")[:2]
    return code, name


def _line(visit: Visit, one: Mapping[str, Any], row: Mapping[str, str]) -> Mapping[str, Any]:
    """A row that is not plainly clear, with who was asked about."""
    return {
        **row,
        "row": one["row"],
        "number": one["number"],
        "result": _result(one),
        "why": [_said(visit, reason) for reason in one["codes"]],
        "lists": list(dict.fromkeys(match["list_name"] for match in one["matches"])),
        "measures": [measure["name"] for match in one["matches"] for measure in match["measures"]],
        "notes": len(one["notes"]),
    }


def _said(visit: Visit, reason: Mapping[str, Any]) -> str:
    code = str(reason["code"])
    return code if visit.language is Language.EN else chinese(code) or code


def _table(visit: Visit, found: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> str:
    """All rows with their results, as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_lines(visit, found, rows))
    return text.getvalue()


def _lines(
    visit: Visit, found: Mapping[str, Any], rows: Sequence[Mapping[str, str]]
) -> Iterator[Sequence[str]]:
    """The headings, then all rows with their results."""
    others = {one["row"]: one for one in found["others"]}
    columns = ("row", "code", "name", "result", "number", "lists", "measures", "why")
    yield [visit.text(f"column.{name}") for name in columns]
    for at, row in enumerate(rows, 1):
        if at not in others:
            result_said = visit.text("result.clear")
            yield (str(at), row["code"], row["name"], result_said, "", "", "", "")
            continue
        line = _line(visit, others[at], row)
        yield (
            str(at),
            row["code"],
            row["name"],
            visit.text(f"result.{line['result']}"),
            line["number"],
            "；".join(line["lists"]),
            "；".join(line["measures"]) or _no_measure(visit, line),
            "；".join(line["why"]),
        )


def _no_measure(visit: Visit, line: Mapping[str, Any]) -> str:
    """What stands where a row has no measure: of whom is listed, that nobody may restrict by it."""
    return visit.text("measures.none") if line["result"] == _UNMEASURED else ""


def _parts(text: str) -> list[str]:
    """A table in parts that have room in a field each, cut between lines."""
    parts = [""]
    for line in text.splitlines(keepends=True):
        if len((parts[-1] + line).encode()) > FIELD_MAX // 2:
            parts.append("")
        parts[-1] += line
    return parts


async def _form(
    visit: Visit,
    *,
    typed: Mapping[str, str] | None = None,
    told: str = "",
    at: str = "",
    problem: ProblemError | None = None,
) -> Response:
    return visit.page(
        "batches.html",
        at=at,
        status=422 if told or problem else 200,
        matters=(await visit.get("/v1/matters"))["matters"],
        purposes=[
            (code, purpose(code, visit.language))
            for code in sorted(visit.session.account["purposes"], key="joint-punishment".__ne__)
        ],
        typed=typed or dict.fromkeys(_TYPED, "") | {"request_id": token(16).hex()},
        told=told,
        problem=problem,
        most=ROWS_READ,
        at_once=ROWS_AT_ONCE,
        work=visit.session.work,
    )


PAGE: Final = Page(
    name="batches",
    path="/batches",
    group=Group.WORK,
    needs=(Action.CHECK,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "", ask, upload=_FORM),
        Route("POST", "/result.csv", result, upload=_FORM),
        Route("GET", "/parts", work),
        Route("POST", "/parts/next", go_on),
        Route("GET", "/parts/result.xlsx", workbook),
    ),
)
