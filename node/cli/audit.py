"""`huxin audit export|case|verify`: what a node holds, and what it proves to a stranger."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.files.atomic import write_atomically
from adapters.processes import processors
from crypto.keys import Signer
from crypto.notes import sign_note
from federation.audit.export_names import SUMS
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.names import ANNOTATION_ACTIONS, KINDS
from federation.ports.store import ReadSession
from federation.relief.audit_note import REPORT_NOTE, format_audit_note
from federation.statements import Kind
from federation.visible import visible_json
from node.access.checkpoints import held_checkpoints
from node.audit.document import CLEAN, FINDINGS, note_of, report_document, result_of
from node.audit.exporting import AuditExport, Since, since_day, since_export
from node.audit.log_seen import Reading
from node.audit.story import ARRIVAL, Told, story, whole_id
from node.audit.verifying import Audited, Auditor
from node.charters.files import load_chains
from node.cli import render
from node.cli.auditing import (
    DeadlinesOption,
    PinsOption,
    ProcessesOption,
    due_by,
    editions_of,
    pin_of,
    progress,
)
from node.cli.client import Exit, failures
from node.cli.language import Language
from node.cli.offline_node import open_held
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    StatementArgument,
    node_directory,
)
from node.codec import ProtobufPayloads
from node.directory.config import load_config
from node.directory.keys import load_keys
from node.system.clock import CHINA, SystemClock
from node.texts.codes import chinese
from node.texts.fields import moment
from node.texts.messages import spoken

INCOMPLETE_EXIT: Final = 2
"""Nothing is wrong as far as was seen, and not all could be seen."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXPORTED: Final = {
    "origin": "日志 / log",
    "size": "条目 / entries",
    "since": "自第几条 / since entry",
    "openings": "公开内容 / openings",
    "notes": "留存的日志签名 / checkpoints kept",
}
_LOGS: Final = {
    "city": ("城市", "city"),
    "origin": ("日志", "log"),
    "size": ("条目", "entries"),
    "vouched_until": ("他方见证至", "vouched for until"),
}
_SENTENCES: Final = {
    "where": ("日志、文件", "log or file"),
    "index": ("序号", "index"),
    "code": ("代码", "code"),
    "message": ("问题", "what"),
}
_STORY: Final = {
    "at": ("时间", "time"),
    "proved": ("凭据", "proved by"),
    "city": ("城市", "city"),
    "what": ("事项", "what"),
    "place": ("日志与序号", "log and index"),
}
_UNDER: Final = {"code": ("message",)}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="审计：全部日志的导出与离线核验 / Audit: export all logs, verify from a pin alone.",
)


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="导出目录 / Folder of the export")],
    *,
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE|EXPORT",
            help="只导出此日或此前一份导出以后的 / What an earlier export has is left out",
        ),
    ] = "",
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """导出全部日志、章程、日志签名，不含任何主体 / Export all that is held; about no subject."""
    with failures(), open_held(node_directory(directory)) as held, held.store.read() as session:
        config = held.config
        chains = load_chains(config.charters_directory, config.pins)
        exporter = AuditExport(
            session,
            held.keyring,
            chains,
            SystemClock().now(),
            queries=held_checkpoints(config),
            since=_since(session, since, out),
        )
        rows = exporter.write(out)
    if output is Format.JSON:
        render.write_json({"logs": rows, "pins": [chain.id.hex() for chain in chains]})
        return
    render.write_table("", _EXPORTED, rows)
    for chain in chains:
        render.write_fields(
            {"pin": chain.id.hex()}, {"pin": "联盟标识，请与纸质文本核对 / alliance id, on paper"}
        )


def _since(session: ReadSession, text: str, out: Path) -> Since:
    """From which leaves on each log is exported."""
    if not text:
        return lambda _head, _key: 0
    if _DAY.fullmatch(text):
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            pass
        else:
            begins = dt.datetime(day.year, day.month, day.day, tzinfo=CHINA)
            return since_day(session, Timestamp(int(begins.timestamp())))
    if (Path(text) / SUMS).is_file() and Path(text).resolve() != out.resolve():
        return since_export(session, Path(text))
    message = f"--since: 须为日期或此前另一份导出 / a date or another, earlier export, got {text!r}"
    raise typer.BadParameter(message)


