"""Signing in 登录: a name, a password and a code open a session.

    AC19  of a password only an argon2id hash is kept, sealed under a key outside the database. A
          name that nobody has, a wrong password and a wrong code are answered in the same words
          after the same work
    AC20  after five failures within a quarter of an hour a name waits a quarter of an hour, over
          restarts. Failures count for name and browser: one that signed in before shows so (its
          *device*, which only this node makes), and waits for its own failures alone, so that
          strangers who try a name keep its person out of no browser that it uses
    AC21  a code opens once
    AC23  the first password, which who made the account has seen, opens nothing but another one
    AC24  each opening and each refusal stands in the query log; of refusals of names that nobody
          has at most 100 in half an hour, and never the name: people type passwords there

Tries are worked one at a time, those of known browsers on a lane of their own; where two wait, the
next is told to come again. How long a session lasts: `node.access.sessions`.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import structlog

from adapters.sql.accounts import (
    StoredAccount,
    add_failure,
    change_account,
    failures,
    failures_in_all,
    forget_failures,
    use_step,
)
from adapters.sql.query_store import QueryStore, QueryWrites
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.screening.query_log import EntryKind
from federation.screening.roles import Action
from node.access import totp
from node.access.accounts import AccountRows, Secrets, account_document
from node.access.credentials import Credential, Credentials
from node.access.passwords import SALT_SIZE, check_password, hashed
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog
from node.access.query_writer import QueryWriter
from node.access.sessions import IDLE_SECONDS, WHOLE_SECONDS
from node.system.clock import Clock

_log = structlog.get_logger()

FAILURES_MAX: Final = 5
FAILURES_SECONDS: Final = 15 * 60
"""Within which so many failures make a name wait, and how long it waits."""
UNKNOWN_KEPT: Final = 100
WAITING_MAX: Final = 2
"""Tries of a lane: one at work, one that waits."""
DEVICE_PREFIX: Final = "hd1_"
_DEVICE_SIZE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What somebody types.

    Attributes:
        name, password, code: of the account; the code is the authenticator's.
        new_password: where the password shall be another from now on.
        device: what the last session was opened with in this browser; empty where none was.
    """

    name: str
    password: str
    code: str
    new_password: str = ""
    device: str = ""


