"""`huxin access queries|verify|export|sign|new-log`: who asked, and whether the log is whole."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import queries_pb2 as pb

from adapters.files.atomic import write_atomically
from crypto.errors import CryptoError
from federation.audit.query_export import MAX_NOTE, promise_note
from federation.errors import RefusedError
from federation.persons import Sort, queries_body, query_log_body
from node.access.new_log import begin_new_log, next_query_log
from node.cli import render
from node.cli.client import Exit, failures, services
from node.cli.given_files import read_bounded
from node.cli.language import Language
from node.cli.letter_files import keep
from node.cli.options import Directory, Format, LanguageOption, OutputFormat, node_directory
from node.cli.own_token import TokenFile, own_token
from node.cli.signing import By, NoteFile, sign_onto, tell_signers
from node.directory.config import load_config
from node.directory.opened import open_directory
from node.directory.presence import locked
from node.documents import answers
from node.system.clock import CHINA
from node.texts.query_letters import letter_of

_COLUMNS: Final = {
    "at": ("时间", "at"),
    "kind": ("种类", "kind"),
    "department": ("部门", "department"),
    "action": ("动作", "action"),
    "matter": ("事项", "matter"),
    "purpose": ("用途", "purpose"),
    "case_no": ("办件编号", "case"),
    "result": ("结果", "result"),
    "query_id": ("查询号", "query"),
}
_UNDER: Final = {
    "at": ("query_id",),
    "kind": ("action",),
    "matter": ("purpose", "case_no"),
}
_REPORT: Final = {
    "origin": ("查询日志", "query log"),
    "size": ("条数", "size"),
    "signed": ("已签", "signed"),
    "rows": ("行", "rows"),
    "erased": ("已到期清除", "erased"),
    "waiting": ("待入日志", "waiting"),
    "cosigned": ("见证次数", "cosigned checkpoints"),
    "promises": ("所核承诺", "promises"),
    "ok": ("相符", "holds"),
}
_FINDINGS: Final = {
    "code": ("代码", "code"),
    "index": ("位置", "place"),
    "query_id": ("查询号", "query"),
    "message": ("情形", "what"),
}
_FINDINGS_UNDER: Final = {"code": ("index", "query_id")}

Code = Annotated[
    str, typer.Option("--subject", metavar="CODE", help="主体代码 / The subject's code")
]
Name = Annotated[str, typer.Option("--name", help="主体名称 / The subject's name")]
Authorisation = Annotated[
    str,
    typer.Option(
        "--authorisation", metavar="NO", help="主体授权书编号 / Number of its authorisation"
    ),
]


def queries(  # noqa: PLR0913 - each is an option
    *,
    code: Code = "",
    name: Name = "",
    department: Annotated[
        str, typer.Option("--department", metavar="D", help="此部门所查 / What a department asked")
    ] = "",
    by: By = None,
    authorisation: Authorisation = "",
    note: NoteFile = None,
    letter: Annotated[
        Path | None,
        typer.Option(
            "--letter",
            metavar="FILE.docx",
            help="另写查询情况告知书，交给主体 / Also the letter that tells the subject",
        ),
    ] = None,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """谁、何时、为何查询过某主体（两人具名）；或某部门所查 / Who asked, when, for what."""
    with failures():
        if bool(department) == bool(code or name):
            message = "expected either a subject (--subject, --name) or --department"
            raise RefusedError("queries.subject", message)
        if letter is not None and department:
            message = "--letter tells a subject: expected --subject or --name with it"
            raise RefusedError("queries.subject", message)
        word = "" if note is None else note.read_text("utf-8")
        own = own_token(token_file)
    request = pb.ListQueriesRequest(
        code=code,
        name=name,
        department=department,
        by=by or (),
        note=word,
        authorisation=authorisation,
    )
    with services(node_directory(directory)) as node:
        answer = node.queries.ListQueries(request, metadata=own)
    found = list(answers.rows(answer.queries_json))
    if letter is not None:
        from node.texts.letter_making import docx_of  # noqa: PLC0415 - python-docx

        keep(letter, docx_of(letter_of(name or code, authorisation, found)))
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [_row(one) for one in found]
    render.write_table("", render.pick(language, _COLUMNS), rows, _UNDER)


def verify(
    *,
    promise: Annotated[
        list[Path] | None,
        typer.Option(
            "--promise",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="应答所附承诺，可多次给出 / A promise that an answer carried; repeat it",
        ),
    ] = None,
    token_file: TokenFile = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """核验查询日志：行、树、签名、见证、承诺；有不符以 1 退出 / Verify the query log."""
    with failures():
        promises = [_promise(path) for path in promise or ()]
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        request = pb.VerifyQueriesRequest(promises=promises)
        answer = node.queries.VerifyQueries(request, metadata=own)
    report = answers.document(answer)
    if output is Format.JSON:
        render.write_json(report)
    else:
        findings = report["findings"]
        shown = {key: report[key] for key in _REPORT} | {"cosigned": len(report["cosigned"])}
        render.write_fields(shown, render.pick(language, _REPORT))
        if findings:
            render.write_table("", render.pick(language, _FINDINGS), findings, _FINDINGS_UNDER)
    if not report["ok"]:
        raise typer.Exit(Exit.FINDINGS)


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="新文件夹 / A folder that is not there yet")
    ],
    *,
    token_file: TokenFile = None,
    directory: Directory = None,
) -> None:
    """导出查询日志供核验，不含内容 / Checkpoints and tiles for auditors."""
    with failures():
        if folder.exists():
            message = f"{folder}: expected a folder that is not there yet"
            raise RefusedError("export.in-the-way", message)
        own = own_token(token_file)
    with services(node_directory(directory)) as node:
        for file in node.queries.ExportQueryLog(pb.ExportQueryLogRequest(), metadata=own):
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, file.data)
    render.say(f"已写入 / written: {folder}")


def sign(
    note: Annotated[Path, typer.Argument(metavar="FILE", help="签名文件 / File of the word")],
    *,
    code: Code = "",
    name: Name = "",
    authorisation: Authorisation = "",
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="本人的签名密钥 / Own key")],
    directory: Directory = None,
) -> None:
    """两人先后在同一文件上签署，用于 queries --subject / Two persons sign one file."""
    with failures():
        body = queries_body(code=code, name=name, authorisation=authorisation)
        word = sign_onto(note, node_directory(directory), key, Sort.QUERIES, body)
    tell_signers(note, word)


def new_log(
    *,
    by: By = None,
    reason: Annotated[str, typer.Option("--reason", help="理由 / Why")] = "",
    note: NoteFile = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="只签署，不启用 / Only sign, into --sign"),
    ] = None,
    sign_to: Annotated[
        Path | None, typer.Option("--sign", metavar="FILE", help="签名文件 / File of the word")
    ] = None,
    directory: Directory = None,
) -> None:
    """查询日志的库无法恢复时，两人启用新的查询日志 / Begin a new query log; two persons."""
    place = node_directory(directory)
    with failures(), locked(place):
        if key is not None and sign_to is not None:
            body = query_log_body(next_query_log(load_config(place)), reason)
            tell_signers(sign_to, sign_onto(sign_to, place, key, Sort.QUERY_LOG, body))
            return
        opened = open_directory(place)
        try:
            word = "" if note is None else note.read_text("utf-8")
            origin = begin_new_log(opened, by or (), reason, word)
        finally:
            opened.store.close()
    render.say(
        f"已启用 {origin}，请使章程列入其公钥（access verify 所示） / "
        f"{origin} begins; have the charter name its key (access verify shows it)"
    )


def _row(one: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(one["at"], CHINA).isoformat(sep=" ")
    return {name: one.get(name, "") for name in _COLUMNS} | {"at": moment}


def _promise(path: Path) -> bytes:
    """A signed note; also as the answer's JSON carries it, which must say what was signed (QX4).

    Raises:
        RefusedError: `queries.promise`: it says something else.
    """
    try:
        return promise_note(read_bounded(path, MAX_NOTE))
    except (RefusedError, CryptoError) as error:
        raise RefusedError("queries.promise", f"{path}: {error}") from None
