"""Who may ask, how much, and whether it looks like a walk: asked before a question is read further.

    access = wire_access(queries, clock)
    asker = access.asker_of_token(token)    # or of a certificate, or the operator: local()
    access.admit(asker, Action.CHECK, matter=…, purpose=…, case=…, subject_code=…)
    …                                       # judge, then in the unit that makes it durable:
    access.answered(writes, asker, 1)

    AC9   deny by default: role, matter, purpose, kind of subject, budget of the day and what looks
          like enumeration are asked in this order, and nothing of it depends on what is known of
          the subject
    AC10  a stop is durable before it is told; it ends questions only: what was done about a match
          can still be reported
    AC11  the operator on the node's own socket has every role but those of the three that a
          credential has today: who appoints a security administrator or an auditor is none any more
    AC12  the budget is of a day in China; what was asked before a restart counts

One lock for each credential; nothing is written under it. What a credential asked of late is kept
in memory alone (`federation.screening.enumeration`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

import structlog

from adapters.errors import AdapterError
from adapters.sql.credentials import (
    StoredStop,
    Used,
    add_stop,
    is_silent,
    lift,
    open_stops,
    put_used,
    used,
)
from adapters.sql.query_store import QueryStore, QueryWrites
from federation.errors import RefusedError
from federation.ids import Date
from federation.screening.enumeration import Asked, Ok, Slow, Stop, Verdict, Watched
from federation.screening.query_log import EntryKind
from federation.screening.roles import (
    COUNTED,
    Action,
    Asker,
    Role,
    check_allowed,
    check_asked,
)
from node.access.credentials import Credential, Credentials, Wanted
from node.access.presenting import document
from node.access.query_log import Entry, QueryLog
from node.access.query_writer import QueryWriter
from node.system.clock import Clock

_log = structlog.get_logger()

SILENT_SECONDS: Final = 600.0
"""How long an answer to "does it ever report?" counts."""
OPERATOR: Final = "本机"
"""Department of the operator in the query log."""
_OF_A_CASE: Final = frozenset({Action.CHECK, Action.WATCH})
_GIVEN_AWAY: Final = frozenset({Role.SECURITY, Role.AUDIT})
"""Roles that the operator has only while nobody else does (AC11)."""


@dataclass(slots=True)
class _Live:
    """What is remembered of one credential."""

    watched: Watched
    day: Date
    used: Used
    stopped: StoredStop | None = None
    silent: bool = False
    silent_at: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)


class Access:
    """Admits questions; any thread but the query writer's."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        store: QueryStore,
        writer: QueryWriter,
        log: QueryLog,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        """Wire it, and read who is stopped.

        Args:
            credentials: all of them.
            store: where usage and stops stand.
            writer: changes them.
            log: takes what is done here.
            clock: never behind trusted time.
            monotonic: seconds that only go forward.
        """
        self.credentials = credentials
        self._store = store
        self._writer = writer
        self._log = log
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._live: dict[str, _Live] = {}
        self._exposed: dict[str, str] = {}
        with store.read() as reads:
            self._stopped = {stop.credential: stop for stop in open_stops(reads)}

    def asker_of_token(self, token: str) -> Asker:
        """Who presents this token.

        Raises:
            RefusedError: `access.unknown`, `access.revoked`, `access.expired`.
        """
        return self.credentials.of_token(token).asker

    def asker_of_certificate(self, der: bytes) -> Asker:
        """Who presents exactly this certificate.

        Raises:
            RefusedError: `access.unknown`, `access.revoked`, `access.expired`.
        """
        return self.credentials.of_certificate(der).asker

    def certificates(self) -> tuple[bytes, ...]:
        """Client certificates (DER) that count today."""
        return self.credentials.certificates()

    def counts(self, credential: str, day: Date | None = None) -> bool:
        """Whether a credential counts at this moment (AC7), or on a day."""
        try:
            self.credentials.counting(credential, day)
        except RefusedError:
            return False
        return True

    def local(self) -> Asker:
        """The operator on the node's own socket (AC11)."""
        given = self.credentials.held_roles() & _GIVEN_AWAY
        return Asker(
            credential="",
            department=OPERATOR,
            roles=frozenset(Role) - given,
            matters=None,
            purposes=None,
            local=True,
        )

    def admit(
        self,
        asker: Asker,
        action: Action,
        *,
        matter: str = "",
        purpose: str = "",
        case: str = "",
        subject_code: str = "",
    ) -> None:
        """Let it be asked; a question about a subject is counted (AC9).

        Raises:
            RefusedError: `access.…`; the message says nothing of the subject.
            StoreError: usage could not be read.
        """
        check_allowed(asker, action)
        asked_for = matter if action is Action.CHECK else None
        if asker.local:
            if action in COUNTED:
                check_asked(asker, matter=asked_for, purpose=purpose, subject_code=subject_code)
            return
        credential = self.credentials.counting(asker.credential)
        if action not in COUNTED:
            return
        check_asked(asker, matter=asked_for, purpose=purpose, subject_code=subject_code)
        live = self._of(credential)
        with live.lock:
            self._check_budget(credential, live)
            question = Asked(code=subject_code, case=case, silent=live.silent)
            verdict = (
                Stop(live.stopped.code)
                if live.stopped
                else live.watched.asked(question, self._monotonic())
            )
            if isinstance(verdict, Ok):
                live.used = Used(asked=live.used.asked + 1, answered=live.used.answered)
        self._apply(credential, live, verdict)

    def admit_rows(
        self,
        asker: Asker,
        action: Action,
        rows: int,
        *,
        matter: str = "",
        purpose: str = "",
        total: int = 0,
    ) -> None:
        """Let a batch of so many rows be asked about; each counts as a question (AC9).

        Of checks and watches (BA4, WA11) a walk is not looked for: how many subjects a case may
        have, `total` of all together, stands in the credential by the word of a person.

        Raises:
            RefusedError: `access.…`, `batch.case`; the message says nothing of the subjects.
            StoreError: usage could not be read.
        """
        check_allowed(asker, action)
        if action in _OF_A_CASE:
            check_asked(asker, matter=matter, purpose=purpose, subject_code="")
        if asker.local:
            return
        credential = self.credentials.counting(asker.credential)
        live = self._of(credential)
        if action in _OF_A_CASE:
            if live.stopped is not None:
                self._apply(credential, live, Stop(live.stopped.code))
            most = credential.limits.case_subjects
            if total > most:
                message = f"该凭据一个办件至多 {most} 个主体 / at most {most} subjects in a case"
                raise RefusedError("batch.case", message)
        with live.lock:
            self._check_budget(credential, live, rows)
            live.used = Used(asked=live.used.asked + rows, answered=live.used.answered)

    def answered(self, writes: QueryWrites, asker: Asker, count: int) -> None:
        """Count answers, in the unit that makes them durable (AC12)."""
        if asker.local:
            return
        live = self._of(self.credentials.get(asker.credential))
        with live.lock:
            live.used = Used(asked=live.used.asked, answered=live.used.answered + count)
            day, now = live.day, live.used
        put_used(writes, asker.credential, day, now)

    def exposed(self, token: str, place: str) -> None:
        """Keep that a token came where others can read it, for the operator to see."""
        try:
            credential = self.credentials.of_token(token)
        except RefusedError:
            return
        if self._exposed.setdefault(credential.id, place) == place:
            _log.warning("a token was exposed", code="access.token-exposed", id=credential.id)

    def made(self, asker: Asker, wanted: Wanted) -> tuple[dict[str, Any], str]:
        """Make a credential; its document, and its token, which is nowhere else.

        Raises:
            RefusedError: `access.denied`, or not what a credential may be.
            StoreError: the database.
        """
        self.admit(asker, Action.ACCESS_MANAGE)
        recorded = self._recorded(asker, "new", wanted.by)
        credential, token = self.credentials.new(wanted, recorded)
        return self._document(credential), token

    def revoked(self, asker: Asker, credential: str, by: str) -> dict[str, Any]:
        """End a credential at once; connections made with it end as well (AC7).

        Raises:
            RefusedError: `access.denied`, `access.no-credential`, `access.ended`.
            StoreError: the database.
        """
        self.admit(asker, Action.ACCESS_REVOKE)
        ended = self.credentials.revoke(credential, by, self._recorded(asker, "revoked", by))
        self._exposed.pop(credential, None)
        return self._document(ended)

    def lifted(self, asker: Asker, credential: str, by: str, reason: str) -> dict[str, Any]:
        """Let a credential that was stopped ask again.

        Raises:
            RefusedError: `access.denied`, `access.no-credential`; `access.not-stopped`.
            StoreError: the database.
        """
        self.admit(asker, Action.ACCESS_MANAGE)
        found, at = self.credentials.get(credential), self._clock.now()
        recorded = self._recorded(asker, "lifted", by)

        def unit(writes: QueryWrites) -> bool:
            done = lift(writes, credential, at=at, by=by, reason=reason)
            if done:
                recorded(writes, credential)
            return done

        if not self._writer.submit(unit).result():
            raise RefusedError("access.not-stopped", "该凭据未被暂停 / it is not stopped")
        live = self._of(found)
        with live.lock:
            live.stopped = None
            live.watched = Watched(found.limits)
        with self._lock:
            self._stopped.pop(credential, None)
        return self._document(found)

    def listed(self, asker: Asker) -> list[dict[str, Any]]:
        """All credentials, the oldest first.

        Raises:
            RefusedError: `access.denied`.
            StoreError: the database.
        """
        self.admit(asker, Action.ACCESS_LIST)
        return [self._document(one) for one in self.credentials.all()]

    def shown(self, asker: Asker, credential: str) -> dict[str, Any]:
        """One credential.

        Raises:
            RefusedError: `access.denied`, `access.no-credential`.
            StoreError: the database.
        """
        self.admit(asker, Action.ACCESS_LIST)
        return self._document(self.credentials.get(credential))

    def report(self) -> dict[str, Any]:
        """What the status says."""
        today = self._clock.today()
        held = self.credentials.all()
        return {
            "credentials": sum(one.state(today) == "valid" for one in held),
            "stopped": [
                {
                    "credential": stop.credential,
                    "department": self.credentials.get(stop.credential).stored.department,
                    "code": stop.code,
                    "at": stop.at,
                }
                for stop in list(self._stopped.values())
                if any(one.id == stop.credential and one.state(today) == "valid" for one in held)
            ],
            "exposed": [
                {"credential": one, "place": place} for one, place in list(self._exposed.items())
            ],
        }

    def _document(self, credential: Credential) -> dict[str, Any]:
        live = self._of(credential)
        with live.lock:
            self._turn(credential.id, live)
            now, stop = live.used, live.stopped
        return document(credential, today=self._clock.today(), used=now, stop=stop)

    def _check_budget(self, credential: Credential, live: _Live, count: int = 1) -> None:
        self._turn(credential.id, live)
        if live.used.asked + count > credential.limits.budget:
            message = (
                "当日查询次数已用完 / the questions of the day are used up: "
                f"expected at most {credential.limits.budget}"
            )
            raise RefusedError("access.budget", message)
        moment = self._monotonic()
        if moment - live.silent_at > SILENT_SECONDS:
            with self._store.read() as reads:
                live.silent = is_silent(reads, credential.id, live.day)
            live.silent_at = moment

    def _turn(self, credential: str, live: _Live) -> None:
        """Begin the day's count, where another day has begun."""
        day = self._clock.today()
        if day != live.day:
            with self._store.read() as reads:
                live.used = used(reads, credential, day)
            live.day = day

    def _apply(self, credential: Credential, live: _Live, verdict: Verdict) -> None:
        match verdict:
            case Slow(seconds=seconds):
                wait = ceil(seconds)
                message = (
                    f"查询过快，请 {wait} 秒后重试 / too many questions: ask again in {wait} s"
                )
                raise RefusedError("access.slow", message)
            case Stop(code=code):
                self._stop(credential, live, code)
                message = (
                    "凭据因疑似批量套取已暂停，请联系信用平台 / the credential is stopped, since "
                    "it seems to walk through subjects; ask the node's operator"
                )
                raise RefusedError("access.stopped", message)

    def _stop(self, credential: Credential, live: _Live, code: str) -> None:
        """Keep that a credential is stopped (AC10)."""
        stop = StoredStop(credential=credential.id, code=code, at=self._clock.now())
        with live.lock:
            if live.stopped is not None:
                return
            live.stopped = stop
        with self._lock:
            self._stopped[credential.id] = stop
        recorded = self._recorded(credential.asker, "stopped", "")

        def unit(writes: QueryWrites) -> None:
            add_stop(writes, stop)
            recorded(writes, credential.id)

        try:
            self._writer.submit(unit).result()
        except AdapterError as error:  # it is stopped in this process all the same
            _log.error("a stop is not kept", code="access.stopped", error=str(error))
        _log.warning("credential stopped", code="access.stopped", id=credential.id, why=code)

    def _recorded(self, asker: Asker, what: str, by: str) -> Callable[[QueryWrites, str], None]:
        """What the query log is told, in the same transaction."""

        def record(writes: QueryWrites, credential: str) -> None:
            entry = Entry(
                kind=EntryKind.ADMIN,
                asker=asker.credential,
                department=asker.department,
                action=Action.ACCESS_MANAGE,
                at=self._clock.now(),
                result=f"{what} {credential}",
                persons=(by,) if by else (),
            )
            self._log.record(writes, entry)

        return record

    def _of(self, credential: Credential) -> _Live:
        live = self._live.get(credential.id)
        if live is None:
            day = self._clock.today()
            with self._store.read() as reads:
                known = used(reads, credential.id, day)
            with self._lock:
                live = self._live.setdefault(
                    credential.id,
                    _Live(
                        watched=Watched(credential.limits),
                        day=day,
                        used=known,
                        stopped=self._stopped.get(credential.id),
                    ),
                )
        return live
