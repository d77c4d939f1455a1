"""The findings of a bad morning, in groups 分组, each with what to do (`huxin doctor`).

    always           configuration, keys, charters, storage, sources, backups, catalogs, joining:
                     read from the directory, beside a running node or without one
    where one runs   clock, peers, reliefs, outcomes, platforms, node: from its status document

A group that was not looked at says so, and is not well. What the running node says under a code
counts before what was found in the directory under the same; damage is told by who read all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from adapters.catalog.library import FILE_NAME, FileLibrary
from federation.charters.values import Terms
from federation.errors import FederationError, RefusedError
from federation.ids import CharterId, Timestamp
from federation.ports.store import Store
from node.access.provider_wiring import wire_provider
from node.charters.joining import Pending, is_in
from node.charters.view import TrustView
from node.directory.config import Config, ConfigError
from node.log.soundness import ROWS, Damage
from node.reconcile.catalog_book import CatalogBook
from node.status.fixes import CATALOG, CLOCK_FIRST
from node.status.problems import of_judging
from node.system.clock import Clock
from node.upkeep.checkup import Finding
from node.upkeep.drill import history

_DAMAGED: Final = "移走该文件，请对方再交一次 / move the file away; let them hand it in again"
FRESH_SECONDS: Final = 35 * 86_400
"""A backup or drill older than this is told: both are made once a month, and one may be late."""
STATED: Final = (
    "configuration",
    "keys",
    "charters",
    "storage",
    "sources",
    "backups",
    "catalogs",
    "joining",
)
"""Groups of what stands in the directory."""
ASKED: Final = ("clock", "peers", "reliefs", "outcomes", "platforms", "node")
"""Groups that only a running node knows; `node` has what belongs to no other."""
_GROUP_OF: Final[Mapping[str, str]] = {
    "access": "keys",
    "backup": "backups",
    "benefits": "outcomes",
    "catalog": "catalogs",
    "certificate": "charters",
    "charter": "charters",
    "clock": "clock",
    "config": "configuration",
    "disk": "storage",
    "drill": "backups",
    "fork": "storage",
    "high-water": "storage",
    "inbox": "sources",
    "join": "joining",
    "keys": "keys",
    "library": "catalogs",
    "log": "peers",
    "mapping": "sources",
    "opening": "storage",
    "openings": "storage",
    "outcomes": "outcomes",
    "peer": "peers",
    "platform": "platforms",
    "queries": "storage",
    "relief": "reliefs",
    "request": "reliefs",
    "store": "storage",
}
"""Group by family of codes."""
_SIGNING: Final = "见 see docs/operations/running.md#when-nothing-is-signed"
_MARK_SERVER: Final = "见 see docs/operations/failover.md#the-marks-server"
_CERTIFICATE: Final = (
    "换发证书并写入章程：huxin keys tls --new / a new certificate, then a charter with it: "
    "huxin keys tls --new"
)
UNANSWERED: Final = "unanswered"
"""Stands in the place of a status: the node runs, and did not say how it is."""
_FIXES: Final[Mapping[str, str]] = {
    "certificate.expired": (
        f"{CLOCK_FIRST[0]}；换发证书并写入章程：huxin keys tls --new / "
        f"{CLOCK_FIRST[1]}; a new certificate, then a charter with it: huxin keys tls --new"
    ),
    "certificate.expires": _CERTIFICATE,
    "fork.damaged": "启动节点，由成员再给 / start the node: members have it too",
    "high-water.ahead": f"huxin recover; {_SIGNING}",
    "high-water.corrupt": _SIGNING,
    "high-water.elsewhere": "huxin mark show; huxin mark move",
    "high-water.missing": _SIGNING,
    "high-water.not-durable": _MARK_SERVER,
    "high-water.same-server": _MARK_SERVER,
    "high-water.server": _MARK_SERVER,
    "high-water.unreachable": _MARK_SERVER,
    "high-water.other-root": _SIGNING,
    "source.no-consent": "在 huxin.toml 写明 sharing 和 consent / state both of the source there",
    "inbox.folder": "改为本节点可用的目录 / make it a directory that the node may use, and no link",
    "keys.mode": "先查是否泄露，再按所示收紧 / look for a leak first, then the chmod that it names",
    "mapping.invalid": "改正映射文件，再 huxin adapter try / mend the mapping: huxin adapter try",
    "mapping.unreadable": "改正映射文件的路径或权限 / mend path or mode of the mapping",
}
"""What to do about a finding of `node.upkeep.checkup`."""
_REBUILD: Final = (
    "停止节点，重新派生：huxin rebuild / stop the node, derive them anew: huxin rebuild"
)
_HEAL: Final = "先停止节点，再 huxin doctor --heal / stop the node, then huxin doctor --heal"
_BACK_UP: Final = (
    "huxin backup OUT，并由定时器 huxin-backup@ 每日执行 / "
    "huxin backup OUT, daily by the timer huxin-backup@"
)
_AGAIN: Final = (
    "再备份一次，再演练：huxin backup OUT，huxin drill OUT / "
    "back up and drill again: huxin backup OUT; huxin drill OUT"
)
_PROVIDER: Final = (
    "先用口令账号登录，再核对 docs/console.md#signing-in-by-the-citys-identity-provider / "
    "sign in with a password, and see "
    "docs/console.md#signing-in-by-the-citys-identity-provider"
)
_DRILL: Final = "演练最近的备份：huxin drill BACKUP / prove the last backup: huxin drill BACKUP"
_JOINING: Final = (
    "电话核对指纹后批准：huxin charter pending / "
    "compare fingerprints by telephone: huxin charter pending"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing, with its stable code and what to do about it."""

    code: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What was found of one sort."""

    name: str
    looked: bool
    """Whether it was looked at; without a running node some are not."""
    rows: Sequence[Row] = ()


def unopened(row: Row, status: Mapping[str, Any] | None) -> list[Group]:
    """What is known of a directory that cannot be read, for which `row` says why."""
    place = _GROUP_OF.get(row.code.partition(".")[0], "configuration")
    groups = []
    for group in grouped((), (), (), status):
        others = [one for one in group.rows if (one.code, one.message) != (row.code, row.message)]
        rows = (row, *others) if group.name == place else group.rows
        looked = bool(rows) or (group.looked and group.name in ASKED)
        groups.append(replace(group, looked=looked, rows=rows))
    return groups


def grouped(
    findings: Iterable[Finding],
    damages: Iterable[Damage],
    stated: Iterable[Row],
    status: Mapping[str, Any] | None,
) -> list[Group]:
    """All that was found, in the order in which to look at it.

    Args:
        findings: of `node.upkeep.checkup`.
        damages: of what is stored, those that are left.
        stated: of `of_backups`, `of_catalogs`, `of_provider` and `of_joining`.
        status: the document of the node that runs, with `UNANSWERED` only why there is none, and
            what it alone knows was not looked at; None: none does.
    """
    answered = status is not None and not status.get(UNANSWERED)
    damaged = [_damage(one) for one in damages]
    said = [
        Row(code=one["code"], message=one["message"], fix=one["fix"])
        for one in (status["problems"] if status else ())
        if not (damaged and one["code"] == "store.damaged")
    ]
    known = {row.code for row in said}
    own = chain((_finding(one) for one in findings), stated)
    rows = [*damaged, *(row for row in own if row.code not in known), *said]
    names = (*STATED, *ASKED)
    of: dict[str, list[Row]] = {name: [] for name in names}
    for row in rows:
        of[_GROUP_OF.get(row.code.partition(".")[0], "node")].append(row)
    return [
        Group(name=name, looked=bool(of[name]) or name in STATED or answered, rows=of[name])
        for name in names
    ]


def of_backups(directory: Path, now: Timestamp) -> Iterable[Row]:
    """That no backup was made or proved, or none for `FRESH_SECONDS`."""
    found = history(directory)
    for what, fix in (("backup", _BACK_UP), ("drill", _DRILL)):
        last = found.get(what)
        at = last.get("at") if isinstance(last, dict) else None
        if not isinstance(last, dict) or not isinstance(at, int):
            yield Row(code=f"{what}.none", message=f"no {what} of this node is known", fix=fix)
        elif now - at > FRESH_SECONDS:
            text = f"the last {what} was {(now - at) // 86_400} days ago"
            yield Row(code=f"{what}.old", message=text, fix=fix)
        elif last.get("passed") is False:
            text = "the last drill found that its backup cannot be relied on"
            yield Row(code="drill.failed", message=text, fix=_AGAIN)


def of_catalogs(config: Config, store: Store, view: TrustView, now: Timestamp) -> Iterable[Row]:
    """That nothing judges what others list here, as the status of a running node says it."""
    try:
        catalog = CatalogBook(store=store, now=lambda: now).catalog()
    except FederationError as error:
        yield Row(code=error.code, message=str(error), fix=CATALOG)
        return
    library = FileLibrary(config.directory / FILE_NAME).fault(whole=True)
    for one in of_judging(view, config.origin, catalog, library=library):
        yield Row(code=one["code"], message=one["message"], fix=one["fix"])


def of_provider(config: Config, clock: Clock) -> Iterable[Row]:
    """That the identity provider, where one is configured, does not answer as it should."""
    code, fix = "access.provider-silent", _PROVIDER
    try:
        provider = wire_provider(config, clock)
        if provider is not None:
            provider.look()
    except ConfigError as error:
        yield Row(code=code, message=str(error), fix=fix)
    except RefusedError as error:
        yield Row(code=error.code, message=str(error), fix=fix)


def of_joining(directory: Path, in_force: Mapping[CharterId, Terms]) -> Iterable[Row]:
    """Requests to join that wait for persons.

    Args:
        directory: of the node.
        in_force: the newest version of each alliance; who stands in it waits no more, though
            nobody looked at the requests since.
    """
    pending = Pending(directory)
    for one in pending.all():
        member, terms = one.request.member, in_force.get(one.request.charter)
        if terms is not None and is_in(terms, one):
            continue
        text = (
            f"{member.name}（{member.region}）申请加入，指纹 {one.fingerprint} / "
            f"{member.name} ({member.region}) asks to join, fingerprint {one.fingerprint}"
        )
        yield Row(code="join.pending", message=text, fix=_JOINING)
    for error in pending.damaged():
        yield Row(code=error.code, message=str(error), fix=_DAMAGED)


def _finding(one: Finding) -> Row:
    return Row(code=one.code, message=one.message, fix=_FIXES.get(one.code, ""))


def _damage(one: Damage) -> Row:
    text = f"{one.origin}: {one.part} from {one.first}, {one.count}: {one.message}"
    return Row(code="store.damaged", message=text, fix=_REBUILD if one.part == ROWS else _HEAL)
