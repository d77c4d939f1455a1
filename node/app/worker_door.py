"""What a worker asks the node beside questions: how TLS is spoken today, and whose calls count.

Over the door, a socket of its own beside the lanes (`node.screening.lane_form`); JSON.

    ready      {"do"}                   what is served (`Served`), pickled: once, before all else
    bound      {"do"}                   nothing: from now on calls come here
    terms      {"do", "terms"}          {"terms", "key", "certificate", "certificates"}, the latter
                                        three only where the number of the terms is another one
    who        {"do", "certificate", "token"}    {"credential"} or {"error"}
    counting   {"do", "credentials"}    {"counting"}: those of them that count at this moment
"""

from __future__ import annotations

import json
import pickle
import socket
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.screening.roles import Asker
from node.access.presented import Presented
from node.network.transport import MAX_CONNECTIONS, TlsIdentity
from node.screening.lane_form import Form, error_of, error_to_json, presented_to_json, written
from node.workers.messages import receive, send

_NUMBERS: Final = 2**63


READY: Final = "ready"
BOUND: Final = "bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the node tells a worker that is ready.

    Attributes:
        certificates: address for callers with a certificate; empty for none.
        tokens: address for callers with a token; empty for none.
        passed_on: path of the Unix socket over which calls are passed on.
        level: of the log.
        failpoint: for the crash tests; empty for none.
    """

    certificates: str
    tokens: str
    passed_on: str
    level: str
    failpoint: str


class Door:
    """The node's side; any thread."""

    def __init__(
        self,
        *,
        asker: Callable[[Presented], Asker],
        counts: Callable[[str], bool],
        identity: Callable[[], TlsIdentity],
        certificates: Callable[[], tuple[bytes, ...]],
    ) -> None:
        """Wire it.

        Args:
            asker: who presents this.
            counts: whether a credential counts at this moment.
            identity: our TLS key and certificate.
            certificates: DER of those who may begin with one.
        """
        self._asker = asker
        self._counts = counts
        self._identity = identity
        self._certificates = certificates
        self._lock = threading.Lock()
        self._terms: tuple[TlsIdentity, tuple[bytes, ...]] | None = None
        self._number = 0

    def answer(self, said: Form) -> bytes:
        """Answer a worker.

        Raises:
            FormError: the worker's fault.
        """
        match said["do"].text():
            case "terms":
                return written(self._now(said["terms"].number(_NUMBERS)))
            case "counting":
                asked = [one.text(255) for one in said["credentials"].many(MAX_CONNECTIONS)]
                return written({"counting": [one for one in asked if self._counts(one)]})
            case _:
                return written(self._who(said.presented()))

    def _who(self, presented: Presented) -> dict[str, Any]:
        try:
            return {"credential": self._asker(presented).credential}
        except Exception as error:  # noqa: BLE001 - the caller is told, whatever it is
            return error_to_json(error)

    def _now(self, known: int) -> dict[str, Any]:
        terms = (self._identity(), self._certificates())
        with self._lock:
            if terms != self._terms:
                self._terms = terms
                self._number += 1
            number = self._number
        if number == known:
            return {"terms": number}
        identity, certificates = terms
        return {
            "terms": number,
            "key": _b64(identity.key_pem),
            "certificate": _b64(identity.certificate_pem),
            "certificates": [_b64(one) for one in certificates],
        }


class NodeDoor:
    """The worker's side; any thread, blocks."""

    def __init__(self, link: socket.socket, lost: Callable[[], None]) -> None:
        """Take the socket; `lost` is called when the node is gone."""
        self._link = link
        self._lost = lost
        self._lock = threading.Lock()
        self._number = 0
        self._identity: TlsIdentity | None = None
        self.certificates: tuple[bytes, ...] = ()
        """Those of the identity that was asked for last."""

    def begin(self) -> Served:
        """Say that this process is ready; returns what it is to serve."""
        with self._lock:
            send(self._link, written({"do": READY}))
            served: Served = pickle.loads(receive(self._link))  # noqa: S301 - of who started us
        return served

    def bound(self) -> None:
        """Say that calls are answered from now on."""
        with self._lock:
            send(self._link, written({"do": BOUND}))

    def identity(self) -> TlsIdentity:
        """The TLS key and certificate of now; asked at each handshake."""
        said = self._ask({"do": "terms", "terms": self._number})
        if "key" in said or self._identity is None:
            key, certificate = (b64decode(said[name]) for name in ("key", "certificate"))
            self._identity = TlsIdentity(key_pem=key, certificate_pem=certificate)
            self.certificates = tuple(b64decode(one) for one in said["certificates"])
            self._number = said["terms"]
        return self._identity

    def who(self, presented: Presented) -> str:
        """The credential of a caller.

        Raises:
            RefusedError: `access.…`.
        """
        said = self._ask({"do": "who", **presented_to_json(presented)})
        if "error" in said:
            raise error_of(said)
        return str(said["credential"])

    def counting(self, credentials: Collection[str]) -> frozenset[str]:
        """Those of some credentials that count at this moment."""
        said = self._ask({"do": "counting", "credentials": sorted(credentials)})
        return frozenset(said["counting"])

    def _ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            try:
                send(self._link, written(message))
                said: dict[str, Any] = json.loads(receive(self._link))
            except (OSError, EOFError):
                self._lost()
                raise
        return said


def _b64(data: bytes) -> str:
    return b64encode(data).decode()
