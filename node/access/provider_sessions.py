"""Signing in by the identity provider: begun here, finished here, recorded here.

    OI8  who somebody is the provider says, what that one may do the account: one that was bound to
         this issuer and subject when it was made, counts today, and has neither password nor code.
         Nobody is let in for whom no account was bound; no account is of both kinds
    OI9  a sign-in is begun and finished in one browser within ten minutes, once: what proves it is
         a *ticket*, sealed for this process, that the browser holds and the provider never sees.
         Each opening, and each refusal of what a provider said, stands in the query log as those
         of passwords do (AC24); no ticket, code, state or token stands in a log

How a provider is asked: `node.access.identity_provider`; what its token proves:
`node.access.id_tokens`. Two sign-ins are worked at a time, since each may wait for the provider.
"""

from __future__ import annotations

import hmac
import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NoReturn

import structlog

from adapters.sql.accounts import StoredAccount, add_failure, failures_in_all
from adapters.sql.query_store import QueryStore, QueryWrites
from crypto.errors import SealError
from crypto.vault import KEY_SIZE, NONCE_SIZE, seal, unseal
from federation.errors import RefusedError
from federation.ids import Timestamp
from node.access.accounts import AccountRows, Secrets, account_document
from node.access.credentials import Credentials
from node.access.identity_provider import IdentityProvider, refused_there
from node.access.query_keys import QueryKeys
from node.access.query_log import QueryLog
from node.access.query_writer import QueryWriter
from node.access.sessions import IDLE_SECONDS, WHOLE_SECONDS
from node.access.signing_in import FAILURES_SECONDS, UNKNOWN_KEPT, session_entry
from node.system.clock import Clock

_log = structlog.get_logger()

