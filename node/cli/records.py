"""`huxin records list|show|watch`: statements as this node holds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Annotated, Any, Final

import typer
from huxin.v1 import registry_pb2 as pb

from node.cli import render
from node.cli.client import Services, services
from node.cli.language import Language, english, say_in
from node.cli.letter_files import LetterFile, keep
from node.cli.naming import abbreviated, named
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    StatementArgument,
    node_directory,
)
from node.codec import record_from_proto, record_to_json
from node.texts.ends import state_of
from node.texts.fields import STATES, ending, for_people, labels, moment, state_in_words, told_by

PAGE: Final = 1000
_COLUMNS: Final = {
    "statement_id": ("声明", "statement"),
    "city": ("城市", "city"),
    "list_type": ("名单", "list"),
    "subject_code": ("代码", "code"),
    "subject_name": ("名称", "name"),
    "document": ("文书号", "document"),
    "meaning": ("含义", "meaning"),
    "publish_until": ("公示至", "until"),
    "state": ("状态", "state"),
    "annotations": ("标注", "annotations"),
    "rule": ("规则", "rule"),
}
_UNDER: Final = {
    "list_type": ("rule",),
    "subject_code": ("subject_name",),
    "document": ("publish_until", "meaning"),
    "state": ("annotations",),
}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="记录：列表、详情、监视 / Records: list, show, watch.",
)

State = Annotated[str, typer.Option("--state", metavar="S", help="状态 / State")]
OfOrigin = Annotated[str, typer.Option("--origin", metavar="O", help="日志 / Log")]
OfCode = Annotated[
    str, typer.Option("--code", metavar="C", help="只列此代码的主体 / Only of this subject code")
]
OfName = Annotated[
    str,
    typer.Option("--name", metavar="N", help="只列此全称的主体 / Only of this name, written whole"),
]
OfList = Annotated[str, typer.Option("--list", metavar="L", help="只列此名单 / Only of this list")]
OfKind = Annotated[
    str,
    typer.Option("--kind", metavar="K", help="种类，缺省为列入 / Kind; listings where not given"),
]


@app.command("list")
def list_records(  # noqa: PLR0913 - the options of the command
    *,
    directory: Directory = None,
    state: State = "",
    origin: OfOrigin = "",
    kind: OfKind = "",
    code: OfCode = "",
    name: OfName = "",
    list_type: OfList = "",
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几条 / At most so many records")
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="每行一个 JSON 对象 / One JSON object a line")
    ] = False,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出记录 / List records."""
    request = pb.ListRecordsRequest(
        state=_state_asked(state),
        origin=origin,
        kind=kind,
        code=code,
        name=name,
        list_type=list_type,
        page_size=PAGE,
    )
    with services(node_directory(directory)) as node:
        records = islice(read_records(node, request), limit)
        if stream:
            for record in records:
                render.write_json_line(record)
            return
        found = list(records)
        shown = found if output is Format.JSON else abbreviated(node, found)
    if output is Format.JSON:
        render.write_json(found)
    else:
        rows = [_flat(record) | {"state": _state(record, language)} for record in shown]
        render.write_table("", render.pick(language, _COLUMNS), rows, _UNDER)


@app.command("show")
def show(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """显示一条记录及其内容 / Show one record with its payload."""
    with services(node_directory(directory)) as node:
        message = node.registry.GetRecord(pb.GetRecordRequest(statement_id=named(node, statement)))
        record = record_to_json(record_from_proto(message))
    if output is Format.JSON:
        render.write_json(record)
    else:
        payload = record.pop("payload", None)
        completed = record.pop("completed", {})
        first = record.pop("first_cosigned", None)
        list_type = record["list_type"]
        told, ended = record.pop("told_by", []), record.pop("ended_by", None)
        render.write_fields(
            for_people(record, english=english()), labels(record, english=english())
        )
        for field, other in completed.items():
            said = json.dumps(other["value"], ensure_ascii=False)
            source = f"{other['origin']} {other['statement_id']}"
            render.write_line(f"{say_in('补全 / completed')}  {field}: {said}  ({source})")
        if first is not None:
            render.write_line(
                f"{say_in('首次联署 / first cosigned')}  {moment(first['time'])}  "
                f"{say_in('日志前 / size')} {first['size']}{say_in(' 条 / ')}"
            )
        if ended is not None:
            render.write_line(ending(ended, list_type, english=english()))
        for one in told:
            render.write_line(told_by(one, english=english()))
        if payload is not None:
            render.write_line(json.dumps(payload, ensure_ascii=False, indent=2))


@app.command("letter")
def write_letter(
    statement: StatementArgument, out: LetterFile, *, directory: Directory = None
) -> None:
    """出具删除记录（DOCX）：内容已不再保存的声明 / That its content is held no more, as a form."""
    from node.records.removal_forms import removal_form  # noqa: PLC0415 - python-docx

    with services(node_directory(directory)) as node:
        message = node.registry.GetRecord(pb.GetRecordRequest(statement_id=named(node, statement)))
        made = removal_form(record_to_json(record_from_proto(message)))
    keep(out, made)


@app.command("watch")
def watch(
    *,
    directory: Directory = None,
    state: State = "",
    origin: OfOrigin = "",
    kind: OfKind = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """先列出现有记录，再逐条显示变化，直至 Ctrl-C / All records, then each change, until Ctrl-C."""
    request = pb.WatchRecordsRequest(state=_state_asked(state), origin=origin, kind=kind)
    with services(node_directory(directory)) as node, suppress(KeyboardInterrupt):
        for message in node.registry.WatchRecords(request):
            record = record_to_json(record_from_proto(message))
            if output is Format.JSON:
                render.write_json_line(record)
            else:
                flat = _flat(record)
                flat["state"] = state_in_words(flat["state"], flat["list_type"], english=english())
                shown = ("statement_id", "origin", "index", "subject_name", "state", "rule")
                render.write_line("  ".join(str(flat[name]) for name in shown))


def read_records(node: Services, request: pb.ListRecordsRequest) -> Iterator[dict[str, Any]]:
    """Read records page by page, as JSON objects."""
    while True:
        page = node.registry.ListRecords(request)
        for message in page.records:
            yield record_to_json(record_from_proto(message))
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _state(record: dict[str, Any], language: Language) -> str:
    """The state in words."""
    return state_in_words(record["state"], record["list_type"], english=language is Language.EN)


def _state_asked(text: str) -> str:
    """The state as the node has it, also where it is asked for in Chinese."""
    found = next((state for state, pair in STATES.items() if pair[0] == text), "")
    return found or state_of(text) or text


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    subject = record["subject"] or {}
    return record | {
        "city": record.get("city") or record["origin"],
        "subject_code": subject.get("code", ""),
        "subject_name": subject.get("name", ""),
    }
