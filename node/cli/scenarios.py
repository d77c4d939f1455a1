"""`huxin scenarios list|show|matrix|history|explain|page`: scenarios, and who recognises them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from huxin.v1 import recognition_pb2 as pb

from adapters.files.atomic import write_atomically
from federation.letters import LetterKind
from node.cli import render
from node.cli.client import failures, services
from node.cli.language import Language, english
from node.cli.letter_files import LetterAddressee, LetterFile, LetterNumber, given, keep
from node.cli.options import Directory, Format, LanguageOption, OutputFormat, node_directory
from node.documents import answers
from node.texts.fields import day
from node.texts.scenarios import (
    MARKS,
    event_in_words,
    legend,
    region_in_words,
    short_in_words,
)

_LIST: Final = {
    "scenario": ("场景编号", "scenario"),
    "title": ("场景名称", "title"),
    "type": ("类型", "type"),
    "city": ("提供地区", "offered by"),
    "incentives": ("优惠", "benefits"),
    "state": ("状态", "state"),
    "valid_until": ("有效期止", "until"),
    "here": ("本地", "here"),
}
_UNDER: Final = {"title": ("incentives",), "city": ("type",), "state": ("valid_until",)}
_SHOW: Final = {
    "scenario": ("场景编号", "scenario"),
    "statement_id": ("最新版本", "newest text"),
    "title": ("场景名称", "title"),
    "type": ("类型", "type"),
    "city": ("提供地区", "offered by"),
    "provider_name": ("提供单位", "provider"),
    "incentives": ("优惠", "benefits"),
    "conditions": ("适用条件", "conditions"),
    "explained": ("判定条件", "decided by"),
    "basis": ("依据", "basis"),
    "windows": ("服务窗口", "windows"),
    "places": ("适用地区", "places"),
    "alliances": ("联盟", "alliances"),
    "state": ("状态", "state"),
    "valid_from": ("有效期起", "from"),
    "valid_until": ("有效期止", "until"),
}
_SAID: Final = {
    "city": ("地区", "region"),
    "standing": ("本场景", "it"),
    "authority_name": ("认可单位", "said by"),
    "reason": ("原因", "reason"),
    "conditions": ("另附条件", "further conditions"),
    "further": ("另附判定条件", "further decided by"),
    "services": ("受理业务", "services"),
    "equivalences": ("等级对照", "equivalences"),
}
_HISTORY: Final = {
    "day": ("日期", "day"),
    "city": ("地区", "region"),
    "action": ("操作", "action"),
    "text": ("名称或原因", "title or reason"),
    "effective_on": ("生效", "takes effect"),
    "statement_id": ("声明编号", "statement"),
}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="场景互认：列表、详情、互认表、沿革、条件释义、公示页 / Scenarios and who recognises them",
)

Scenario = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO", help="场景编号或其前几位 / Id of a scenario, or its first digits"
    ),
]


@app.command("list")
def list_scenarios(
    *,
    state: Annotated[
        str,
        typer.Option(
            metavar="S", help="in-force（缺省）、not-yet、over、closed、unread、all / State"
        ),
    ] = "",
    region: Annotated[
        str, typer.Option(metavar="CODE", help="提供地区 / Region that offers it, six digits")
    ] = "",
    place: Annotated[
        str, typer.Option(metavar="CODE", help="可享受的地区 / Region in which it is honoured")
    ] = "",
    type_: Annotated[str, typer.Option("--type", metavar="T", help="场景类型 / Type")] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出场景，缺省为有效的 / Scenarios, by default those in force."""
    request = pb.ListScenariosRequest(state=state, region=region, place=place, type=type_)
    with services(node_directory(directory)) as node:
        found = answers.joined(node.recognitions.ListScenarios(request))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [short_in_words(row, english=language is Language.EN) for row in found]
    render.write_table("", render.pick(language, _LIST), rows, _UNDER)


