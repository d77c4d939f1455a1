"""`huxin cases list|show|decide|letter|propose|check`: what a rule held, what persons say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import cases_pb2 as pb

from adapters.catalog.editions import read_edition
from federation.letters import LetterKind
from federation.persons import Sort, decision_body, edition_body
from federation.reconcile.cases import Waits
from node.cli import render
from node.cli.client import Exit, Services, failures, services
from node.cli.language import Language
from node.cli.letter_files import LetterAddressee, LetterFile, LetterNumber, given, keep
from node.cli.naming import abbreviated, named
from node.cli.options import (
    MAX_COUNT,
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    ShownOption,
    StatementArgument,
    node_directory,
)
from node.cli.signing import Key, sign_beside, signed
from node.documents import answers

PAGE: Final = 200
_COLUMNS: Final = {
    "statement_id": ("声明", "statement"),
    "city": ("城市", "city"),
    "list_type": ("名单", "list"),
    "subject_code": ("代码", "code"),
    "subject_name": ("名称", "name"),
    "document": ("文书号", "document"),
    "rule": ("规则", "rule"),
    "working_days": ("已等工作日", "working days"),
    "decidable": ("可由人决定", "decidable"),
}
_UNDER: Final = {
    "list_type": ("rule",),
    "subject_code": ("subject_name",),
    "working_days": ("decidable",),
}
_WORDS: Final = {
    "sort": ("类别", "sort"),
    "about": ("关于", "about"),
    "persons": ("经办人", "persons"),
    "result": ("核验", "result"),
}
SIGNED: Final = "signed"

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="待核案件：列表、详情、决定、决定书、提议、核验签名 / Cases, and what persons decide.",
)


class Verdict(StrEnum):
    """What a person may say."""

    USE = "use"
    REJECT = "reject"
    REOPEN = "reopen"


@app.command("list")
def list_cases(
    *,
    rule: Annotated[str, typer.Option(metavar="R", help="规则 / Rule")] = "",
    list_type: Annotated[
        str, typer.Option("--list", metavar="TYPE", help="只要此名单 / Of this list alone")
    ] = "",
    sought: Annotated[
        str,
        typer.Option(
            "--find",
            metavar="TEXT",
            help="名称、代码、文书号的一部分 / Part of a name, code, document",
        ),
    ] = "",
    waits: Annotated[
        Waits | None,
        typer.Option(
            "--waits",
            help="待第二人确认的，或待签发决定书的 / For the second person, or for the letter",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MAX_COUNT, help="至多几条 / At most so many cases")
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="每行一个 JSON 对象 / One JSON object a line")
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出待核案件 / List open cases."""
    with services(node_directory(directory)) as node:
        wanted = pb.ListCasesRequest(
            rule=rule,
            list_type=list_type,
            sought=sought,
            waits="" if waits is None else waits.value,
            page_size=PAGE,
        )
        cases = islice(_read(node, wanted), limit)
        if stream:
            for case in cases:
                render.write_json_line(case)
            return
        found = list(cases)
        shown = found if output is Format.JSON else abbreviated(node, found)
    if output is Format.JSON:
        render.write_json(found)
    else:
        rows = [case | {"city": case["city"] or case["origin"]} for case in shown]
        render.write_table("", render.pick(language, _COLUMNS), rows, _UNDER)


@app.command("show")
def show(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """显示各方所述、规则、建议与经过 / What each side says, the rule, suggestions, history."""
    with services(node_directory(directory)) as node:
        asked = pb.GetCaseRequest(statement_id=named(node, statement))
        case = answers.document(node.cases.GetCase(asked))
    if output is Format.JSON:
        render.write_json(case)
    else:
        shown = {
            name: value
            if isinstance(value, (str, int))
            else json.dumps(value, ensure_ascii=False, indent=1)
            for name, value in case.items()
            if name not in ("rule_zh", "rule_en")
        }
        render.write_document(shown)


@app.command("decide")
def decide(
    statement: StatementArgument,
    verdict: Annotated[
        Verdict, typer.Argument(help="认定须两人 / use (two persons), reject, reopen")
    ],
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="决定人 / Who decides")],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="理由，不写主体信息 / Why; no subject in it"),
    ],
    shown: ShownOption = "",
    key: Key = None,
    directory: Directory = None,
) -> None:
    """决定一件待核案件 / Decide a case."""
    place = node_directory(directory)
    request = pb.DecideCaseRequest(verdict=verdict.value, person=by, reason=reason, shown=shown)
    with services(place) as node:
        request.statement_id = whole = named(node, statement)
        if key is not None:
            case = answers.document(node.cases.GetCase(pb.GetCaseRequest(statement_id=whole)))
            body = decision_body(
                statement_id=whole,
                rule=case["question"],
                verdict=verdict.value,
                person=by.strip(),
                reason=reason.strip(),
            )
            request.note = signed(place, key, Sort.DECISION, body)
        said = answers.document(node.cases.DecideCase(request))
    render.say(_still_needed(said))