TICKET_SECONDS: Final = 600
"""Between beginning and coming back."""
AT_ONCE: Final = 2
USED_MAX: Final = 10_000
"""Sign-ins of the last ten minutes that are remembered; more are told to come again."""
_SECRET_SIZE: Final = 32
_PLACE: Final = b"huxin/sign-in-ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """What a browser brings back from the provider.

    Attributes:
        ticket: what this browser was given when it set out.
        state, code, issuer, error: parameters of the answer (RFC 6749 §4.1.2, RFC 9207); empty
            where it has none.
    """

    ticket: str
    state: str
    code: str = ""
    issuer: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ticket:
    """What a sign-in began with."""

    state: str
    nonce: str
    verifier: str
    begun_at: Timestamp
    began: float
    """By the clock that only goes forward."""


class ProviderSignIn:
    """Opens sessions for who has signed in elsewhere; any thread but the query writer's; blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.access.wiring
        self,
        *,
        provider: Callable[[], IdentityProvider | None],
        credentials: Credentials,
        rows: AccountRows,
        store: QueryStore,
        writer: QueryWriter,
        log: QueryLog,
        keys: QueryKeys,
        clock: Clock,
        monotonic: Callable[[], float],
        token: Callable[[int], bytes],
    ) -> None:
        """Wire it.

        Args:
            provider: gives it, None where none is configured; refuses where it cannot be readied.
            credentials: open the sessions.
            rows: read accounts.
            store: where they stand.
            writer: records.
            log: takes what happens.
            keys: make tags.
            clock: never behind trusted time.
            monotonic: seconds that only go forward.
            token: gives that many random bytes.
        """
        self._provider = provider
        self._credentials = credentials
        self._rows = rows
        self._store = store
        self._writer = writer
        self._log = log
        self._who = keys.tag(b"sign-in at the provider")
        self._clock = clock
        self._monotonic = monotonic
        self._token = token
        self._key = token(KEY_SIZE)
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._used: dict[bytes, float] = {}

    def begun(self) -> dict[str, Any]:
        """Begin one: where the person goes, and the ticket that its browser keeps meanwhile.

        Raises:
            RefusedError: `access.provider-off`, `access.provider-silent`, `access.busy`.
        """
        provider = self._configured()
        state, nonce, verifier = (_text(self._token(_SECRET_SIZE)) for _ in range(3))
        with self._place():
            address = provider.address(state=state, nonce=nonce, verifier=verifier)
        said = [state, nonce, verifier, self._clock.now(), self._monotonic()]
        sealed = seal(self._key, self._token(NONCE_SIZE), json.dumps(said).encode(), _PLACE)
        return {"address": address, "ticket": _text(sealed), "seconds": TICKET_SECONDS}

    def opened(self, came: CameBack) -> dict[str, Any]:
        """Open a session: its token, the account, and where the session at the provider ends.

        Raises:
            RefusedError: `access.provider-…`, `access.busy`, `access.revoked`, `access.expired`.
            StoreError: the database.
        """
        provider = self._configured()
        with self._place():
            ticket = self._begun_here(came)
            provider.check_issuer(came.issuer)
            if came.error:
                raise refused_there(came.error)
            if not came.code:
                raise refused_there("no code")
            endings = self._credentials.sessions.endings()
            try:
                subject = provider.subject(
                    came.code,
                    verifier=ticket.verifier,
                    nonce=ticket.nonce,
                    begun_at=ticket.begun_at,
                )
            except RefusedError as error:
                if error.code != "access.provider-silent":
                    self._refused(None)
                raise
            end_address = provider.end_address()
        stored, secrets = self._account(provider.issuer, subject)
        try:
            credential = self._credentials.counting(stored.credential)
        except RefusedError:
            self._refused(stored)
            raise
        entry = session_entry(self._clock.now(), credential, "session opened", stored.name)
        self._writer.submit(lambda writes: self._log.record(writes, entry)).result()
        token = self._credentials.open_session(credential.id, endings, alone=False)
        if not token:
            self._refused(stored)
            raise RefusedError("access.revoked", "凭据已吊销 / the credential was revoked")
        return {
            "token": token,
            "end_address": end_address,
            "expires_at": self._clock.now() + WHOLE_SECONDS,
            "idle_seconds": IDLE_SECONDS,
            "account": account_document(stored.name, credential, secrets),
        }

    def _configured(self) -> IdentityProvider:
        provider = self._provider()
        if provider is None:
            message = (
                "本节点没有接入统一身份认证，请用本节点账号登录 / expected [http.oidc] in "
                "huxin.toml, got none: sign in with an account of this node"
            )
            raise RefusedError("access.provider-off", message)
        return provider

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            message = "登录的人过多，请 2 秒后重试 / too many sign in: ask again in 2 s"
            raise RefusedError("access.busy", message)
        try:
            yield
        finally:
            self._places.release()

    def _begun_here(self, came: CameBack) -> _Ticket:
        """What this browser began, used up (OI9).

        Raises:
            RefusedError: `access.provider-stale`, `access.busy`.
        """
        now = self._monotonic()
        try:
            plain = unseal(self._key, _bytes(came.ticket), _PLACE)
        except (SealError, ValueError):
            _stale()
        state, nonce, verifier, begun_at, began = json.loads(plain)
        ticket = _Ticket(
            state=state, nonce=nonce, verifier=verifier, begun_at=begun_at, began=began
        )
        if now - ticket.began > TICKET_SECONDS:
            _stale()
        if not hmac.compare_digest(ticket.state.encode(), came.state.encode()):
            _stale()
        self._use_up(sha256(ticket.state.encode()).digest(), now)
        return ticket

    def _use_up(self, digest: bytes, now: float) -> None:
        with self._lock:
            self._used = {one: at for one, at in self._used.items() if now - at <= TICKET_SECONDS}
            if digest in self._used:
                _stale()
            if len(self._used) >= USED_MAX:
                message = "登录的人过多，请 60 秒后重试 / too many sign in: ask again in 60 s"
                raise RefusedError("access.busy", message)
            self._used[digest] = now

    def _account(self, issuer: str, subject: str) -> tuple[StoredAccount, Secrets]:
        """The account that was bound to who has signed in (OI8).

        Raises:
            RefusedError: `access.provider-unbound`.
        """
        with self._store.read() as reads:
            found = self._rows.bound_to(reads, issuer, subject)
        if not found:
            self._refused(None)
            message = (
                f"本节点没有绑定此身份的账号，请把标识 {subject} 告知本市安全管理员 / expected "
                f"an account bound to this identity, got none: tell {subject} to your security "
                "administrator"
            )
            raise RefusedError("access.provider-unbound", message)
        today = self._clock.today()
        return max(
            found, key=lambda one: self._credentials.get(one[0].credential).state(today) == "valid"
        )

    def _refused(self, stored: StoredAccount | None) -> None:
        """Record a refusal; of people without an account no more than AC24 says."""
        credential = None if stored is None else self._credentials.get(stored.credential)
        name = "" if stored is None else stored.name
        now = self._clock.now()
        entry = session_entry(now, credential, "session refused", name)

        def unit(writes: QueryWrites) -> None:
            add_failure(writes, self._who, now, Timestamp(now - 2 * FAILURES_SECONDS))
            if stored is not None or failures_in_all(writes) <= UNKNOWN_KEPT:
                self._log.record(writes, entry)

        self._writer.submit(unit).result()
        shown = "" if credential is None else credential.id
        _log.warning("sign-in by the provider refused", code="access.provider-refused", id=shown)


def _stale() -> NoReturn:
    """Refuse what was not begun in this browser, or not lately, or is done.

    Raises:
        RefusedError: `access.provider-stale`, always.
    """
    message = (
        "这次登录已过期、已用过，或不是在这个浏览器里开始的，请重新登录 / expected a sign-in "
        f"that this browser began within {TICKET_SECONDS} s and has not finished: begin again"
    )
    raise RefusedError("access.provider-stale", message)


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """What `_text` wrote.

    Raises:
        ValueError: it did not write this.
    """
    if not text.isascii():
        raise ValueError
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
