"""`huxin repairs certificate|verify`: 信用修复结果跨区域执行情况证明, made here, verified anywhere.

`verify` reads the file alone: no node, no network, nothing of the machine but this program.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from huxin.v1 import certificates_pb2 as pb

from adapters.files.atomic import write_atomically
from crypto.document import MAX_DOCUMENT
from federation.errors import FederationError
from federation.ids import CharterId
from federation.relief.audit_note import MAX_NOTE, REPORT_NOTE
from federation.relief.certificate import Proved
from node.cli import render
from node.cli.client import Exit, fail, services
from node.cli.naming import named
from node.cli.options import (
    Directory,
    Format,
    OutputFormat,
    StatementArgument,
    node_directory,
)
from node.codec import ProtobufPayloads
from node.documents.certificates import whole
from node.relief.certificate_check import Checked, Page, check_file
from node.relief.certificate_words import (
    fields_of,
    listed_of,
    outstanding_of,
    region_row,
)

_MODE: Final = 0o600
"""It names its subject, and holds the salt of the relief."""
_PAGES: Final = {
    Page.SAME: "与证据一致 page is what the evidence gives",
    Page.NOT_COMPARED: "页面未比对 page not compared",
}
_EVERY_PIN: Final = (
    "证明印有几个联盟标识的，每个各给一次 --pin；未给出的联盟，其地区一律不作为已证明 / where the "
    "certificate names several alliances give --pin for each: of the others nothing is proved"
)
_COLUMNS: Final = {
    "region": "地区 / region",
    "applied": "已执行 / applied",
    "lifted": "确认解除 / lifted, as acknowledged",
    "status": "证据 / evidence",
}


def certificate(
    statement: StatementArgument,
    out: Annotated[
        Path, typer.Argument(metavar="OUT.pdf", dir_okay=False, help="写入的文件 / File to write")
    ],
    *,
    subject: Annotated[
        str,
        typer.Option(
            "--subject",
            metavar="CODE",
            help="申请主体的代码，须与决定一致 / Code of the firm that asks, as the relief's",
        ),
    ],
    html: Annotated[
        bool, typer.Option("--html", help="另写 OUT.html 供阅读 / Also OUT.html, for reading")
    ] = False,
    check: Annotated[
        str,
        typer.Option(
            "--check",
            metavar="ADDRESS",
            help="核验地址，印入二维码 / Where it may be checked; goes into the QR code",
        ),
    ] = "",
    report: Annotated[
        Path | None,
        typer.Option(
            "--audit-report",
            metavar="DIR",
            exists=True,
            help="引用签署过的审计报告（report.note） / Cite a signed report of an audit",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="覆盖已有的文件 / Replace a file that is there already"),
    ] = False,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """出具信用修复结果跨区域执行情况证明 / Make a certificate of how a repair was executed."""
    cited = b"" if report is None else _note_of(report)
    page = out.with_suffix(".html")
    there = [path for path in (out, *([page] if html else [])) if path.exists()]
    if there and not force:
        message = (
            f"{there[0]} 已存在，另取名或加 --force / is there already: another name or --force"
        )
        raise typer.BadParameter(message, param_hint="OUT.pdf")
    with services(node_directory(directory)) as node:
        request = pb.MakeCertificateRequest(
            statement_id=named(node, statement), subject=subject, check=check, report=cited
        )
        made = whole(node.certificates.MakeCertificate(request))
        document = {"number": made.number, "path": str(out)}
        write_atomically(out, made.pdf, mode=_MODE)
        if html:
            write_atomically(page, made.html, mode=_MODE)
            document["html"] = str(page)
    if output is Format.JSON:
        render.write_json(document)
    else:
        names = {"number": "证明编号 / certificate", "path": "文件 / file", "html": "HTML"}
        render.write_fields(document, names)


def _note_of(report: Path) -> bytes:
    """The note of a report's folder."""
    path = report / REPORT_NOTE if report.is_dir() else report
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_NOTE + 1)
    except OSError as error:
        fail(error)


