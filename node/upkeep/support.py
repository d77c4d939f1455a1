"""What whoever supports a node may see of it, as JSON files of one tar; made by permission alone.

    SB1  Nothing goes in that is not named here: whole sections of the configuration in which no
         secret and no name of a person, department or authority can stand; of the status the
         sections about machines; of all others their numbers.
    SB2  Texts made from what others wrote (messages, names of files, reasons) stay out: of problems
         and findings there are codes and how many, of the log the fields `KEPT` of each line, of a
         traceback its places in the program.

No subject, key, token, password or note is read for it.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from adapters.sql.copies import kind_of
from federation.ids import Timestamp
from federation.ports.store import Store
from node.directory.config import Config
from node.upkeep.drill import history
from node.upkeep.morning import Group

LINES: Final = 200
"""Last lines of the log that are looked at."""
_TAIL: Final = 1_048_576
_WHOLE: Final = (
    "listen",
    "limits",
    "storage",
    "workers",
    "timing",
    "receipts",
    "quality",
    "alliance",
)
"""Sections of the configuration in which only bounds, addresses of our own and pins stand."""
_MACHINE: Final = ("node", "charters", "disk", "clock", "local_state", "as_of", "peers")
"""Parts of the status document in which only this machine, charters and members stand."""
_LOG: Final = (
    "origin",
    "size",
    "root",
    "signed_size",
    "verified_to",
    "reconciled_to",
    "delivered_to",
    "head_age_s",
    "records",
    "findings",
    "verdicts",
    "set_aside",
    "waits_for_room",
    "state",
)
_JOB: Final = ("seconds", "late", "at_work", "failures", "failed", "code")
KEPT: Final[Mapping[str, re.Pattern[str]]] = {
    "timestamp": re.compile(r"[0-9TZ:.+-]{10,40}"),
    "level": re.compile(r"[a-z]{1,12}"),
    "event": re.compile(r"[a-z][a-z ,'-]{0,80}"),
    "code": re.compile(r"[a-z][a-z-]{0,31}\.[a-z][a-z0-9-]{0,47}"),
}
"""Fields of a line of the log that are taken, and their form: words of the program alone, since
libraries write whole sentences."""
_PLACE: Final = re.compile(r'File "[^"]*?([\w-]+/[\w-]+\.py)", line (\d+), in (\w+)')
_README: Final = """\
互信支持包：版本、配置摘要、状态数字、检查结果代码、日志事件、数据库版本、大小。
不含主体、密钥、令牌、口令，也不含部门、认定单位、人员的名称。外发前请自行过目：均为文本。

A support bundle of huxin: versions, configuration, figures of the status, codes of findings, events
of the log, revisions, sizes. No subject, key, token or password, and no name of a department,
authority or person. Read it before you send it: all of it is text.
"""


def contents(
    config: Config,
    store: Store,
    groups: Iterable[Group],
    status: Mapping[str, Any] | None,
    machine: Mapping[str, Any],
) -> dict[str, bytes]:
    """The files of a bundle by their names.

    Args:
        config: of the node.
        store: its database.
        groups: of the doctor (`node.upkeep.morning`).
        status: the document of the node that runs; None: none does.
        machine: versions of programs, system and database.
    """
    documents: dict[str, object] = {
        "machine.json": dict(machine),
        "config.json": configuration(config),
        "status.json": None if status is None else figures(status),
        "doctor.json": [
            {
                "group": group.name,
                "looked": group.looked,
                "codes": dict(Counter(row.code for row in group.rows)),
            }
            for group in groups
        ],
        "log.json": log_events(config.directory),
        "sizes.json": sizes(config, store),
        "backups.json": {what: _numbers(one) for what, one in history(config.directory).items()},
    }
    return {"README.txt": _README.encode()} | {
        name: json.dumps(one, ensure_ascii=False, indent=1).encode() + b"\n"
        for name, one in documents.items()
    }


def packed(files: Mapping[str, bytes], now: Timestamp) -> bytes:
    """The tar of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"huxin-support/{name}")
            entry.size, entry.mtime, entry.mode = len(data), now, 0o600
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def configuration(config: Config) -> dict[str, Any]:
    """The configuration without secrets, and without names of sources, authorities, persons."""
    said = config.model_dump(mode="json")
    return {
        "node": {name: said["node"][name] for name in ("region", "role", "origin")},
        **{name: said[name] for name in _WHOLE},
        "http": {"listen": config.http.listen, "tls": bool(config.http.cert)},
        "logs": {"listen": config.logs.listen, "plain": config.logs.plain},
        "access": said["access"],
        "database": kind_of(config.database_url),
        "state": {"shared": bool(config.state.mark)},
        "keys": {"rotate_days": config.keys.rotate_days, "escrow": bool(config.keys.escrow)},
        "persons": len(config.persons),
        "sources": [
            {
                "lists": len(one.list_types),
                "authorities": len(one.authorities),
                "mapping": bool(one.mapping),
                "relief_only": one.relief_only,
                "comparison": one.comparison,
            }
            for one in config.files.sources.values()
        ],
        "platforms": [
            {"service": one.is_service, "driver": one.url.partition(":")[0]}
            for one in config.platform.values()
        ],
    }


