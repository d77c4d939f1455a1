"""`huxin sign relist|rows|inbox|go-on|decision|confirmation|letter`: what persons sign before.

Each signs the same file with the own key, one after the other, with the words of the act; the act
itself is then given the file (`--note`). A decision about a case, and that entries of a catalog are
confirmed, is one person's, in a file of its own, for the program that hands it in over HTTP.
Nothing is read of a node but its configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.intake.feed import ONE_SUBJECT
from federation.letters import LetterKind
from federation.payloads import Listing, RelistingGround
from federation.persons import (
    Sort,
    confirmation_body,
    decision_body,
    go_on_body,
    inbox_body,
    letter_body,
    relisting_body,
    word_of_text,
)
from federation.statements import Kind
from node.cli.cases import Verdict
from node.cli.client import failures
from node.cli.listing_file import read_listing
from node.cli.options import (
    DateOption,
    Directory,
    DocumentOption,
    ShownOption,
    WholeStatementArgument,
    node_directory,
)
from node.cli.publish import (
    Confirmed,
    MuchAbsent,
    OneSubject,
    OtherNames,
    OtherSubjects,
    TwoRecords,
    WhyRows,
)
from node.cli.relief import GROUNDS, Ground
from node.cli.signing import sign_onto, sign_text, tell_signers
from node.codec import ProtobufPayloads, draft_payload_from_proto
from node.intake.row_words import RowWords, digest_of, given, words_of_file
from node.publishing.relisting import content_signed

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="两人先后在同一文件上签署所办之事 / Two persons sign one file, one after the other.",
)

NoteArgument = Annotated[Path, typer.Argument(metavar="FILE", help="签名文件 / File of the word")]
OwnKey = Annotated[Path, typer.Option("--key", metavar="FILE", help="本人的签名密钥 / Own key")]


@app.callback()
def sign() -> None:
    """具名签署 / Words of persons."""


@app.command("relist")
def relist(
    note: NoteArgument,
    statement: WholeStatementArgument,
    *,
    document: DocumentOption,
    date: DateOption,
    ground: Annotated[
        Ground, typer.Option(help="欺骗取得或修复有误 / Obtained by fraud, or made in error")
    ],
    file: Annotated[
        Path | None,
        typer.Option(metavar="PAYLOAD", exists=True, dir_okay=False, help="列入内容 / The listing"),
    ] = None,
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署恢复列入 / Sign a RELISTING: the same options as `huxin relist`."""
    with failures():
        content = b""
        if file is not None:
            payload = draft_payload_from_proto(Kind.LISTING, read_listing(file))
            if isinstance(payload, Listing):
                content = content_signed(ProtobufPayloads(), payload)
        body = relisting_body(
            relief=statement,
            document=document,
            decided_on=date,
            ground=RelistingGround(GROUNDS[ground]),
            content=content,
        )
        _sign(note, directory, key, Sort.RELISTING, body)


@app.command("rows")
def rows(  # noqa: PLR0913 - the options of the command
    note: NoteArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="ROWS", exists=True, dir_okay=False, readable=True, help="名单文件 / The file"
        ),
    ],
    *,
    list_type: Annotated[str, typer.Option("--list", metavar="TYPE", help="名单类型 / List")] = "",
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, help="映射文件 / Mapping of columns")
    ] = None,
    source: Annotated[str, typer.Option(metavar="S", help="数源部门 / Source department")] = "",
    one_subject: OneSubject = False,
    two_records: TwoRecords = False,
    other_subjects: OtherSubjects = False,
    other_names: OtherNames = False,
    confirmed: Confirmed = False,
    much_absent: MuchAbsent = False,
    shown: ShownOption = "",
    reason: WhyRows,
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署文件中各行属实 / Sign what is said of a file's rows: as for `huxin publish`."""
    words = RowWords(
        one_subject=one_subject,
        two_records=two_records,
        other_subjects=other_subjects,
        other_names=other_names,
        confirmed=confirmed,
        much_absent=much_absent,
        reason=reason,
        seen=shown,
    )
    if not words.says:
        message = "须给出所确认的事项 / expected what is said: --one-subject, --two-records …"
        raise typer.BadParameter(message)
    with failures():
        body = words_of_file(
            digest_of(file),
            list_type=list_type,
            mapping="" if mapping is None else str(mapping),
            source=source,
            words=words,
        )
        _sign(note, directory, key, Sort.ROWS, body)


