"""Credentials 凭据: by what a department is known, who made it, and until when it counts.

    AC6  a token is 32 random bytes, shown once and kept as a keyed hash alone; it is compared in
         constant time. A certificate is known byte for byte (DER), never by its name or issuer
    AC7  a credential ends on its day, by the later of the machine's clock and trusted time, and at
         once and for ever when it is revoked; that holds for connections that stand as well
    AC8  a row whose keyed hash does not fit what it says is nobody's: who controls the database
         adds no credential and widens none

All credentials are held in memory, and changed there when the change is durable. Who presents none,
or one that is not known, is told so in the same words.
"""

from __future__ import annotations

import hmac
import json
import re
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Final

import structlog

from adapters.sql.credentials import (
    StoredCredential,
    add_credential,
    all_credentials,
    revoke,
)
from adapters.sql.query_store import QueryReads, QueryStore, QueryWrites
from federation.charters.values import PURPOSES
from federation.errors import RefusedError
from federation.ids import Date
from federation.screening.enumeration import CASE_SUBJECTS, Limits
from federation.screening.roles import Asker, Role, check_together
from node.access.query_keys import QueryKeys
from node.access.query_writer import QueryWriter
from node.access.sessions import Sessions
from node.system.clock import Clock, monotonic

_log = structlog.get_logger()

