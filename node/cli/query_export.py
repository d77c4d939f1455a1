"""`huxin access verify-export`: an exported query log, verified offline by who trusts no node.

The rules are those of `federation/audit/query_export.py` (QX1–QX5). No directory of a node is asked
for, and none is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.export.export_files import ExportFolder
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.strict import b64
from federation.audit.export_names import CHARTERS, directory_name
from federation.audit.query_export import MAX_NOTE, QueryExport, audit_query_export
from federation.charters.chain import CharterChain
from federation.charters.trust import Trust
from federation.errors import RefusedError
from federation.ids import CharterId, Origin, Timestamp
from node.cli import render
from node.cli.charter.drafts import Pin, parse_pin
from node.cli.client import Exit, failures
from node.cli.given_files import read_bounded
from node.cli.language import Language, english
from node.cli.options import Format, LanguageOption, OutputFormat
from node.cli.proof_check import read_chain
from node.texts.fields import moment
from node.texts.messages import spoken

_KEY: Final = "key"
_QUERIES: Final = "queries"
_FIELDS: Final = {
    "origin": ("查询日志", "query log"),
    "trust": ("信任来源", "on whose word"),
    "size": ("条数", "size"),
    "root": ("日志根", "root"),
    "checkpoints": ("他方见证的日志签名", "cosigned checkpoints"),
    "vouched_until": ("他方见证至", "vouched until"),
    "ok": ("相符", "holds"),
}
_PROMISES: Final = {
    "file": ("承诺", "promise"),
    "query_id": ("查询号", "query"),
    "at": ("所称时间", "claimed time"),
    "index": ("位置", "place"),
    "vouched_at": ("他方见证", "vouched by then"),
}
_FINDINGS: Final = {
    "code": ("代码", "code"),
    "file": ("文件", "file"),
    "message": ("情形", "what"),
}
_OWN: Final = "导出自带的密钥，未经核对 / the export's own key, compared with nothing"


def verify_export(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            exists=True,
            file_okay=False,
            help="huxin access export 写出的 / As huxin access export wrote it",
        ),
    ],
    *,
    promise: Annotated[
        list[Path] | None,
        typer.Option(
            "--promise",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="应答所附承诺，或整个应答；可多次给出 / A promise, or the whole answer; repeat it",
        ),
    ] = None,
    seen: Annotated[
        list[Path] | None,
        typer.Option(
            "--seen",
            metavar="OUT",
            exists=True,
            file_okay=False,
            help="其他成员的审计导出：比对其见证，取其章程 / Audit exports of other members: what "
            "they saw, and the charters",
        ),
    ] = None,
    charter: Annotated[
        list[Path] | None,
        typer.Option(
            "--charter",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="章程各版本，自第一版起 / Versions of the charter, from the first on",
        ),
    ] = None,
    pin: Pin = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """离线核验导出的查询日志和承诺 / Verify an exported query log and promises offline."""
    pinned = parse_pin(pin)
    if pinned is not None and not charter:
        charter = _charters(seen or (), pinned)
    if pinned is not None and not charter:
        message = (
            "--pin: 请一并给出 --charter，或者含此联盟章程的 --seen / "
            "expected --charter beside it, or a --seen that has the charters of this alliance"
        )
        raise typer.BadParameter(message)
    with failures():
        chain = read_chain(charter or [], pinned)
        own = _own_key(folder)
        key, witnesses = (own, []) if chain is None else _trusted(chain, own)
        promises = {str(path): read_bounded(path, MAX_NOTE) for path in promise or ()}
        others = dict(_seen(seen or (), key))
        export = audit_query_export(
            ExportFolder(folder), key, witnesses=witnesses, promises=promises, seen=others
        )
    document = _document(export, None if chain is None else chain.id.hex())
    if output is Format.JSON:
        render.write_json(document)
    else:
        _show(document, language)
        if chain is None:
            render.say(_OWN)
    if not document["ok"]:
        raise typer.Exit(Exit.FINDINGS)


def _charters(exports: Sequence[Path], alliance: CharterId) -> list[Path]:
    """The versions of a charter that audit exports have, from the first on; verified by the pin."""
    for export in exports:
        folder = export / CHARTERS / alliance.hex()
        found = {int(path.stem): path for path in folder.glob("*.json") if path.stem.isdecimal()}
        if found:
            return [found[number] for number in sorted(found)]
    return []


def _own_key(folder: Path) -> VerifierKey:
    """The key that the export says is the log's.

    Raises:
        RefusedError: `queries.checkpoint`: there is none.
    """
    try:
        return VerifierKey.parse(read_bounded(folder / _KEY, MAX_NOTE).decode().strip())
    except (OSError, ValueError, CryptoError) as error:
        message = (
            f"{folder / _KEY}: 不是查询日志的导出，没有可读的公钥 / "
            f"expected an export of a query log, got no key that can be read: {error}"
        )
        raise RefusedError("queries.checkpoint", message) from None


def _trusted(chain: CharterChain, own: VerifierKey) -> tuple[VerifierKey, list[VerifierKey]]:
    """The key that the charter names for the log, and those by which other members cosign (QX1).

    Raises:
        RefusedError: `queries.key-unknown`: no version names the log, or another key of it.
    """
    trust = Trust([chain], Timestamp(0))
    for member in chain.latest.terms.members:
        if own in member.keys.query_log:
            mine = set(member.keys.witness)
            return own, [key for key in trust.witness_keys() if key not in mine]
    message = (
        f"{own.name}：章程没有写明这把公钥 / "
        "the newest charter given names no such key of a query log"
    )
    raise RefusedError("queries.key-unknown", message)


def _seen(exports: Sequence[Path], key: VerifierKey) -> Iterator[tuple[str, bytes]]:
    """Checkpoints of the log in audit exports of others, by their paths."""
    for export in exports:
        kept = export / _QUERIES / directory_name(Origin(key.name))
        for path in sorted(kept.iterdir()) if kept.is_dir() else ():
            yield str(path), read_bounded(path, MAX_NOTE)


def _document(export: QueryExport, charter: str | None) -> dict[str, Any]:
    return {
        "origin": export.key.name,
        "key": str(export.key),
        "trust": f"charter {charter}" if charter else "export",
        "size": export.size,
        "root": b64(export.root),
        "checkpoints": [{"size": size, "at": at} for size, at in export.vouched],
        "promises": [
            {
                "file": one.name,
                "query_id": one.query_id.hex(),
                "at": one.at,
                "index": one.index,
                "vouched_at": one.by,
            }
            for one in export.promises
        ],
        "findings": [
            {"code": one.code, "file": one.where, "message": one.message} for one in export.findings
        ],
        "ok": not export.findings,
    }


def _show(document: dict[str, Any], language: Language) -> None:
    cosigned = document["checkpoints"]
    until = max((one["at"] for one in cosigned), default=None)
    shown = document | {"checkpoints": len(cosigned), "vouched_until": until and moment(until)}
    render.write_fields(shown, render.pick(language, _FIELDS))
    promises = [
        one | {"at": moment(one["at"]), "vouched_at": _when(one["vouched_at"])}
        for one in document["promises"]
    ]
    if promises:
        render.write_table("", render.pick(language, _PROMISES), promises)
    findings = [
        one | {"message": spoken(one["code"], one["message"], english=english())}
        for one in document["findings"]
    ]
    if findings:
        render.write_table("", render.pick(language, _FINDINGS), findings)


def _when(at: int | None) -> str:
    if at is None:
        return "not proved" if english() else "未证明"
    return moment(Timestamp(at))