@app.command("case")
def case(
    statement: StatementArgument,
    *,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """一条记录在各日志中的全部经过 / The whole story of one record, across all logs."""
    with failures(), open_held(node_directory(directory)) as held, held.store.read() as session:
        found = story(session, held.trust, whole_id(session, statement))
    document = {
        "told": [asdict(one) for one in found.told],
        "missing": [
            {"relief": relief, "origin": origin, "city": city}
            for relief, origin, city in found.missing
        ],
    }
    if output is Format.JSON:
        render.write_json(document)
        return
    in_english = language is Language.EN
    kinds = {one.statement_id: one.kind for one in found.told if one.kind in KINDS.all()}
    rows = [
        {
            "at": moment(one.proved_at or one.claimed_at),
            "proved": (
                ("others vouch" if in_english else "他方见证")
                if one.proved_at
                else ("claimed" if in_english else "自报")
            ),
            "city": one.city,
            "place": f"{one.origin}#{one.index}",
            "what": _what(one, kinds, english=in_english),
        }
        for one in found.told
    ]
    render.write_table("", render.pick(language, _STORY), rows, {"what": ("place",)})
    for name in dict.fromkeys(one["city"] for one in document["missing"]):
        said = "has not said that it lifted" if in_english else "尚未回执已解除"
        render.write_text(f"{name} {said}")


def _what(one: Told, kinds: Mapping[str, str], *, english: bool) -> str:
    """What was said, in words; of a receipt and an arrival also of what.

    Args:
        one: what was said.
        kinds: of the statements of the story, by their ids.
        english: which language.
    """
    of = kinds.get(one.about, "")
    if english:
        words = f"{one.kind} {one.word}".strip()
        return f"{words} ({of})" if of and one.kind in (ARRIVAL, "receipt") else words
    named = f"（{KINDS.label(KINDS.code(of))}）" if of else ""
    if one.kind == ARRIVAL:
        return f"到达，镜像已签名{named}"
    kind = KINDS.code(one.kind)
    if kind == Kind.RECEIPT:
        words = {"opened": "已收到", "applied": "已采用", "lifted": "已解除"}.get(
            one.word, one.word
        )
        return f"回执：{words}{named}"
    if one.word:
        return f"标注：{ANNOTATION_ACTIONS.label(ANNOTATION_ACTIONS.code(one.word))}"
    return KINDS.label(kind)


@app.command("verify")
def verify(
    outs: Annotated[
        list[Path],
        typer.Argument(
            metavar="OUT…", exists=True, file_okay=False, help="导出目录，可多个 / Exports"
        ),
    ],
    *,
    pin: PinsOption,
    deadlines: DeadlinesOption = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="DIR", help="写出报告（HTML、JSON） / Write the report there"
        ),
    ] = None,
    sign: Annotated[
        bool,
        typer.Option("--sign", help="以 --dir 节点的印章密钥签署 / Sign by a node's document key"),
    ] = False,
    processes: ProcessesOption = 0,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """核验导出：0 无问题，1 有问题，2 不能判断 / Exit 0 clean, 1 findings, 2 incomplete."""
    pins = list(dict.fromkeys(pin_of(text) for text in pin))
    if len({out.resolve() for out in outs}) < len(outs):
        message = (
            "同一目录给了两次，比较需要几份不同的导出 / one folder is named twice; give several"
        )
        raise typer.BadParameter(message)
    if sign and report is None:
        message = "--sign: 请一并给出 --report / expected --report beside it"
        raise typer.BadParameter(message)
    now = SystemClock().now()
    with failures():
        editions = editions_of(deadlines)
        if report is not None:
            report.mkdir(parents=True, exist_ok=True)
        signer = _signer(directory) if sign else None  # what is missing is said before the work
        auditor = Auditor(
            pins,
            reading=Reading(payloads=ProtobufPayloads(), processes=processes or processors()),
            due=due_by(editions),
            now=now,
            step=progress,
        )
        audited = auditor.run(outs)
        document = report_document(
            audited,
            pins,
            [out.name or str(out) for out in outs],
            now=now,
            deadlines=[edition.id for edition in editions],
        )
        if report is not None:
            _write(report, document, audited, signer, language)
    if output is Format.JSON:
        render.write_json(document)
    else:
        _show(document, language)
    if (result := result_of(audited)) != CLEAN:
        raise typer.Exit(Exit.FINDINGS if result == FINDINGS else INCOMPLETE_EXIT)


def _show(document: dict[str, Any], language: Language) -> None:
    in_english = language is Language.EN
    render.write_table("", render.pick(language, _LOGS), document["logs"])
    for name, titles in (
        ("findings", ("发现的问题", "Findings")),
        ("incomplete", ("不能判断的情况（不构成指责）", "What cannot be said")),
    ):
        if document[name]:
            rows = [
                one
                | {
                    "where": _where(one, len(document["exports"])),
                    "message": spoken(one["code"], one["message"], english=in_english),
                }
                for one in document[name]
            ]
            title = f"{titles[in_english]} {len(rows)}"
            render.write_table(title, render.pick(language, _SENTENCES), rows, _UNDER)
    for one in document["not_looked_at"]:
        said = one["code"] if in_english else chinese(one["code"])
        render.write_text(f"{'Not looked at' if in_english else '未审查'}: {said} {one['what']}")
    results = {
        CLEAN: ("未发现问题", "nothing was found"),
        FINDINGS: ("发现问题", "findings"),
    }
    unsure = ("未发现问题，但有些情况不能判断", "nothing was found; not all can be said")
    render.write_text(results.get(document["result"], unsure)[in_english])


def _where(one: dict[str, Any], exports: int) -> str:
    """The file, else the log; of several exports with the number of the one."""
    place = one["path"] or one["origin"] or ""
    return f"{one['export']}: {place}" if exports > 1 and one["export"] else place


def _signer(directory: Path | None) -> Signer:
    config = load_config(node_directory(directory))
    keys = load_keys(config.keys_directory, config.origin)
    if keys.document is None:
        message = f"{config.origin} has no document key: huxin keys document --new"
        raise RefusedError("repair-certificate.no-document-key", message)
    return keys.document


def _json(document: dict[str, Any]) -> bytes:
    """The report; of names that are no text what they are made of, written out."""
    return visible_json(json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _write(
    folder: Path,
    document: dict[str, Any],
    audited: Audited,
    signer: Signer | None,
    language: Language,
) -> None:
    """Write `report.json`, `report.html` and, signed, `report.note` over the digests of both."""
    from node.audit.page import page  # noqa: PLC0415 - only here a template is read

    written = {
        "report.json": _json(document),
        "report.html": page(document, english=language is Language.EN),
    }
    # A signature of an earlier report must not lie beside this one.
    (folder / REPORT_NOTE).unlink(missing_ok=True)
    for name, data in written.items():
        write_atomically(folder / name, data)
    if signer is not None:
        files = {name: sha256(data).digest() for name, data in written.items()}
        note = sign_note(format_audit_note(note_of(audited, files)), [signer])
        write_atomically(folder / REPORT_NOTE, note.to_bytes())