PREFIX: Final = "hx1_"
TOKEN_SIZE: Final = 32
ID_SIZE: Final = 4
"""Bytes; an id is no secret, and people read it to each other."""
CREDENTIALS_MAX: Final = 10_000
TEXT_MAX: Final = 100
BUDGET_MAX: Final = 10**8
CASE_SUBJECTS_MAX: Final = 10_000
_TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_UNKNOWN: Final = "凭据无效 / expected a credential of this node, got none that is known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a new credential shall be.

    Attributes:
        department: who will ask with it.
        roles: what it may do.
        matters: codes; none: no matter.
        purposes: codes; none: no purpose.
        budget: questions a day.
        expires_on: last day, in China.
        case_subjects: subjects under one case before it is slowed.
        certificate: DER; empty for a token.
        by: the person who makes it.
    """

    department: str
    roles: frozenset[Role]
    matters: frozenset[str]
    purposes: frozenset[str]
    budget: int
    expires_on: Date
    by: str
    case_subjects: int = CASE_SUBJECTS
    certificate: bytes = b""
    account: bool = False
    """Neither token nor certificate: its person signs in (`node.access.accounts`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One credential, as its row says."""

    stored: StoredCredential
    asker: Asker
    limits: Limits

    @property
    def id(self) -> str:
        """By which people name it."""
        return self.stored.id

    def state(self, today: Date) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.stored.revoked_at:
            return "revoked"
        return "expired" if today > self.stored.expires_on else "valid"


class Credentials:
    """All credentials of this node; any thread."""

    def __init__(
        self,
        *,
        store: QueryStore,
        writer: QueryWriter,
        keys: QueryKeys,
        clock: Clock,
        token: Callable[[int], bytes],
        sessions: Sessions | None = None,
    ) -> None:
        """Read them.

        Args:
            store: where they stand.
            writer: changes them.
            keys: of the keyed hashes.
            clock: never behind trusted time.
            token: gives that many random bytes.
            sessions: of people who have signed in; none where nobody does.

        Raises:
            StoreError: the database.
        """
        self.sessions = sessions or Sessions(monotonic)
        self._writer = writer
        self._keys = keys
        self._clock = clock
        self._token = token
        self._lock = threading.Lock()
        with store.read() as reads:
            self._take(_held(reads, keys))

    def all(self) -> tuple[Credential, ...]:
        """All that were ever made, the oldest first."""
        return tuple(self._by_id.values())

    def get(self, credential: str) -> Credential:
        """The one with this id.

        Raises:
            RefusedError: `access.no-credential`.
        """
        found = self._by_id.get(credential)
        if found is None:
            message = (
                "没有此编号的凭据；见 huxin access list / "
                "expected the id of a credential, see huxin access list"
            )
            raise RefusedError("access.no-credential", message)
        return found

    def of_token(self, token: str) -> Credential:
        """The credential of a token (AC6), which counts today.

        Raises:
            RefusedError: `access.unknown`, `access.revoked`, `access.expired`.
        """
        if not _TOKEN.fullmatch(token):
            raise RefusedError("access.unknown", _UNKNOWN)
        digest = self._token_mac(token)
        signed_in = self.sessions.credential(digest)
        if signed_in:
            return self.counting(signed_in)
        found = self._by_token.get(digest)
        kept = found.stored.token if found is not None else None
        if found is None or not hmac.compare_digest(kept or b"", digest):
            raise RefusedError("access.unknown", _UNKNOWN)
        return self.counting(found.id)

    def of_certificate(self, der: bytes) -> Credential:
        """The credential of exactly this certificate (AC6), which counts today.

        Raises:
            RefusedError: `access.unknown`, `access.revoked`, `access.expired`.
        """
        found = self._by_digest.get(sha256(der).digest())
        if found is None or found.stored.certificate != der:
            raise RefusedError("access.unknown", _UNKNOWN)
        return self.counting(found.id)

    def counting(self, credential: str, day: Date | None = None) -> Credential:
        """The one with this id, where it counts at this moment (AC7), or on a day.

        Raises:
            RefusedError: `access.unknown`, `access.revoked`, `access.expired`.
        """
        found = self._by_id.get(credential)
        if found is None:
            raise RefusedError("access.unknown", _UNKNOWN)
        match found.state(self._clock.today() if day is None else day):
            case "revoked":
                raise RefusedError("access.revoked", "凭据已吊销 / the credential was revoked")
            case "expired":
                raise RefusedError("access.expired", "凭据已到期 / the credential has expired")
        return found

    def certificates(self) -> tuple[bytes, ...]:
        """Certificates (DER) that count today: whom the listener lets begin."""
        today = self._clock.today()
        return tuple(
            one.stored.certificate
            for one in self._by_id.values()
            if one.stored.certificate is not None and one.state(today) == "valid"
        )

    def held_roles(self) -> frozenset[Role]:
        """Roles that some credential has today."""
        today = self._clock.today()
        valid = (one for one in self._by_id.values() if one.state(today) == "valid")
        return frozenset(role for one in valid for role in one.asker.roles)

    def new(
        self, wanted: Wanted, recorded: Callable[[QueryWrites, str], None]
    ) -> tuple[Credential, str]:
        """Make one.

        Args:
            wanted: what it shall be.
            recorded: called with its id in the same transaction.

        Returns:
            It, and its token, which is nowhere else; empty where it has a certificate or is an
            account's.

        Raises:
            RefusedError: `access.…`: not what a credential may be.
            StoreError: the database; nothing was made.
        """
        self._check(wanted)
        token = "" if wanted.certificate or wanted.account else self.new_token()
        stored = StoredCredential(
            id=self._token(ID_SIZE).hex(),
            department=wanted.department,
            roles=tuple(sorted(wanted.roles)),
            matters=tuple(sorted(wanted.matters)),
            purposes=tuple(sorted(wanted.purposes)),
            budget=wanted.budget,
            case_subjects=wanted.case_subjects,
            expires_on=wanted.expires_on,
            token=self._token_mac(token) if token else None,
            certificate=wanted.certificate or None,
            digest=sha256(wanted.certificate).digest() if wanted.certificate else None,
            created_at=self._clock.now(),
            created_by=wanted.by,
        )
        stored = replace(stored, mac=self._keys.mac(_said(stored)))

        def unit(writes: QueryWrites) -> None:
            add_credential(writes, stored)
            recorded(writes, stored.id)

        self._writer.submit(unit).result()
        made = _credential(stored)
        with self._lock:
            self._take((*self._by_id.values(), made))
        return made, token

    def revoke(
        self, credential: str, by: str, recorded: Callable[[QueryWrites, str], None]
    ) -> Credential:
        """End one at once and for ever (AC7).

        Raises:
            RefusedError: `access.no-credential`; `access.ended`: it was revoked before.
            StoreError: the database.
        """
        found, at = self.get(credential), self._clock.now()

        def unit(writes: QueryWrites) -> bool:
            done = revoke(writes, credential, at=at, by=by)
            if done:
                recorded(writes, credential)
            return done

        if not self._writer.submit(unit).result():
            raise RefusedError("access.ended", "此凭据先前已吊销 / it was revoked before")
        ended = replace(found, stored=replace(found.stored, revoked_at=at, revoked_by=by))
        with self._lock:
            self._take((self._by_id | {credential: ended}).values())
        return ended

    def new_token(self) -> str:
        """A token that nobody has."""
        return PREFIX + _text(self._token(TOKEN_SIZE))

    def open_session(self, credential: str, endings: int, *, alone: bool) -> str:
        """Open a session of an account's credential (AC22); see `Sessions.begin`.

        Returns:
            Its token, which is nowhere else; empty where none was opened.
        """
        token = self.new_token()
        begun = self.sessions.begin(self._token_mac(token), credential, endings, alone=alone)
        return token if begun else ""

    def close_session(self, token: str) -> None:
        """End a session; a token that is none's ends nothing."""
        self.sessions.end(self._token_mac(token))

    def _check(self, wanted: Wanted) -> None:
        check_together(wanted.roles)
        for text in (wanted.department, wanted.by, *wanted.matters, *wanted.purposes):
            if not 0 < len(text) <= TEXT_MAX or not text.isprintable():
                message = f"expected 1 to {TEXT_MAX} printable characters, got {len(text)}"
                raise RefusedError("access.value", message)
        unknown = sorted(wanted.purposes - set(PURPOSES))
        if unknown:
            message = (
                f"没有此用途：{unknown[0]!a}；现有 {'、'.join(PURPOSES)} / "
                f"expected purposes among {', '.join(PURPOSES)}, got {unknown[0]!a}"
            )
            raise RefusedError("access.value", message)
        if not 0 < wanted.budget <= BUDGET_MAX:
            message = f"expected a budget of 1 to {BUDGET_MAX} a day, got {wanted.budget}"
            raise RefusedError("access.value", message)
        if not 0 < wanted.case_subjects <= CASE_SUBJECTS_MAX:
            message = f"expected 1 to {CASE_SUBJECTS_MAX} subjects, got {wanted.case_subjects}"
            raise RefusedError("access.value", message)
        if wanted.expires_on < self._clock.today():
            message = (
                f"到期之日已过：{wanted.expires_on} / "
                f"expected a last day that is not over, got {wanted.expires_on}"
            )
            raise RefusedError("access.value", message)
        if len(self._by_id) >= CREDENTIALS_MAX:
            message = f"expected at most {CREDENTIALS_MAX} credentials"
            raise RefusedError("access.value", message)
        if wanted.certificate and sha256(wanted.certificate).digest() in self._by_digest:
            message = "expected a certificate that no credential has, got one that is known"
            raise RefusedError("access.certificate", message)

    def _token_mac(self, token: str) -> bytes:
        return self._keys.mac(b"token\0" + token.encode())

    def _take(self, held: Iterable[Credential]) -> None:
        by_id = {one.id: one for one in held}
        self._by_token = {one.stored.token: one for one in by_id.values() if one.stored.token}
        self._by_digest = {one.stored.digest: one for one in by_id.values() if one.stored.digest}
        self._by_id = by_id


def _held(reads: QueryReads, keys: QueryKeys) -> Iterable[Credential]:
    """What stands in the store, without what this node never said (AC8)."""
    for stored in all_credentials(reads):
        if hmac.compare_digest(stored.mac, keys.mac(_said(stored))):
            yield _credential(stored)
        else:
            _log.error("a credential is not as it was made", code="access.changed", id=stored.id)


def _said(stored: StoredCredential) -> bytes:
    """What the keyed hash of a row is over."""
    changing = {"mac", "revoked_at", "revoked_by"}
    fixed = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in asdict(stored).items()
        if name not in changing
    }
    return b"credential\0" + json.dumps(fixed, ensure_ascii=False, sort_keys=True).encode()


def _credential(stored: StoredCredential) -> Credential:
    return Credential(
        stored=stored,
        asker=Asker(
            credential=stored.id,
            department=stored.department,
            roles=frozenset(map(Role, stored.roles)),
            matters=frozenset(stored.matters),
            purposes=frozenset(stored.purposes),
        ),
        limits=Limits(budget=stored.budget, case_subjects=stored.case_subjects),
    )


def _text(secret: bytes) -> str:
    return urlsafe_b64encode(secret).rstrip(b"=").decode()
