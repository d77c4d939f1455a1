"""The status document of a node (`huxin status`)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from adapters.files.dropfolder import Stuck
from crypto.checkpoint import peek_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.notes import parse_note
from crypto.strict import b64
from federation.charters.entitlement import AllianceState
from federation.ids import Date, Origin, Timestamp
from federation.life import life
from federation.platform.control_totals import DIFFER
from federation.ports.store import LogHead, ReadSession, Store
from federation.reconcile.catalog import Catalog
from federation.reconcile.grounds import GROUND_MISSING
from federation.reconcile.rules import RULES
from federation.rows import LISTED_KINDS, State
from node.charters.expiring_certificates import WARNING_SECONDS, Ending
from node.charters.view import TrustView
from node.log.publisher import Publisher
from node.peers.exchange import Exchange
from node.records.doubts import Doubts
from node.status.job_runs import code_of, in_words, problems

RESTORE: Final = "huxin recover; docs/operations/running.md#when-nothing-is-signed"
UNANSWERED: Final = "连接任一成员 / connect a member; docs/operations/running.md#when-listings-wait"
GROUNDS: Final = (
    "采用设立它的版本，或者改正所列版本 / adopt the edition that makes it, or mend those named: "
    "huxin catalog check"
)
ROOM: Final = "腾出或扩大磁盘即可 / free space or make the disk larger; nothing else is to be done"
DAMAGED: Final = (
    "检测磁盘与内存 / test disk and memory; docs/operations/faults.md#faults-of-disk-and-database"
)
CONFIRM: Final = "核对时间后由两人确认 / compare the clocks; two persons: huxin clock confirm"
WRITABLE: Final = (
    "检查磁盘空间、只读与数据库 / see disk space, read-only file systems, the database; "
    "docs/operations/faults.md#faults-of-disk-and-database"
)
JOBS: Final = "将自动重试 / tried again; docs/operations/faults.md#jobs"
INBOX: Final = "见 see docs/operations/faults.md#files-and-rows；该文件不影响其他 / others go on"
SHOWN_MAX: Final = 20
"""Damaged places that the problems name one by one."""
_DISK: Final = ("free_bytes", "reserve_bytes", "following_bytes")
_OUTCOME: Final = struct.Struct(">QBBB")
_HEADER_STATE: Final = struct.Struct(">QB")


def local_state(session: ReadSession, today: Date) -> str:
    """SHA-256 over what this node makes of every statement it holds, as of a day.

    For each log in the order of the origins: origin, size, and for each leaf its index, its state
    by the day's date, whether its opening is held, and what was found out about it. No keyed value
    goes in.
    """
    digest = hashlib.sha256(str(today).encode())
    for head in sorted(session.heads(), key=lambda h: h.origin):
        digest.update(f"\n{head.origin}\n{head.size}\n".encode())
        found = session.findings_between(head.log, 0, head.size)
        rows = (
            _OUTCOME.pack(
                index, life.at(State(state), Date(until), today), opening, found.get(index, 0)
            )
            for index, _, state, opening, until in session.outcomes(head.log)
        )
        for chunk in _joined(rows):
            digest.update(chunk)
    return digest.hexdigest()


class StatusReport:
    """Builds the status document; only reads."""

    def __init__(  # noqa: PLR0913 - wired once, in node.wiring
        self,
        *,
        region: str,
        name: str,
        version: str,
        own: Origin,
        store: Store,
        exchange: Exchange,
        publisher: Publisher,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        doubts: Doubts,
        endings: Callable[[], Iterable[Ending]],
        key_ring: Callable[[], dict[str, Any]],
        platforms: Callable[[], list[dict[str, Any]]],
        disk: Callable[[], dict[str, Any]],
        scrub: Callable[[], dict[str, Any]],
        trusted: Callable[[], dict[str, Any]],
        jobs: Callable[[], list[dict[str, Any]]],
        trouble: Callable[[], Exception | None],
        inbox: Callable[[], Iterable[tuple[str, Stuck]]],
        catalog: Callable[[], Catalog],
    ) -> None:
        """Wire the report."""
        self._region = region
        self._name = name
        self._version = version
        self._own = own
        self._store = store
        self._exchange = exchange
        self._publisher = publisher
        self._trust = trust
        self._now = now
        self._today = today
        self._doubts = doubts
        self._endings = endings
        self._key_ring = key_ring
        self._platforms = platforms
        self._disk = disk
        self._scrub = scrub
        self._trusted = trusted
        self._jobs = jobs
        self._trouble = trouble
        self._inbox = inbox
        self._catalog = catalog
        self._log_states: dict[Origin, tuple[int, str]] = {}

    def __call__(self) -> dict[str, Any]:
        """Build the document with the fields of the interface."""
        with self._store.read() as session:
            heads = list(session.heads())
            logs = [self._log(session, head) for head in heads]
            known = {head.origin for head in heads}
            logs += [
                self._unseen(origin) for origin in self._trust().followed() if origin not in known
            ]
            local = local_state(session, self._today())
            pending = len(session.pending(None, 1000))
        key_ring = self._key_ring()
        platforms = self._platforms()
        disk = self._disk()
        scrub = self._scrub()
        trusted = self._trusted()
        jobs = self._jobs()
        return {
            "node": {
                "region": self._region,
                "name": self._name,
                "origin": self._own,
                "version": self._version,
            },
            "charters": [
                {
                    "id": alliance.id.hex(),
                    "name": alliance.charter.terms.name,
                    "version": alliance.charter.terms.version,
                    "state": str(alliance.state),
                    "expires_in_s": alliance.charter.terms.not_after - self._now(),
                }
                for alliance in self._trust().trust.alliances
            ],
            "logs": logs,
            "peers": sorted(self._exchange.peers()),
            "key_ring": key_ring,
            "platforms": platforms,
            "disk": {name: disk[name] for name in _DISK},
            "scrub": scrub,
            "clock": trusted,
            "jobs": jobs,
            "problems": [
                *self._problems(logs, pending),
                *_of_key_ring(key_ring),
                *_of_platforms(platforms),
                *_of_disk(disk),
                *_of_scrub(scrub),
                *_of_clock(trusted),
                *_of_trouble(self._trouble()),
                *_of_jobs(jobs),
                *_of_inbox(self._inbox()),
                *_of_grounds(self._catalog().without_ground(self._today())),
            ],
            "local_state": local,
            "as_of": self._today(),
        }

    def _log(self, session: ReadSession, head: LogHead) -> dict[str, Any]:
        counts = session.count_states(head.log)
        set_aside: dict[str, int] = {}
        states: dict[str, int] = {}
        for (kind, state, rule), number in counts.items():
            if state in (State.SET_ASIDE, State.HELD):
                set_aside[rule] = set_aside.get(rule, 0) + number
            elif kind in LISTED_KINDS:
                word = State(state).name.lower().replace("_", "-")
                states[word] = states.get(word, 0) + number
        age = self._doubts.head_age(head)
        return {
            "origin": head.origin,
            "size": head.size,
            "root": b64(peek_checkpoint(head.note).root) if head.note else "",
            "signed_size": head.note_size,
            "verified_to": head.size,
            "reconciled_to": head.applied_to if head.ours else head.reconciled_to,
            "delivered_to": head.size if head.ours else head.delivered_to,
            "head_age_s": age,
            "cosignatures": self._cosigners(head),
            "log_state": self._log_state(session, head),
            "records": states,
            "findings": {
                RULES[finding].code: number
                for finding, number in sorted(session.count_findings(head.log).items())
            },
            "set_aside": set_aside,
            "waits_for_room": head.origin in self._exchange.left(),
            "state": self._state(head),
        }

    def _unseen(self, origin: Origin) -> dict[str, Any]:
        """A followed log of which nothing has come yet."""
        return {
            "origin": origin,
            "size": 0,
            "root": "",
            "signed_size": 0,
            "verified_to": 0,
            "reconciled_to": 0,
            "delivered_to": 0,
            "head_age_s": None,
            "cosignatures": [],
            "log_state": hashlib.sha256().hexdigest(),
            "records": {},
            "findings": {},
            "set_aside": {},
            "waits_for_room": origin in self._exchange.left(),
            "state": "stale" if self._reachable(origin) else "unreachable",
        }

    def _state(self, head: LogHead) -> str:
        if head.forked:
            return "forked"
        if head.ours:
            return "refused" if self._publisher.refusal is not None else "ok"
        if head.origin not in self._trust().trust.origins():
            return "refused"
        if not self._reachable(head.origin):
            return "unreachable"
        return "stale" if self._doubts.stale(head) else "ok"

    def _reachable(self, origin: Origin) -> bool:
        trust = self._trust()
        peers = self._exchange.peers()
        return bool(trust.owners(origin) & peers) or any(trust.mirrors(p) for p in peers)

    def _cosigners(self, head: LogHead) -> list[str]:
        if not head.note:
            return []
        keys = self._trust().cosigner_keys()
        return sorted({c.key.name for c in verify_cosignatures(parse_note(head.note), keys)})

    def _log_state(self, session: ReadSession, head: LogHead) -> str:
        """SHA-256 over (u64 index ‖ u8 state) of the LISTINGs as the log's own headers say.

        Depends on the leaves below the size alone, so it is computed once for each size.
        """
        known = self._log_states.get(head.origin)
        if known is None or known[0] != head.size:
            digest = hashlib.sha256()
            for chunk in _joined(
                _HEADER_STATE.pack(index, state)
                for index, state in session.header_states(head.log, head.size)
            ):
                digest.update(chunk)
            known = (head.size, digest.hexdigest())
            self._log_states[head.origin] = known
        return known[1]

    def _problems(self, logs: list[dict[str, Any]], pending: int) -> list[dict[str, str]]:
        problems: list[dict[str, str]] = []
        if self._publisher.refusal is not None:
            refusal = self._publisher.refusal
            problems.append(_problem(refusal.code, str(refusal), RESTORE))
        elif self._publisher.waiting is not None:
            waiting = self._publisher.waiting
            problems.append(_problem(waiting.code, str(waiting), UNANSWERED))
        for alliance in self._trust().trust.alliances:
            left = alliance.charter.terms.not_after - self._now()
            name = alliance.charter.terms.name
            if alliance.state is AllianceState.FORKED:
                problems.append(
                    _problem(
                        "charter.forked",
                        f"two valid charters of one version of {name}; nothing of it punishes",
                        "成员签署写明两者的新版 / the members sign a version that names both: "
                        "huxin charter renew --settles",
                    )
                )
            elif left < WARNING_SECONDS:
                problems.append(
                    _problem(
                        "charter.expired" if left < 0 else "charter.expires",
                        f"the charter of {name} ends in {left} s",
                        "成员签署下一版 / the members sign the next version: huxin charter renew",
                    )
                )
        if not self._trust().trust.alliances:
            problems.append(
                _problem("charter.none", "no charter is adopted", "huxin charter adopt FILE")
            )
        problems += [
            _problem(
                ending.code,
                f"the certificate of {ending.whose or 'this node'} ends in "
                f"{ending.seconds // 86_400} days",
                _renewal(ending),
            )
            for ending in self._endings()
        ]
        problems += [
            _problem(
                f"log.{log['state']}",
                f"{log['origin']}: {log['state']}",
                "见 see docs/operations/faults.md#states-of-a-log",
            )
            for log in logs
            if log["state"] != "ok"
        ]
        problems += [
            _problem(
                "disk.following",
                f"{log['origin']}: what can wait is not taken while so little is free",
                ROOM,
            )
            for log in logs
            if log["waits_for_room"]
        ]
        if pending:
            problems.append(
                _problem(
                    "opening.pending",
                    f"{pending} openings are asked of peers",
                    "稍候，或查看被记过错的对方 / wait, or look at the peers blamed",
                )
            )
        problems += [
            _problem("store.damaged", f"{origin}: {message}", DAMAGED)
            for origin, message in sorted(self._exchange.damaged().items())
        ]
        problems += [
            _problem(
                code, f"{peer} delivered it {number} times", "告知对方运维 / tell its operator"
            )
            for (peer, code), number in sorted(self._exchange.blamed().items())
        ]
        return problems


def _of_trouble(trouble: Exception | None) -> Iterable[dict[str, str]]:
    if trouble is not None:
        text = f"nothing can be kept, relief waits too: {in_words(trouble)}"
        yield _problem(code_of(trouble), text, WRITABLE)


def _of_grounds(found: Mapping[str, Sequence[str]]) -> Iterable[dict[str, str]]:
    for code, editions in found.items():
        yield _problem(
            GROUND_MISSING,
            f"{code} ({', '.join(editions)})",
            GROUNDS,
        )


def _of_jobs(jobs: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    for code, message in problems(jobs):
        yield _problem(code, message, JOBS)


def _renewal(ending: Ending) -> str:
    """What to do about a certificate that ends."""
    if ending.whose:
        return "告知对方运维 / tell its operator"
    if ending.waits:
        return (
            "新证书已备，成员签署写明它的新版章程 / a new certificate waits for a charter that "
            "names it: huxin charter rotate --member member.json, sign, adopt"
        )
    return (
        "换发证书并写入章程 / make a new certificate, then a charter that names both: "
        "huxin keys tls --new"
    )


def _of_clock(clock: dict[str, Any]) -> Iterable[dict[str, str]]:
    if not clock["confirm"]:
        return
    if clock["trusted"] is None:
        message = (
            f"{clock['members']} other members can sign a time, {clock['needed']} are needed: "
            "nothing that has expired is erased, no key ends"
        )
    else:
        message = (
            f"members sign a time {clock['ahead_s']} s beyond trusted time: more than may be "
            "believed unasked; nothing is erased by it, no key ends"
        )
    yield _problem("clock.unconfirmed", message, CONFIRM)


def _of_key_ring(ring: dict[str, Any]) -> Iterable[dict[str, str]]:
    if ring["openings_lost"]:
        yield _problem(
            "openings.lost",
            f"{ring['openings_lost']} openings in the database are sealed under keys that were "
            "destroyed (a backup from before a rotation was restored); they count as missing",
            "无须处理，将向成员索取 / nothing: peers are asked for what was not erased",
        )
    if ring["escrow_fault"]:
        yield _problem(
            "keys.escrow", ring["escrow_fault"], "见 see docs/operations/running.md#key-ring"
        )


def _of_platforms(platforms: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    for platform in platforms:
        if platform["fault"]:
            yield _problem(
                platform["fault"],
                f"{platform['name']}: {platform['waiting']} statements wait, "
                f"{platform['relief']} of them relief: {platform['message']}",
                "见 see docs/platform.md；内容不会丢失 / nothing is lost",
            )
        if platform["totals"]["outcome"] == "differs":
            yield _problem(
                DIFFER,
                f"{platform['name']}: {platform['totals']['count']} rows are not what was told",
                f"huxin adapter totals {platform['name']}; huxin adapter redeliver "
                f"{platform['name']}",
            )


def _of_disk(disk: dict[str, Any]) -> Iterable[dict[str, str]]:
    if disk["problem"] is not None:
        yield _problem(
            disk["problem"]["code"],
            disk["problem"]["message"],
            ROOM,
        )


def _of_scrub(scrub: dict[str, Any]) -> Iterable[dict[str, str]]:
    for one in scrub["damaged"][:SHOWN_MAX]:
        text = f"{one['origin']}: {one['part']} from {one['first']}: {one['message']}"
        yield _problem("store.damaged", text, DAMAGED)


def _of_inbox(stuck: Iterable[tuple[str, Stuck]]) -> Iterable[dict[str, str]]:
    for source, one in stuck:
        yield _problem(one.code, f"{source}: {one.title or 'inbox'}: {one.message}", INBOX)


def _problem(code: str, message: str, fix: str) -> dict[str, str]:
    return {"code": code, "message": message, "fix": fix}


def _joined(parts: Iterable[bytes]) -> Iterable[bytes]:
    """Join small parts so that the digest is not fed piece by piece."""
    buffer = bytearray()
    for part in parts:
        buffer += part
        if len(buffer) > 1 << 16:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