def _still_needed(said: dict[str, Any]) -> str:
    """Whether the decision counts already, and whose word is missing."""
    if not said["second_person_needed"]:
        return "已记录，决定已生效 / recorded, the decision counts"
    who = "、".join(said["waits_for_second_person"])
    others = "、".join(said["second_may_be"])
    return (
        f"已记录；认定须两人，已有 {who}，还缺另一人"
        f"{f'（{others}）' if others else ''}，此前仍待核 / "
        f"recorded; a second person must say it too{f' ({others})' if others else ''}, "
        f"until then it is held"
    )


@app.command("letter")
def write_letter(
    statement: StatementArgument,
    out: LetterFile,
    *,
    number: LetterNumber = "",
    to: LetterAddressee = "",
    directory: Directory = None,
) -> None:
    """出具案件处理决定书（DOCX，留用印处） / Make the decision, with room for number and seal."""
    from node.reconcile.decision_letters import decision_letter  # noqa: PLC0415 - python-docx

    with services(node_directory(directory)) as node:
        asked = pb.GetCaseRequest(statement_id=named(node, statement))
        case = answers.document(node.cases.GetCase(asked))
        of = given(node, LetterKind.DECISION, case["letter"], number, case["handled"])
        made = decision_letter(case, of, to)
    keep(out, made)


@app.command("propose")
def propose(
    statement: StatementArgument,
    file: Annotated[Path, typer.Argument(help="写入的版本文件 / File of the edition, to be made")],
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="提议人 / Who proposes")],
    like: Annotated[
        str,
        typer.Option("--as", metavar="LIST", help="对应的本地名单类型 / Our list that theirs is"),
    ] = "",
    key: Key = None,
    directory: Directory = None,
) -> None:
    """由一件记录提议目录新版本 / Propose an edition that would cure it: then `catalog import`."""
    place = node_directory(directory)
    request = pb.ProposeEditionRequest(like=like, person=by)
    with services(place) as node:
        request.statement_id = named(node, statement)
        text = node.cases.ProposeEdition(request).text
    with failures():
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
        if key is not None:
            body = edition_body(read_edition(text).id, text)
            sign_beside(place, key, Sort.EDITION, str(file), body)
    sign = "" if key is None else f"  huxin catalog sign {file} --key …\n"
    render.say(f"{file}：先试行，再由另一人采用 / try it, then a second person adopts it")
    render.say(f"  huxin catalog import {file}\n{sign}  huxin catalog import {file} --by …")


@app.command("check")
def check(
    *,
    keys: Annotated[
        list[str] | None,
        typer.Option("--former", metavar="VKEY", help="已离任者的公钥 / Key of a person who left"),
    ] = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """逐一核验签名；有未签名或不符者以 1 退出 / Verify all words; 1 where one does not stand."""
    with services(node_directory(directory)) as node:
        found = answers.each(node.cases.CheckWords(pb.CheckWordsRequest(keys=keys or [])))
    if output is Format.JSON:
        render.write_json(found)
    else:
        render.write_table("", render.pick(language, _WORDS), found)
    if any(one["result"] != SIGNED for one in found):
        raise typer.Exit(Exit.FINDINGS)


def _read(node: Services, request: pb.ListCasesRequest) -> Iterator[dict[str, Any]]:
    while True:
        page = node.cases.ListCases(request)
        yield from answers.rows(page.cases_json)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token
