"""Accounts of a node's access alone, and their people with authenticators in hand."""

from __future__ import annotations

from base64 import b32decode
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from adapters.sql.accounts import StoredAccount, account
from adapters.sql.query_rows import QueryRow
from adapters.sql.query_schema import query_rows
from node.access import totp
from node.access.accounts import AccountRows, Accounts
from node.access.admitting import Access
from node.access.credentials import Wanted
from node.access.passwords import Cost
from node.access.query_log import Entry
from node.access.signing_in import SignIn, SigningIn
from node.system.entropy import token
from tests.support.admitted import WANTED, Admitting, admitting

NEW: Final = "四条腿的凳子放在院子里 4"
CHEAP: Final = Cost(passes=1, memory=8192)


@dataclass
class SignedIn(Admitting):
    """`Admitting`, with accounts."""

    once: dict[str, dict[str, str]] = field(default_factory=dict)
    provider: str = ""
    """Issuer of the identity provider."""

    def again(self) -> Access:
        """As after a restart."""
        made = super().again()
        self.rows = AccountRows(self.keys, token, CHEAP)
        self.accounts = Accounts(
            access=made,
            rows=self.rows,
            store=self.store,
            writer=self.writer,
            log=self.log,
            clock=self.clock,
            issuer="a.example",
            provider=self.provider,
        )
        self.signing = SigningIn(
            credentials=made.credentials,
            rows=self.rows,
            store=self.store,
            writer=self.writer,
            log=self.log,
            keys=self.keys,
            clock=self.clock,
            token=token,
        )
        return made

    def wanted(self, **changed: Any) -> Wanted:
        return replace(WANTED, **changed)

    def made(self, name: str, **changed: Any) -> dict[str, str]:
        """Make an account; what is shown once."""
        local = self.access.local()
        _, self.once[name] = self.accounts.made(local, self.wanted(**changed), name, "信用科科员")
        return self.once[name]

    def ready(self, name: str, **changed: Any) -> dict[str, Any]:
        """Make one whose person has signed in with a password of its own."""
        first = self.made(name, **changed)["password"]
        return self.sign_in(name, first, new_password=NEW)

    def secret(self, name: str) -> bytes:
        return b32decode(self.once[name]["secret"])

    def code(self, name: str) -> str:
        return totp.code_at(self.secret(name), totp.step_of(self.clock.at))

    def sign_in(
        self, name: str, password: str, *, code: str = "", later: int = 60, **more: str
    ) -> dict[str, Any]:
        """Sign in with the code that is shown, so many seconds after the last time."""
        self.clock.at += later if name in self.once and not code else 0
        typed = code or (self.code(name) if name in self.once else "123456")
        return self.signing.opened(SignIn(name=name, password=password, code=typed, **more))

    def tick(self, seconds: float) -> None:
        self.clock.seconds += seconds

    def stored(self, name: str) -> StoredAccount:
        with self.store.read() as reads:
            found = account(reads, name)
        assert found is not None
        return found

    def entries(self) -> list[Entry]:
        """What the query log has, the oldest first."""
        with self.store.read() as reads:
            rows = reads.connection.execute(select(query_rows).order_by(query_rows.c.place)).all()
        names = QueryRow.__slots__
        made = [QueryRow(**{name: getattr(row, name) for name in names}) for row in rows]
        return [entry for one in made if (entry := self.log.entry(one)) is not None]


def signing(folder: Path) -> SignedIn:
    """Accounts over an empty store in memory."""
    made = admitting(folder)
    return SignedIn(
        store=made.store, writer=made.writer, clock=made.clock, keys=made.keys, log=made.log
    )
