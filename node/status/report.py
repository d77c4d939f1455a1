"""The status document of a node (`huxin status`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.files.dropfolder import Stuck
from crypto.checkpoint import peek_checkpoint
from crypto.cosignature import verify_cosignatures
from crypto.notes import parse_note
from crypto.strict import b64
from federation.ids import Date, Origin, Timestamp
from federation.ports.outlets import Outlet
from federation.ports.store import LogHead, ReadSession, Store
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import RULES, Outcome
from federation.rows import LISTED_KINDS, State
from node.charters.expiring_certificates import Ending
from node.charters.view import TrustView
from node.log.cosigning import named_in
from node.log.publisher import Publisher
from node.peers.exchange import Exchange
from node.records.doubts import Doubts
from node.status.clock_problems import of_clock
from node.status.digests import LogStates
from node.status.digests import local_state as digest_of
from node.status.problems import (
    Problems,
    of_access,
    of_acknowledging,
    of_check_workers,
    of_config,
    of_disk,
    of_grounds,
    of_inbox,
    of_jobs,
    of_judging,
    of_key_ring,
    of_outcomes,
    of_platforms,
    of_queries,
    of_requests,
    of_scrub,
    of_trouble,
    of_uses,
)
from node.status.relief_problems import of_displays, of_reliefs

_VERDICTS: Final = {
    Outcome.APPLIED: "recognised",
    Outcome.MERGED: "recognised",
    Outcome.HELD: "held",
    Outcome.REJECTED: "not-recognised",
}
_DISK: Final = ("free_bytes", "reserve_bytes", "following_bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """Of all logs, by their numbers."""

    states: Mapping[int, Mapping[tuple[int, int, str], int]]
    findings: Mapping[int, Mapping[int, int]]


def _acknowledging(session: ReadSession, outlet: Outlet) -> dict[str, Any]:
    """What an outlet has not acknowledged, and what of its words counted for nothing."""
    count, since = session.count_unacknowledged(outlet.outlet)
    odd = {one.code: one.number for one in session.oddities(outlet.outlet)}
    return {"name": outlet.name, "unacknowledged": count, "since": since, "odd": odd}


def _counted(session: ReadSession) -> _Counts:
    return _Counts(states=session.count_states(), findings=session.count_findings())


class StatusReport:
    """Builds the status document; only reads."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
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
        requests: Callable[[], dict[str, Any]],
        kept: Callable[[], dict[str, Any]],
        outcomes: Callable[[], dict[str, Any]],
        disk: Callable[[], dict[str, Any]],
        scrub: Callable[[], dict[str, Any]],
        trusted: Callable[[], dict[str, Any]],
        jobs: Callable[[], list[dict[str, Any]]],
        trouble: Callable[[], Exception | None],
        inbox: Callable[[], Iterable[tuple[str, Stuck]]],
        catalog: Callable[[], Catalog],
        library: Callable[[], str],
        reliefs: Callable[[], dict[str, Any]],
        displays: Callable[[], dict[str, Any]],
        config: Callable[[], tuple[str, str, bool] | None],
        queries: Callable[[], dict[str, Any]],
        access: Callable[[], dict[str, Any]],
    ) -> None:
        """Wire the report.

        `library` is the code of what is wrong with the base library; `config` is
        `node.directory.reloading.Reloading.report`.
        """
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
        self._key_ring = key_ring
        self._platforms = platforms
        self._requests = requests
        self._kept = kept
        self._outcomes = outcomes
        self._disk = disk
        self._scrub = scrub
        self._trusted = trusted
        self._jobs = jobs
        self._trouble = trouble
        self._inbox = inbox
        self._catalog = catalog
        self._library = library
        self._reliefs = reliefs
        self._displays = displays
        self._config = config
        self._queries = queries
        self._access = access
        self._log_states = LogStates()
        self._cosigned: dict[Origin, tuple[bytes, TrustView, list[str]]] = {}
        """Who cosigned the note of each log, by the charters of then."""
        self._problems = Problems(
            exchange=exchange, publisher=publisher, trust=trust, now=now, endings=endings
        )

    def __call__(self, *, local_state: bool = False) -> dict[str, Any]:
        """Build the document with the fields of the interface.

        Args:
            local_state: whether the digest of what is held is wanted, for which every row is read.
        """
        with self._store.read() as session:
            heads = list(session.heads())
            counts = session.seen("counts", lambda: _counted(session))
            logs = [self._log(session, head, counts) for head in heads]
            known = {head.origin for head in heads}
            logs += [
                self._unseen(origin) for origin in self._trust().followed() if origin not in known
            ]
            today = self._today()
            digest: dict[str, str] = {}
            if local_state:
                held = session.seen(f"local_state {today}", lambda: digest_of(session, today))
                digest = {"local_state": held}
            pending = len(session.pending(None, 1000))
            acknowledging = [_acknowledging(session, one) for one in session.outlets()]
        key_ring = self._key_ring()
        platforms = self._platforms()
        requests = self._requests()
        outcomes = self._outcomes()
        disk = self._disk()
        scrub = self._scrub()
        trusted = self._trusted()
        jobs = self._jobs()
        reliefs = self._reliefs()
        displays = self._displays()
        queries = self._queries()
        access = self._access()
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
            "requests": requests,
            "outcomes": outcomes,
            "kept": self._kept(),
            "acknowledging": acknowledging,
            "disk": {name: disk[name] for name in _DISK},
            "scrub": scrub,
            "clock": trusted,
            "jobs": jobs,
            "reliefs": reliefs,
            "displays": displays,
            "queries": queries,
            "access": access,
            "problems": [
                *self._problems.of_node(logs, pending),
                *of_key_ring(key_ring),
                *of_platforms(platforms),
                *of_requests(requests),
                *of_outcomes(outcomes),
                *of_uses(outcomes["uses"]),
                *of_acknowledging(acknowledging, platforms, self._now()),
                *of_disk(disk),
                *of_scrub(scrub),
                *of_clock(trusted),
                *of_trouble(self._trouble()),
                *of_jobs(jobs),
                *of_reliefs(reliefs),
                *of_displays(displays),
                *of_inbox(self._inbox()),
                *of_config(self._config()),
                *of_queries(queries),
                *of_access(access),
                *of_check_workers(access["workers"]),
                *of_judging(self._trust(), self._own, self._catalog(), library=self._library()),
                *of_grounds(self._catalog().without_ground(self._today())),
            ],
            **digest,
            "as_of": today,
        }

    def _log(self, session: ReadSession, head: LogHead, counted: _Counts) -> dict[str, Any]:
        set_aside: dict[str, int] = {}
        states: dict[str, int] = {}
        for (kind, state, rule), number in counted.states.get(head.log, {}).items():
            if state in (State.SET_ASIDE, State.HELD):
                set_aside[rule] = set_aside.get(rule, 0) + number
            elif kind in LISTED_KINDS:
                word = State(state).name.lower().replace("_", "-")
                states[word] = states.get(word, 0) + number
        age = self._doubts.head_age(head)
        findings = counted.findings.get(head.log, {})
        return {
            "origin": head.origin,
            "city": self._trust().city(Origin(head.origin)),
            "size": head.size,
            "root": b64(peek_checkpoint(head.note).root) if head.note else "",
            "signed_size": head.note_size,
            "verified_to": head.size,
            "reconciled_to": head.applied_to if head.ours else head.reconciled_to,
            "delivered_to": head.size if head.ours else head.delivered_to,
            "head_age_s": age,
            "cosignatures": self._cosigners(head),
            "log_state": self._log_states.of(session, head),
            "records": states,
            "findings": {
                RULES[finding].code: number for finding, number in sorted(findings.items())
            },
            "verdicts": _verdicts(findings),
            "set_aside": set_aside,
            "waits_for_room": head.origin in self._exchange.left(),
            "state": self._state(head),
        }

    def _unseen(self, origin: Origin) -> dict[str, Any]:
        """A followed log of which nothing has come yet."""
        return {
            "origin": origin,
            "city": self._trust().city(origin),
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
            "verdicts": _verdicts({}),
            "set_aside": {},
            "waits_for_room": origin in self._exchange.left(),
            "state": self._unseen_state(origin),
        }

    def _unseen_state(self, origin: Origin) -> str:
        if self._trust().waits_to_follow(origin):
            return "waiting"
        return "stale" if self._reachable(origin) else "unreachable"

    def _state(self, head: LogHead) -> str:
        if head.forked:
            return "forked"
        if head.ours:
            return "refused" if self._publisher.refusal is not None else "ok"
        if head.origin not in self._trust().trust.origins():
            return "refused"
        if self._trust().waits_to_follow(head.origin):
            return "waiting"
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
        trust = self._trust()
        known = self._cosigned.get(head.origin)
        if known is None or known[0] != head.note or known[1] is not trust:
            note = parse_note(head.note)
            keys = named_in([note], trust.cosigner_keys())
            names = sorted({c.key.name for c in verify_cosignatures(note, keys)})
            known = self._cosigned[head.origin] = (head.note, trust, names)
        return known[2]


def _verdicts(findings: Mapping[int, int]) -> dict[str, int]:
    """How this city judges the listings of a log: 认定, 待核, 不予认定."""
    found = dict.fromkeys(_VERDICTS.values(), 0)
    for finding, number in findings.items():
        found[_VERDICTS[RULES[finding].outcome]] += number
    return found
