"""`huxin repair`, `withdraw`, `relist`: relief of our own listings, and its revocation."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import payload_pb2, registry_pb2

from federation.errors import FederationError
from federation.ids import Date
from node.cli import render
from node.cli.client import Services, failures, services, tried
from node.cli.language import english
from node.cli.listing_file import read_listing
from node.cli.naming import named
from node.cli.options import (
    DateOption,
    Directory,
    DocumentOption,
    Format,
    IdPrefix,
    OutputFormat,
    StatementArgument,
    node_directory,
)
from node.cli.signing import NoteFile, read_word_of
from node.documents.acts import about_document, published_document
from node.system.entropy import token
from node.texts.codes import chinese
from node.texts.messages import spoken

REQUEST_ID_SIZE: Final = 16

Reason = Annotated[str, typer.Option("--reason", help="理由 / Reason")]


class Ground(StrEnum):
    """Why a relief is revoked."""

    FRAUD = "fraud"
    ERROR = "error"


GROUNDS: Final = {
    Ground.FRAUD: payload_pb2.RELISTING_GROUND_FRAUD,
    Ground.ERROR: payload_pb2.RELISTING_GROUND_ERROR,
}


def repair(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    document: DocumentOption,
    date: DateOption,
    reason: Reason = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """修复：停止公示、共享和使用，解除惩戒措施 / End publication, sharing, use and measures."""
    request = _request(registry_pb2.RELIEF_KIND_REPAIR, document, date, reason)
    _relieve(directory, statement, request, output)


def withdraw(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    document: DocumentOption,
    date: DateOption,
    reason: Reason = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """撤销：列入有误，视同从未列入 / Withdraw a listing that was wrong, as if it had never been."""
    request = _request(registry_pb2.RELIEF_KIND_WITHDRAWAL, document, date, reason)
    _relieve(directory, statement, request, output)


def relist(  # noqa: PLR0913 - the options of the command
    statement: StatementArgument,
    *,
    directory: Directory = None,
    document: DocumentOption,
    date: DateOption,
    ground: Annotated[
        Ground, typer.Option(help="欺骗取得或修复有误 / Obtained by fraud, or made in error")
    ],
    approved_by: Annotated[
        list[str],
        typer.Option("--approved-by", metavar="NAME", help="两名决定人 / Two persons decide this"),
    ],
    note: NoteFile = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="PAYLOAD",
            exists=True,
            dir_okay=False,
            help="列入内容，YAML 或 JSON；原内容已删除时须给出 / "
            "The listing, YAML or JSON; needed once it is erased here",
        ),
    ] = None,
    reason: Reason = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """恢复列入：撤销以前的修复或撤销声明 / Revoke a REPAIR or WITHDRAWAL, named by its id."""
    request = _request(registry_pb2.RELIEF_KIND_RELISTING, document, date, reason)
    request.ground = GROUNDS[ground]
    request.approved_by.extend(approved_by)
    with failures():
        request.note = read_word_of(note)
        if file is not None:
            request.listing.CopyFrom(read_listing(file))
    _relieve(directory, statement, request, output)


def listing_meant(node: Services, statement_id: bytes) -> dict[str, Any] | None:
    """Whose listing a statement is about, on which list and by which document, as of now.

    Asked once something was published: that stands, whatever comes after, so what cannot be read is
    a warning and no failure of the command. None: it cannot be read now.
    """
    asked = registry_pb2.GetRecordRequest(statement_id=statement_id)
    found = tried(lambda: node.registry.GetRecord(asked))
    if not isinstance(found, FederationError):
        return about_document(found)
    said = spoken(found.code, str(found), english=english())
    render.say_warning(
        found.code,
        f"已发布，不要重复办理；只是此刻读不出所涉列入：{said} / "
        f"it is published, do not do it again; only the listing cannot be read now: {said}",
    )
    return None


def write_published(
    published: registry_pb2.Published,
    output: Format,
    verb: str = "",
    about: Mapping[str, Any] | None = None,
    early: str = "",
) -> None:
    """Write where a statement now stands, and whose listing it is about.

    Args:
        published: what is written.
        output: how.
        verb: name of `about` in JSON: `relieved`, `annotated`.
        about: of `listing_meant`; None for statements about no listing, and where it cannot be
            read now.
        early: code of why the day of a repair may be a slip of the pen (F56).
    """
    document = published_document(published) | ({"early": early} if early else {})
    if output is Format.JSON:
        render.write_json(document | ({verb: about and dict(about)} if verb else {}))
    else:
        if about is not None:
            subject = about["subject"] or {}
            firm = {
                "subject_name": subject.get("name", ""),
                "subject_code": subject.get("code", ""),
                "list_type": about["list_type"],
                "document": about["document"],
                "state": about["state"],
            }
            render.write_document(firm)
        places = {
            "statement_id": "声明 / statement",
            "origin": "日志 / log",
            "index": "序号 / index",
        }
        render.write_fields(document, places)
        if early:
            typer.echo(f"{chinese(early)} / {early}")


def _request(
    kind: registry_pb2.ReliefKind.ValueType,
    document: str,
    date: Date,
    reason: str,
) -> registry_pb2.RelieveRequest:
    return registry_pb2.RelieveRequest(
        request_id=token(REQUEST_ID_SIZE).hex(),
        kind=kind,
        document=document,
        decided_on=date,
        reason=reason,
    )


def _relieve(
    directory: Path | None,
    statement: IdPrefix,
    request: registry_pb2.RelieveRequest,
    output: Format,
) -> None:
    with services(node_directory(directory)) as node:
        request.statement_id = named(node, statement)
        answer = node.registry.Relieve(request)
        about = listing_meant(node, request.statement_id)
    write_published(answer.published, output, "relieved", about, early=answer.early)