@app.command("show")
def show(
    scenario: Scenario,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """显示一个场景和各地的认可 / One scenario, and what each region says of it."""
    with services(node_directory(directory)) as node:
        request = pb.GetScenarioRequest(scenario=scenario)
        found = answers.document(node.recognitions.GetScenario(request))
    if output is Format.JSON:
        render.write_json(found)
        return
    in_english = english()
    language = Language.EN if in_english else Language.ZH
    shown = short_in_words(found, english=in_english) | {
        "explained": found["explained"]["en" if in_english else "zh"],
        "valid_from": day(found["valid_from"]),
        "windows": [" ".join(filter(None, one.values())) for one in found["windows"]],
    }
    render.write_fields(shown, render.pick(language, _SHOW))
    for said in found["regions"]:
        row = region_in_words(said, english=in_english)
        render.write_fields(row, render.pick(language, _SAID))


@app.command("matrix")
def matrix(
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """互认表：有效场景由哪些地区认可 / Which regions recognise which scenarios in force."""
    with services(node_directory(directory)) as node:
        found = answers.joined(node.recognitions.GetMatrix(pb.GetMatrixRequest()))
    if output is Format.JSON:
        render.write_json(found)
        return
    columns = render.pick(language, {"title": _LIST["title"], "city": _LIST["city"]})
    columns |= {one["region"]: one["city"] for one in found["regions"]}
    rows = [
        dict(row) | {code: MARKS.get(one, one) for code, one in row["regions"].items()}
        for row in found["scenarios"]
    ]
    render.write_table(legend(english=language is Language.EN), columns, rows)


@app.command("history")
def history(
    scenario: Scenario,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """一个场景的沿革：各版本和各地的认可 / All that was said of one scenario, by day."""
    request = pb.GetHistoryRequest(scenario=scenario)
    with services(node_directory(directory)) as node:
        found = answers.joined(node.recognitions.GetHistory(request))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [event_in_words(row, english=language is Language.EN) for row in found]
    render.write_table("", render.pick(language, _HISTORY), rows)


@app.command("explain")
def explain(
    scenario: Scenario,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """用中英文说明一个场景的判定条件 / What a scenario's condition asks, in both languages."""
    with services(node_directory(directory)) as node:
        request = pb.GetScenarioRequest(scenario=scenario)
        found = answers.document(node.recognitions.GetScenario(request))
    said = found["explained"]
    if output is Format.JSON:
        render.write_json(said)
        return
    render.write_fields(said, {"zh": "中文", "en": "English"})


@app.command("letter")
def write_letter(
    scenario: Scenario,
    out: LetterFile,
    *,
    number: LetterNumber = "",
    to: LetterAddressee = "",
    directory: Directory = None,
) -> None:
    """出具本地的互认承诺、暂停、终止函（DOCX） / What this region says of it, as a letter."""
    from node.recognition import recognition_letters as letters  # noqa: PLC0415 - python-docx

    with services(node_directory(directory)) as node:
        request = pb.GetScenarioRequest(scenario=scenario)
        found = answers.document(node.recognitions.GetScenario(request))
        with failures():
            about = letters.own_word(found)["statement_id"]
        of = given(node, LetterKind.SCENARIO, about, number)
        made = letters.recognition_letter(found, of, to)
    keep(out, made)


@app.command("page")
def page(
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT.html", dir_okay=False, help="写入的网页 / Page to write"),
    ],
    *,
    objections: Annotated[
        str,
        typer.Option(metavar="TEXT", help="异议受理地点、电话 / Where to object, in words"),
    ] = "",
    directory: Directory = None,
    language: LanguageOption = Language.ZH,
) -> None:
    """出具公示页：场景、名单、措施、事项、退出、异议 / A page for the city's site."""
    request = pb.MakePageRequest(english=language is Language.EN, objections=objections)
    with services(node_directory(directory)) as node:
        made = "".join(piece.html for piece in node.recognitions.MakePage(request))
    with failures():
        write_atomically(out, made.encode(), mode=0o644)
    render.say(f"{out}：请核对后发布 / check it, then publish it")