@app.command("inbox")
def inbox(
    note: NoteArgument,
    platform: Annotated[str, typer.Argument(help="配置中的平台名 / Platform of the configuration")],
    *,
    source: Annotated[str, typer.Option(metavar="S", help="数源部门 / Whose rows")],
    digest: Annotated[
        str,
        typer.Option("--rows", metavar="DIGEST", help="各行摘要 / As adapter inbox shows it"),
    ],
    release: Annotated[
        str,
        typer.Option(metavar="CODE", help="等候原因，缺省为同一主体 / Why they wait; else F12"),
    ] = ONE_SUBJECT,
    reason: WhyRows,
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署收件表中等候的行无误 / Sign that rows of an inbox that wait are right."""
    with failures():
        body = inbox_body(
            platform=platform, source=source, code=release, rows=digest, reason=given(reason)
        )
        _sign(note, directory, key, Sort.INBOX, body)


@app.command("go-on")
def go_on(
    note: NoteArgument,
    *,
    size: Annotated[
        int,
        typer.Option(min=0, max=2**31 - 1, help="本机日志条数 / Leaves that this machine holds"),
    ],
    mark_missing: Annotated[
        bool, typer.Option("--mark-missing", help="高水位标记缺失 / The high-water mark is missing")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="理由 / Why")] = "",
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署他处未签得更多 / Sign that nothing newer was signed: `huxin recover --go-on`."""
    with failures():
        body = go_on_body(size, reason, mark=not mark_missing)
        _sign(note, directory, key, Sort.GO_ON, body)


@app.command("text")
def text(
    note: NoteArgument,
    word: Annotated[
        Path,
        typer.Argument(
            metavar="WORD",
            exists=True,
            dir_okay=False,
            readable=True,
            help="下载的原文 / The bytes",
        ),
    ],
    *,
    key: OwnKey,
) -> None:
    """签署页面或 HTTP 所给的原文 / Sign the very bytes that a page or HTTP gave."""
    with failures():
        found = word_of_text(word.read_bytes().decode())
        signed = sign_text(note, key, found)
    tell_signers(note, signed)


@app.command("decision")
def decision(
    note: NoteArgument,
    statement: WholeStatementArgument,
    verdict: Annotated[
        Verdict, typer.Argument(help="认定须两人 / use (two persons), reject, reopen")
    ],
    *,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="决定人 / Who decides")],
    rule: Annotated[
        str,
        typer.Option(
            metavar="CODE", help="案件详情的 question 栏 / As `question` of `cases show -o json`"
        ),
    ],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="理由，不写主体信息 / Why; no subject in it"),
    ],
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署对案件的决定，经 HTTP 提交 / Sign a decision about a case, to be sent over HTTP."""
    with failures():
        body = decision_body(
            statement_id=statement,
            rule=rule,
            verdict=verdict.value,
            person=by.strip(),
            reason=reason.strip(),
        )
        _sign(note, directory, key, Sort.DECISION, body)


@app.command("confirmation")
def confirmation(
    note: NoteArgument,
    entries: Annotated[list[str], typer.Argument(help="版本/代码 / edition/code")],
    *,
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签署目录条目的核实，经 HTTP 提交 / Sign that entries are confirmed, to be sent over HTTP."""
    with failures():
        _sign(note, directory, key, Sort.CONFIRMATION, confirmation_body(entries))


@app.command("letter")
def letter(
    note: NoteArgument,
    kind: Annotated[LetterKind, typer.Argument(help="公文种类 / Kind of the letter")],
    about: Annotated[str, typer.Argument(help="所涉编号 / What it is about, as letters show says")],
    *,
    number: Annotated[
        str, typer.Option("--number", metavar="NO", help="所填文号 / Its number, as it was typed")
    ] = "",
    key: OwnKey,
    directory: Directory = None,
) -> None:
    """签发公文，经 HTTP 或控制台登记 / Sign that a letter is issued, to be sent over HTTP."""
    with failures():
        body = letter_body(kind=kind, about=about, number=number.strip())
        _sign(note, directory, key, Sort.LETTER, body)


def _sign(note: Path, directory: Path | None, key: Path, sort: Sort, body: str) -> None:
    word = sign_onto(note, node_directory(directory), key, sort, body)
    tell_signers(note, word)