def verify(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.pdf", exists=True, dir_okay=False, help="证明 / Certificate"),
    ],
    *,
    pin: Annotated[
        list[str] | None,
        typer.Option(
            "--pin",
            metavar="ALLIANCE",
            help="所信任的联盟标识，可多次给出 / An alliance that you trust, by its id; repeatable",
        ),
    ] = None,
    subject: Annotated[
        str,
        typer.Option(
            "--subject", metavar="CODE", help="应为此主体的证明 / The firm that it is to be of"
        ),
    ] = "",
    output: OutputFormat = Format.TABLE,
) -> None:
    """离线核验证明，所示事实取自证据 / Verify a certificate offline, from its evidence."""
    pins = [_pin(text) for text in pin or ()]
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_DOCUMENT + 1)
        checked = check_file(data, ProtobufPayloads(), pins, subject)
    except FederationError as error:
        if output is Format.JSON:
            document = {"valid": False, "code": error.code, "message": str(error)}
            render.write_json(document)
        else:
            render.say_error(error.code, str(error))
            if pins and error.code in ("repair-certificate.log", "repair-certificate.seal"):
                render.say(_EVERY_PIN)
        raise typer.Exit(Exit.FINDINGS) from None
    except OSError as error:
        fail(error)
    if output is Format.JSON:
        render.write_json(_document(checked))
    else:
        _show(checked)


def _pin(given: str) -> CharterId:
    text = "".join(given.split())  # certificates print it in groups
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32 or len(text) != 64:
        message = f"须为 64 位十六进制 / expected 64 hexadecimal digits, got {given[:80]!r}"
        raise typer.BadParameter(message, param_hint="--pin")
    return CharterId(raw)


def _document(checked: Checked) -> dict[str, Any]:
    facts = checked.facts
    relief, record = facts.relief, facts.relief.record
    return {
        "valid": True,
        "number": facts.evidence.number,
        "pinned": facts.pinned,
        "alliances": {charter.hex(): name for charter, name in facts.alliances},
        "page": checked.page.value,
        "sealed_by": checked.sealed_by,
        "seal_in_time": checked.seal_in_time,
        "by": facts.evidence.by,
        "at": facts.evidence.at,
        "kind": facts.kind,
        "document": relief.document,
        "decided_on": relief.decided_on,
        "authority": relief.authority,
        "authority_name": facts.evidence.authority,
        "subject_name": relief.subject_name,
        "subject_code": "" if record is None else record.code,
        "list_type": "" if record is None else record.list_type,
        "origin": facts.relief_origin,
        "index": facts.relief_index,
        "leaf_hash": facts.leaf_hash.hex(),
        "proved_at": facts.proved_at,
        "audit": None if facts.audit is None else asdict(facts.audit),
        "regions": [
            {
                "origin": one.origin,
                "region": one.region,
                "name": one.name,
                "status": one.status.value,
                "applied": None if one.applied is None else one.applied.proved_at,
                "lifted": None if one.lifted is None else one.lifted.proved_at,
            }
            for one in facts.regions
        ],
    }


def _show(checked: Checked) -> None:
    facts = checked.facts
    said = [*fields_of(facts), *listed_of(facts)]
    names = {english: f"{chinese} / {english}" for (chinese, english), _ in said}
    fields = {english: value for (_, english), value in said}
    names |= {
        "page": "页面 / page",
        "seal": "印章 / seal",
    }
    in_time = "" if checked.seal_in_time else "（时间未证明 time not proved）"
    fields |= {
        "page": _PAGES[checked.page],
        "seal": f"{checked.sealed_by}{in_time}",
    }
    render.write_fields(fields, names)
    rows = [dict(zip(_COLUMNS, region_row(one), strict=True)) for one in facts.regions]
    render.write_table("", _COLUMNS, rows)
    render.say(outstanding_of(facts))
    if any(one.status is Proved.NOT_PINNED for one in facts.regions):
        render.say(_EVERY_PIN)
    if not facts.pinned:
        render.say(
            "未给出 --pin：所用信任取自证明本身，请与纸质文本核对联盟标识 / "
            "no --pin: the certificate's own trust was used; compare the alliance's id"
        )
