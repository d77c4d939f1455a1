"""What a caller presents, on its way from the end of the connection to who knows credentials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from federation.screening.roles import Asker


class Knowing(Protocol):
    """What is needed of `node.access.admitting.Access`."""

    def asker_of_token(self, token: str) -> Asker:
        """Who presents this token."""
        ...

    def asker_of_certificate(self, der: bytes) -> Asker:
        """Who presents exactly this certificate."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A client certificate (DER) of a connection, or else the token of a call; never printed."""

    certificate: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)

    def asker(self, access: Knowing) -> Asker:
        """Who presents this.

        Raises:
            RefusedError: `access.unknown`, `access.revoked`, `access.expired`.
        """
        if self.certificate:
            return access.asker_of_certificate(self.certificate)
        return access.asker_of_token(self.token)
