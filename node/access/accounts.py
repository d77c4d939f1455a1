"""Accounts 账号 of the console: who made them, what is kept of them.

An account's roles, unit, purposes and last day are those of a credential that has no token
(`node.access.credentials`). What else it is (post, password's hash, secret of the codes) stands
sealed in its row, bound to its name and credential. How people sign in: `node.access.signing_in`.
"""

from __future__ import annotations

import json
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import structlog

from adapters.errors import ConflictError
from adapters.sql.accounts import (
    StoredAccount,
    account,
    add_account,
    all_accounts,
    change_account,
)
from adapters.sql.query_store import QueryReads, QueryStore, QueryWrites
from crypto.errors import SealError
from federation.errors import RefusedError
from federation.screening.query_log import EntryKind
from federation.screening.roles import Action, Asker, Role
from node.access import totp
from node.access.admitting import Access
from node.access.credentials import Credential, Wanted
from node.access.id_tokens import SUBJECT_MAX, is_subject
from node.access.passwords import COST, SALT_SIZE, Cost, hashed
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog
from node.access.query_writer import QueryWriter
from node.system.clock import Clock

_log = structlog.get_logger()

NAME_MAX: Final = 50
_FIRST_SIZE: Final = 12
"""Random bytes of a first password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What stands sealed in an account's row.

    Attributes:
        post: of the person 岗位.
        salt, verifier, passes, memory: of the password (`node.access.passwords`).
        secret: of the codes (`node.access.totp`).
        initial: whether the password is the first one, which another person has seen.
        issuer, subject: who signs in by the identity provider, and has no password (OI8); empty of
            accounts with one.
    """

    post: str
    salt: bytes
    verifier: bytes
    passes: int
    memory: int
    secret: bytes
    initial: bool
    issuer: str = ""
    subject: str = ""

    @property
    def cost(self) -> Cost:
        """Of a try."""
        return Cost(passes=self.passes, memory=self.memory)


class AccountRows:
    """Reads and seals what accounts are; any thread."""

    def __init__(self, keys: QueryKeys, token: Callable[[int], bytes], cost: Cost = COST) -> None:
        """Take the keys that seal, and what a try of a new password shall cost."""
        self._keys = keys
        self._token = token
        self.cost = cost

    def get(self, reads: QueryReads, name: str) -> tuple[StoredAccount, Secrets] | None:
        """The account of a name; None where there is none, or none that this node made."""
        stored = account(reads, name)
        secrets = None if stored is None else self.secrets(stored)
        return None if stored is None or secrets is None else (stored, secrets)

    def secrets(self, stored: StoredAccount) -> Secrets | None:
        """What an account is; None where its row is not as this node made it."""
        try:
            place = _place(stored.name, stored.credential)
            content = json.loads(self._keys.unwrap(stored.sealed, place=place))
        except SealError:
            _log.error(
                "an account is not as it was made", code="access.changed", id=stored.credential
            )
            return None
        return Secrets(
            **content
            | {name: bytes.fromhex(content[name]) for name in ("salt", "verifier", "secret")}
        )

    def sealed(self, name: str, credential: str, secrets: Secrets) -> bytes:
        """What stands in the row."""
        content = {
            key: value.hex() if isinstance(value, bytes) else value
            for key, value in asdict(secrets).items()
        }
        plain = json.dumps(content, ensure_ascii=False).encode()
        return self._keys.wrap(plain, place=_place(name, credential))

    def bound_to(
        self, reads: QueryReads, issuer: str, subject: str
    ) -> list[tuple[StoredAccount, Secrets]]:
        """The accounts that were bound to somebody at the identity provider, by name.

        All are opened and looked at: a node has some dozens, and who asks has signed in there.
        """
        rows = ((one, self.secrets(one)) for one in all_accounts(reads))
        return [
            (one, secrets)
            for one, secrets in rows
            if secrets is not None and (secrets.issuer, secrets.subject) == (issuer, subject)
        ]

    def bound(self, post: str, issuer: str, subject: str) -> Secrets:
        """What is kept of an account whose person signs in at the identity provider (OI8)."""
        return Secrets(
            post=post,
            salt=b"",
            verifier=b"",
            passes=0,
            memory=0,
            secret=b"",
            initial=False,
            issuer=issuer,
            subject=subject,
        )

    def first(self, post: str) -> tuple[str, Secrets]:
        """A first password, and what is kept of it."""
        password = urlsafe_b64encode(self._token(_FIRST_SIZE)).decode()
        empty = Secrets(
            post=post,
            salt=b"",
            verifier=b"",
            passes=0,
            memory=0,
            secret=self._token(totp.SECRET_SIZE),
            initial=True,
        )
        return password, replace(self.with_password(empty, password), initial=True)

    def with_password(self, secrets: Secrets, password: str) -> Secrets:
        """An account with a password that its person chose."""
        salt = self._token(SALT_SIZE)
        return replace(
            secrets,
            salt=salt,
            verifier=hashed(password, salt, self.cost),
            passes=self.cost.passes,
            memory=self.cost.memory,
            initial=False,
        )


