"""`huxin benefit`: whether a firm may have a benefit here, which it may, and that it used one.

huxin benefit SUBJECT --scenario S …     one scenario, each condition with its answer
huxin benefit list SUBJECT …             all that are honoured here
huxin benefit used NUMBER …              the benefit of an answer was used
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import typer
from huxin.v1 import recognition_pb2 as pb
from typer.core import TyperGroup

from federation.charters.values import PURPOSES
from federation.ids import Date
from node.cli import render
from node.cli.check import write_uncovered
from node.cli.client import Exit, services
from node.cli.language import Language
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
    parse_past_date,
)
from node.system.clock import CHINA, SystemClock
from node.system.entropy import token
from node.texts.fields import day
from node.texts.questions import made_plain

REQUEST_ID_SIZE: Final = 16
INCENTIVE: Final = "joint-incentive"
_RESULTS: Final = {
    "entitled": ("可以享受", "entitled"),
    "not": ("不符合", "not entitled"),
    "undecided": ("无法判定，由人判断", "cannot be decided: people decide"),
}
_ANSWERS: Final = {
    "yes": ("符合", "yes"),
    "no": ("不符合", "no"),
    "undecided": ("无法判定", "cannot be decided"),
}
_COMPLETE: Final = {True: ("完整", "complete"), False: ("不完整", "not complete")}
_ANSWER: Final = {
    "number": ("答复编号", "number"),
    "at": ("时间", "at"),
    "title": ("场景", "scenario"),
    "city": ("提供地区", "offered by"),
    "incentives": ("优惠", "benefits"),
    "conditions_text": ("适用条件", "conditions"),
    "further_text": ("本地另附条件（由人核实）", "further conditions here (people verify)"),
    "result": ("结果", "result"),
    "until": ("可享受至", "until"),
    "why": ("原因", "why"),
    "reason": ("本地说明", "this region says"),
    "services": ("本地受理业务", "services here"),
    "windows": ("服务窗口", "windows"),
    "complete": ("覆盖", "coverage"),
    "normalised": ("已规范的字段", "normalised"),
}
_CONDITIONS: Final = {
    "asked": ("条件", "condition"),
    "answer": ("是否符合", "answer"),
    "why": ("说明", "why"),
    "evidence": ("依据", "evidence"),
}
_LIST: Final = {
    "scenario": ("场景编号", "scenario"),
    "title": ("场景", "title"),
    "city": ("提供地区", "offered by"),
    "incentives": ("优惠", "benefits"),
    "result": ("结果", "result"),
    "until": ("可享受至", "until"),
    "why": ("原因", "why"),
    "further_text": ("由人核实", "people verify"),
}
_UNDER: Final = {"title": ("incentives",), "result": ("until", "why", "further_text")}
_USED: Final = {
    "check": ("答复编号", "answer"),
    "scenario": ("场景编号", "scenario"),
    "used_on": ("使用日期", "used on"),
    "statement_id": ("反馈编号", "statement"),
    "published": ("已入日志", "in the log"),
    "later": ("稍后发布的原因", "why later"),
}


class _WithSubject(TyperGroup):
    """What is no command is the subject of `check`."""

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - typer's
        """See `click.Group.resolve_command`."""
        known = not args or args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["check", *args])


app = typer.Typer(
    cls=_WithSubject,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="场景适用：核查、列表、使用反馈；huxin benefit 代码 --scenario S 即核查 / "
    "Benefits: check, list, used; huxin benefit CODE --scenario S checks",
)

Subject = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="统一社会信用代码 / Unified social credit code")
]
Name = Annotated[str, typer.Option("--name", metavar="N", help="主体名称 / The subject's name")]
Case = Annotated[str, typer.Option("--case", metavar="N", help="办件编号 / Number of the case")]
Purpose = Annotated[
    str, typer.Option("--purpose", metavar="P", help=f"用途 / One of {', '.join(PURPOSES)}")
]
Place = Annotated[
    str,
    typer.Option(
        "--place",
        metavar="REGION",
        help="享受之地，六位区划代码，缺省为本市 / Where it is wanted; this region where left out",
    ),
]
Request = Annotated[
    str,
    typer.Option(
        "--request",
        metavar="ID",
        help="请求编号，重问同一问题时再给 / The same again when the same is asked again",
    ),
]


@app.command("check")
def check(  # noqa: PLR0913 - options
    *,
    subject: Subject,
    name: Name,
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="S", help="场景编号：huxin scenarios list / Its id")
    ],
    case: Case,
    purpose: Purpose = INCENTIVE,
    place: Place = "",
    request: Request = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """一个主体能否在本地享受一个场景；不符合或无法判定时退出码为 1 / Ask about one benefit."""
    asked = pb.CheckBenefitRequest(
        request_id=request or token(REQUEST_ID_SIZE).hex(),
        scenario=scenario,
        place=place,
        case_no=case,
        purpose=purpose,
        code=subject,
        name=name,
    )
    with services(node_directory(directory)) as node:
        answer: dict[str, Any] = json.loads(node.recognitions.CheckBenefit(asked).json)
    if output is Format.JSON:
        render.write_json(answer)
    else:
        _write(answer, language)
    if answer["result"] != "entitled":
        raise typer.Exit(Exit.FINDINGS)


@app.command("list")
def list_(
    *,
    subject: Subject,
    name: Name,
    case: Case,
    purpose: Purpose = INCENTIVE,
    place: Place = "",
    request: Request = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """一个主体在本地能享受哪些场景 / Which benefits a subject may have here."""
    asked = pb.ListBenefitsRequest(
        request_id=request or token(REQUEST_ID_SIZE).hex(),
        place=place,
        case_no=case,
        purpose=purpose,
        code=subject,
        name=name,
    )
    with services(node_directory(directory)) as node:
        text = "".join(one.json for one in node.recognitions.ListBenefits(asked))
    answer: dict[str, Any] = json.loads(text)
    if output is Format.JSON:
        render.write_json(answer)
        return
    in_english = language is Language.EN
    rows = [_in_words(one, english=in_english) for one in answer["benefits"]]
    render.write_table("", render.pick(language, _LIST), rows, _UNDER)


@app.command("used")
def used(
    *,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="答复编号 / Number of the answer")
    ],
    person: Annotated[
        str, typer.Option("--person", metavar="P", help="责任人，不出本节点 / Who is responsible")
    ],
    date: Annotated[
        Date | None,
        typer.Option(
            "--date",
            parser=parse_past_date,
            metavar="DATE",
            help="使用日期，缺省为今日 / Day of the use; today",
        ),
    ] = None,
    request: Request = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """报告优惠已享受，计入两地统计 / Report that the benefit of an answer was used."""
    report = pb.ReportBenefitUseRequest(
        check=number,
        used_on=date or SystemClock().today(),
        person=person,
        request_id=request,
    )
    with services(node_directory(directory)) as node:
        found: dict[str, Any] = json.loads(node.recognitions.ReportBenefitUse(report).json)
    if output is Format.JSON:
        render.write_json(found)
        return
    fields = found | {"used_on": day(found["used_on"])}
    shown = {key: value for key, value in fields.items() if key in _USED and value != ""}
    named = {key: labels for key, labels in _USED.items() if key in shown}
    render.write_fields(shown, render.pick(language, named))


def _write(answer: dict[str, Any], language: Language) -> None:
    english = language is Language.EN
    fields = _in_words(answer, english=english) | {
        "at": datetime.fromtimestamp(answer["at"], CHINA).isoformat(sep=" "),
        "complete": _COMPLETE[answer["complete"]][english],
        "services": "、".join(answer["services"]),
        "windows": "；".join(
            " ".join(filter(None, (one["name"], one["address"], one["hours"])))
            for one in answer["windows"]
        ),
        "normalised": made_plain(answer["normalised"], english=english),
    }
    shown = {name: value for name, value in fields.items() if value != ""}
    named = {name: labels for name, labels in _ANSWER.items() if name in shown}
    render.write_fields(shown, render.pick(language, named))
    rows = [
        {
            "asked": one["asked_en"] if english else one["asked"],
            "answer": _ANSWERS[one["answer"]][english],
            "why": _why([one, *one["rules"]], english=english),
            "evidence": "、".join(f"{at['origin']}#{at['index']}" for at in one["evidence"]),
        }
        for one in answer["conditions"]
    ]
    if rows:
        render.write_table("", render.pick(language, _CONDITIONS), rows)
    write_uncovered(answer["coverage"], language)


def _in_words(one: dict[str, Any], *, english: bool) -> dict[str, Any]:
    return one | {
        "result": _RESULTS[one["result"]][english],
        "until": day(one["until"]) if one["until"] else "",
        "incentives": "、".join(benefit["text"] for benefit in one["incentives"]),
        "why": _why(one["codes"], english=english),
    }


def _why(codes: Sequence[dict[str, Any]], *, english: bool) -> str:
    """Codes in words; in English the codes themselves."""
    said = [one["code"] if english else one["message"] for one in codes]
    return "；".join(dict.fromkeys(said))