def figures(status: Mapping[str, Any]) -> dict[str, Any]:
    """The status document as numbers and states; of problems codes and how many."""
    problems = Counter(one["code"] for one in status["problems"])
    kept: dict[str, Any] = {"problems": dict(problems)}
    for name, part in status.items():
        if name == "problems":
            continue
        if name in _MACHINE:
            kept[name] = part
        elif name == "logs":
            kept[name] = [{field: log[field] for field in _LOG} for log in part]
        elif name == "jobs":
            kept[name] = [_job(job) for job in part]
        elif isinstance(part, dict):
            kept[name] = _numbers(part)
        elif isinstance(part, list):
            kept[name] = [_numbers(one) for one in part]
    return kept


def log_events(directory: Path) -> dict[str, Any]:
    """The last lines of logs below the directory, as their events; empty where none lies there."""
    found: dict[str, Any] = {}
    for path in sorted([*directory.glob("*.log"), *directory.glob("log*/*.log")]):
        lines = _last_lines(path)
        events = [event for event in map(_event, lines) if event is not None]
        found[f"log-{len(found) + 1}"] = {"events": events, "left_out": len(lines) - len(events)}
    return found


def sizes(config: Config, store: Store) -> dict[str, Any]:
    """Leaves of each log, and bytes and files below the directory by its first folder."""
    with store.read() as session:
        logs = {str(head.origin): head.size for head in session.heads()}
    count: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for path in config.directory.rglob("*"):
        if path.is_file() and not path.is_symlink():
            parts = path.relative_to(config.directory).parts
            name = parts[0] if len(parts) > 1 else (path.suffix or "other")
            name = name if re.fullmatch(r"[a-z.-]{1,32}", name) else "other"
            count[name] += 1
            total[name] += path.stat().st_size
    return {
        "logs": logs,
        "files": {name: {"count": count[name], "bytes": total[name]} for name in sorted(count)},
    }


def _job(job: Mapping[str, Any]) -> dict[str, Any]:
    """A job's figures; behind the point of its name stands which platform or source."""
    return {"name": job["name"].partition(".")[0]} | {field: job[field] for field in _JOB}


def _numbers(part: object) -> dict[str, Any]:
    """The numbers of a part; names and texts of others are not among them."""
    if not isinstance(part, Mapping):
        return {}
    return {name: one for name, one in part.items() if isinstance(one, bool | int | float)}


def _last_lines(path: Path) -> Sequence[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _TAIL, 0))
            return file.read(_TAIL).decode("utf-8", "replace").splitlines()[-LINES:]
    except OSError:
        return ()


def _event(line: str) -> dict[str, Any] | None:
    """A line of the program's own log; None for any other."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or "event" not in said or "timestamp" not in said:
        return None
    kept: dict[str, Any] = {
        name: said[name] for name, form in KEPT.items() if form.fullmatch(str(said.get(name, "")))
    }
    places = _PLACE.findall(str(said.get("exception", "")))
    return kept | ({"at": [":".join(one) for one in places]} if places else {})