@dataclass(slots=True)
class _Lane:
    """Tries one after the other."""

    places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(WAITING_MAX)
    )
    turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for the turn.

        Raises:
            RefusedError: `access.busy`: others wait already.
        """
        if not self.places.acquire(blocking=False):
            message = "登录的人过多，请 2 秒后重试 / too many sign in: ask again in 2 s"
            raise RefusedError("access.busy", message)
        try:
            with self.turn:
                yield
        finally:
            self.places.release()


class SigningIn:
    """Opens and closes sessions; any thread but the query writer's; blocks."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        rows: AccountRows,
        store: QueryStore,
        writer: QueryWriter,
        log: QueryLog,
        keys: QueryKeys,
        clock: Clock,
        token: Callable[[int], bytes],
    ) -> None:
        """Wire it.

        Args:
            credentials: open the sessions.
            rows: read accounts.
            store: where they stand.
            writer: changes them.
            log: takes what happens.
            keys: make tags and devices.
            clock: never behind trusted time.
            token: gives that many random bytes.
        """
        self._credentials = credentials
        self._rows = rows
        self._store = store
        self._writer = writer
        self._log = log
        self._keys = keys
        self._clock = clock
        self._token = token
        self._lanes = {known: _Lane() for known in (False, True)}
        self._nobody = token(SALT_SIZE)

    def opened(self, asked: SignIn) -> dict[str, Any]:
        """Open a session: its token, the account, and what this browser shows next time.

        Raises:
            RefusedError: `access.sign-in`, `access.paused`, `access.busy`, `access.password`,
                `access.initial-password`, `access.revoked`, `access.expired`.
            StoreError: the database.
        """
        if asked.new_password:
            check_password(asked.new_password, asked.name)
        device = self._device(asked)
        with self._lanes[bool(device)].place():
            return self._tried(asked, self._keys.tag(_who(asked.name, device)))

    def closed(self, token: str) -> None:
        """End the session of a token; what is no session's stays as it is."""
        self._credentials.close_session(token)

    def _tried(self, asked: SignIn, who: bytes) -> dict[str, Any]:
        """One try, alone on its lane."""
        now, endings = self._clock.now(), self._credentials.sessions.endings()
        with self._store.read() as reads:
            _check_pause(failures(reads, who, FAILURES_MAX), now)
            known = self._rows.get(reads, asked.name)
        if known is None or known[1].subject:  # as much work as where there is one (AC19, OI8)
            hashed(asked.password, self._nobody, self._rows.cost)
            totp.step_shown(self._nobody, asked.code, now)
            self._refuse(who, known and known[0], now)
        stored, secrets = known
        verifier = hashed(asked.password, secrets.salt, secrets.cost)
        step = totp.step_shown(secrets.secret, asked.code, now)
        right = hmac.compare_digest(verifier, secrets.verifier)
        if not right or not step:
            self._refuse(who, stored, now)
        if secrets.initial and not asked.new_password:
            message = (
                "首次登录须设置新口令 / expected a new password of your own: the first one was "
                "seen by who made the account"
            )
            raise RefusedError("access.initial-password", message)
        credential = self._credentials.counting(stored.credential)
        if asked.new_password:
            secrets = self._rows.with_password(secrets, asked.new_password)
        changed = bool(asked.new_password)
        self._let_in(stored, secrets, step, who, changed=changed)
        token = self._credentials.open_session(credential.id, endings, alone=changed)
        if not token:
            self._refuse(who, stored, now)
        return {
            "token": token,
            "device": self._new_device(asked.name),
            "expires_at": now + WHOLE_SECONDS,
            "idle_seconds": IDLE_SECONDS,
            "account": account_document(stored.name, credential, secrets),
        }

    def _let_in(
        self, stored: StoredAccount, secrets: Secrets, step: int, who: bytes, *, changed: bool
    ) -> None:
        """Use the code up and record the opening, as one.

        Raises:
            RefusedError: `access.sign-in`: the code was used on the other lane meanwhile, or the
                account was given another password.
        """
        credential = self._credentials.get(stored.credential)
        entry = session_entry(self._clock.now(), credential, "session opened", stored.name)
        sealed = self._rows.sealed(stored.name, credential.id, secrets) if changed else b""

        def unit(writes: QueryWrites) -> bool:
            if not use_step(writes, stored, step):
                return False
            if sealed:
                change_account(writes, stored.name, sealed)
            forget_failures(writes, who)
            self._log.record(writes, entry)
            return True

        if not self._writer.submit(unit).result():
            self._refuse(who, stored, self._clock.now())

    def _refuse(self, who: bytes, stored: StoredAccount | None, now: Timestamp) -> NoReturn:
        """Count a failure, record it, and say no more than that it was one.

        Raises:
            RefusedError: `access.sign-in`, always.
        """
        credential = None if stored is None else self._credentials.get(stored.credential)
        name = "" if stored is None else stored.name
        entry = session_entry(self._clock.now(), credential, "session refused", name)

        def unit(writes: QueryWrites) -> None:
            add_failure(writes, who, now, now - 2 * FAILURES_SECONDS)
            if stored is not None or failures_in_all(writes) <= UNKNOWN_KEPT:
                self._log.record(writes, entry)

        self._writer.submit(unit).result()
        shown = "" if credential is None else credential.id
        _log.warning("sign-in refused", code="access.sign-in", id=shown)
        message = (
            "用户名、口令或动态码不正确 / expected name, password and code of an account, got "
            "another combination"
        )
        raise RefusedError("access.sign-in", message)

    def _device(self, asked: SignIn) -> str:
        """The number of a device that this node made for this name; empty where it is none."""
        number, _, mac = asked.device.removeprefix(DEVICE_PREFIX).partition(".")
        expected = self._device_mac(asked.name, number)
        return number if hmac.compare_digest(mac.encode(), expected.encode()) else ""

    def _new_device(self, name: str) -> str:
        number = self._token(_DEVICE_SIZE).hex()
        return f"{DEVICE_PREFIX}{number}.{self._device_mac(name, number)}"

    def _device_mac(self, name: str, number: str) -> str:
        return self._keys.mac(b"device\0" + f"{number}\0{name}".encode()).hex()


def session_entry(at: Timestamp, credential: Credential | None, result: str, name: str) -> Entry:
    """What the query log is told of a sign-in (AC24).

    Args:
        at: seconds UTC.
        credential: of the account; None where nobody has it.
        result: what became of it.
        name: of the account; empty where nobody has it.
    """
    return Entry(
        kind=EntryKind.ADMIN,
        asker="" if credential is None else credential.id,
        department="" if credential is None else credential.asker.department,
        action=Action.SESSION,
        at=at,
        result=result,
        persons=(name,) if name else (),
    )


def _check_pause(failed: list[int], now: Timestamp) -> None:
    """See that a name does not wait (AC20).

    Args:
        failed: when its last sign-ins failed, the newest first.
        now: seconds UTC.

    Raises:
        RefusedError: `access.paused`.
    """
    if len(failed) < FAILURES_MAX or failed[0] - failed[-1] > FAILURES_SECONDS:
        return
    wait = failed[0] + FAILURES_SECONDS - now
    if wait > 0:
        message = f"登录失败次数过多，请 {wait} 秒后重试 / too many failures: ask again in {wait} s"
        raise RefusedError("access.paused", message)


def _who(name: str, device: str) -> bytes:
    return f"sign-in\0{device}\0{name}".encode()