class Accounts:
    """Makes and ends accounts; any thread but the query writer's; blocks."""

    def __init__(
        self,
        *,
        access: Access,
        rows: AccountRows,
        store: QueryStore,
        writer: QueryWriter,
        log: QueryLog,
        clock: Clock,
        issuer: str,
        provider: str = "",
    ) -> None:
        """Wire it.

        Args:
            access: admits who makes accounts, and has their credentials.
            rows: read and seal them.
            store: where they stand.
            writer: changes them.
            log: takes what is done here.
            clock: never behind trusted time.
            issuer: the node's name, as authenticators show it.
            provider: the issuer of the identity provider; empty where there is none.
        """
        self._access = access
        self._credentials = access.credentials
        self._rows = rows
        self._store = store
        self._writer = writer
        self._log = log
        self._clock = clock
        self._issuer = issuer
        self._provider = provider

    def made(
        self, asker: Asker, wanted: Wanted, name: str, post: str, subject: str = ""
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Make one; its document, and what is shown once: the first password and the secret.

        `subject`: of who signs in by the identity provider; then nothing is shown once.

        Raises:
            RefusedError: `access.denied`, `access.account`, or not what a credential may be.
            StoreError: the database.
        """
        self._access.admit(asker, Action.ACCESS_MANAGE)
        _check_text(name)
        _check_text(post)
        if Role.THIRD_PARTY in wanted.roles:
            message = "第三方没有控制台账号 / expected roles of this city's own people"
            raise RefusedError("access.account", message)
        password = ""
        if subject:
            self._check_subject(subject)
            secrets = self._rows.bound(post, self._provider, subject)
        else:
            password, secrets = self._rows.first(post)

        def recorded(writes: QueryWrites, credential: str) -> None:
            if subject:
                self._check_free(writes, subject)
            sealed = self._rows.sealed(name, credential, secrets)
            add_account(writes, StoredAccount(name=name, credential=credential, sealed=sealed))
            self._log.record(writes, self._entry(asker, f"account new {credential}", wanted.by))

        try:
            credential, _ = self._credentials.new(replace(wanted, account=True), recorded)
        except ConflictError as error:
            message = f"已有此账号：{name} / expected a name that no account has or had"
            raise RefusedError("access.account", message) from error
        once = {} if subject else self._once(name, password, secrets)
        return self._shown(name, credential, secrets), once

    def reset(self, asker: Asker, name: str, by: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Give an account another first password and another secret; its sessions end.

        Raises:
            RefusedError: `access.denied`, `access.account`: there is none.
            StoreError: the database.
        """
        self._access.admit(asker, Action.ACCESS_MANAGE)
        _check_text(by)
        stored, before = self._known(name)
        if before.subject:
            message = (
                "此账号用统一身份认证登录，没有口令 / expected an account with a password, got one "
                "whose person signs in at the identity provider"
            )
            raise RefusedError("access.account", message)
        password, secrets = self._rows.first(before.post)
        sealed = self._rows.sealed(name, stored.credential, secrets)

        def unit(writes: QueryWrites) -> None:
            change_account(writes, name, sealed)
            done = f"account password {stored.credential}"
            self._log.record(writes, self._entry(asker, done, by))

        self._writer.submit(unit).result()
        self._credentials.sessions.end_of(stored.credential)
        credential = self._credentials.get(stored.credential)
        return self._shown(name, credential, secrets), self._once(name, password, secrets)

    def revoked(self, asker: Asker, name: str, by: str) -> dict[str, Any]:
        """End one at once and for ever, and its sessions with it.

        Raises:
            RefusedError: `access.denied`, `access.account`, `access.revoked`.
            StoreError: the database.
        """
        self._access.admit(asker, Action.ACCESS_REVOKE)
        stored, secrets = self._known(name)
        self._access.revoked(asker, stored.credential, by)
        self._credentials.sessions.end_of(stored.credential)
        return self._shown(name, self._credentials.get(stored.credential), secrets)

    def listed(self, asker: Asker) -> list[dict[str, Any]]:
        """All that were ever made, by name.

        Raises:
            RefusedError: `access.denied`.
            StoreError: the database.
        """
        self._access.admit(asker, Action.ACCESS_LIST)
        with self._store.read() as reads:
            rows = all_accounts(reads)
        known = ((one, self._rows.secrets(one)) for one in rows)
        return [
            self._shown(one.name, self._credentials.get(one.credential), secrets)
            for one, secrets in known
            if secrets is not None
        ]

    def post_of(self, name: str) -> tuple[str, str] | None:
        """Unit and post of who has an account of this name, ended or not; None: nobody has.

        Raises:
            StoreError: the database.
        """
        with self._store.read() as reads:
            found = self._rows.get(reads, name)
        if found is None:
            return None
        stored, secrets = found
        return self._credentials.get(stored.credential).stored.department, secrets.post

    def of_credential(self, credential: str) -> str:
        """The name of the account that has this credential; empty: none.

        Raises:
            StoreError: the database.
        """
        with self._store.read() as reads:
            rows = all_accounts(reads)
        return next((one.name for one in rows if one.credential == credential), "")

    def names(self) -> list[str]:
        """Whose an account is, or was.

        Raises:
            StoreError: the database.
        """
        with self._store.read() as reads:
            return [one.name for one in all_accounts(reads)]

    def _known(self, name: str) -> tuple[StoredAccount, Secrets]:
        with self._store.read() as reads:
            found = self._rows.get(reads, name)
        if found is None:
            message = (
                "没有此账号；见 huxin access account list / "
                "expected the name of an account, see huxin access account list"
            )
            raise RefusedError("access.account", message)
        return found

    def _check_subject(self, subject: str) -> None:
        """See that there is a provider, and that this may be somebody there.

        Raises:
            RefusedError: `access.account`.
        """
        if not self._provider:
            message = (
                "本节点没有接入统一身份认证 / expected [http.oidc] in huxin.toml, got none: "
                "make an account with a password"
            )
            raise RefusedError("access.account", message)
        if not is_subject(subject):
            message = (
                f"统一身份认证标识须为 1 至 {SUBJECT_MAX} 个可见的 ASCII 字符 / "
                f"expected a subject of 1 to {SUBJECT_MAX} printable ASCII characters"
            )
            raise RefusedError("access.account", message)

    def _check_free(self, writes: QueryWrites, subject: str) -> None:
        """See that nobody has two accounts that count; on the writer's thread.

        Raises:
            RefusedError: `access.account`.
        """
        today = self._clock.today()
        for stored, _ in self._rows.bound_to(writes, self._provider, subject):
            if self._credentials.get(stored.credential).state(today) == "valid":
                message = (
                    f"此身份已绑定账号：{stored.name} / expected a subject that no account is "
                    "bound to, or revoke that one first"
                )
                raise RefusedError("access.account", message)

    def _once(self, name: str, password: str, secrets: Secrets) -> dict[str, str]:
        return {
            "password": password,
            "secret": b32encode(secrets.secret).decode(),
            "uri": totp.uri(secrets.secret, name, self._issuer),
        }

    def _shown(self, name: str, credential: Credential, secrets: Secrets) -> dict[str, Any]:
        state = credential.state(self._clock.today())
        return account_document(name, credential, secrets) | {
            "state": state,
            "initial": secrets.initial,
            "subject": secrets.subject,
        }

    def _entry(self, asker: Asker, result: str, by: str) -> Entry:
        return Entry(
            kind=EntryKind.ADMIN,
            asker=asker.credential,
            department=asker.department,
            action=Action.ACCESS_MANAGE,
            at=self._clock.now(),
            result=result,
            persons=(by,),
        )


def account_document(name: str, credential: Credential, secrets: Secrets) -> dict[str, Any]:
    """What an account is, without what is secret."""
    stored = credential.stored
    return {
        "name": name,
        "unit": stored.department,
        "post": secrets.post,
        "roles": list(stored.roles),
        "matters": list(stored.matters),
        "purposes": list(stored.purposes),
        "credential": stored.id,
        "expires_on": stored.expires_on,
    }


def _check_text(value: str) -> None:
    if not 0 < len(value) <= NAME_MAX or not value.isprintable() or value != value.strip():
        message = f"须为 1 至 {NAME_MAX} 个字符 / expected 1 to {NAME_MAX} printable characters"
        raise RefusedError("access.account", message)


def _place(name: str, credential: str) -> bytes:
    return f"account\0{credential}\0{name}".encode()
