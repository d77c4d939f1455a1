"""This node as a witness that strangers ask over HTTP (C2SP tlog-witness): who may, how often.

HT13 a request is refused, with the status that the specification gives, as far as that can be
     said without the thread that writes; what it would write for is bounded for each caller: a
     member, or the address of one without a certificate, and for all of these together
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Protocol

from crypto.merkle import EMPTY_ROOT
from federation.errors import RefusedError
from federation.ids import MemberId, Origin
from federation.peers import witness
from federation.peers.replica import ForkError
from federation.ports.store import Store
from node.charters.view import TrustView

RATE: Final = 5.0
"""Checkpoints cosigned a second for one caller; a log has one each minute, and each publication."""
BURST: Final = 50.0
STRANGERS: Final = 10
"""Callers without a certificate have together what so many of them may have each."""
REMEMBERED: Final = 4096
"""Callers whose buckets are known; whose is longest ago is forgotten first."""
_IPV6_NETWORK: Final = 64
"""Bits that name a caller: the rest of an address anybody there may choose."""
_ROUNDING: Final = 1e-6


class Answers(Protocol):
    """`node.network.witness_door.WitnessDoor`."""

    def answer(self, body: bytes) -> bytes:
        """Check, persist, cosign."""
        ...


class ShownWitness:
    """Answers add-checkpoint and the monitoring API; any thread, blocks."""

    def __init__(
        self,
        *,
        store: Store,
        trust: Callable[[], TrustView],
        may_see: Callable[[Origin, MemberId | None], None],
        door: Answers,
        cosigned: Callable[[Origin], bytes | None],
        query_cosigned: Callable[[Origin], bytes | None],
        cosigner: str,
        monotonic: Callable[[], float],
    ) -> None:
        """Wire it.

        Args:
            store: what was cosigned last.
            trust: the charters of the moment.
            may_see: refuses a log that the caller may not see.
            door: cosigns.
            cosigned: the checkpoint of a log that was cosigned last.
            query_cosigned: likewise, of a query log.
            cosigner: name of our witness key.
            monotonic: seconds.
        """
        self._store = store
        self._trust = trust
        self._may_see = may_see
        self._door = door
        self._cosigned = cosigned
        self._query_cosigned = query_cosigned
        self._cosigner = cosigner
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._empty_at: OrderedDict[str, float] = OrderedDict()

    def add_checkpoint(self, body: bytes, member: MemberId | None, address: str) -> bytes:
        """Cosign a checkpoint; the signature lines.

        Args:
            body: of the request.
            member: who asks; None for a stranger.
            address: from which.

        Raises:
            WitnessError: refused, with the status of the specification.
            RefusedError: `tiles.members-only`: the charter lets members alone see this log;
                `http.many`: too many in a short time.
            FederationError: the node signs nothing at the moment.
            AdapterError: the store.
        """
        request = witness.parse_request(body)
        origin = Origin(witness.origin_of(request))
        trust = self._trust()
        if trust.query_log_key(origin) is not None:
            if member is None:
                raise witness.WitnessError(witness.NOT_FOUND, f"no log {origin} is witnessed here")
        elif origin not in trust.followed():
            raise witness.WitnessError(witness.NOT_FOUND, f"no log {origin} is witnessed here")
        else:
            self._may_see(origin, member)
            with self._store.read() as session:
                head = session.head(origin)
            if head is not None and head.forked:
                message = f"{origin} signed two histories; a proof is held"
                raise witness.WitnessError(witness.NOT_FOUND, message)
            size = 0 if head is None else head.witnessed_size
            root = head.witnessed_root if head is not None and size else EMPTY_ROOT
            witness.check(request, trust.trust.log_key(origin), size, root)
        self._see_that_it_is_time(member, address)
        try:
            lines = self._door.answer(body)
        except ForkError as error:
            raise witness.WitnessError(witness.NOT_FOUND, str(error)) from error
        # Over gRPC the mirror's line comes along; here what the specification names.
        own = f"\N{EM DASH} {self._cosigner} ".encode()
        return b"".join(line for line in lines.splitlines(keepends=True) if line.startswith(own))

    def cosigned_last(self, origin_hash: str, member: MemberId | None) -> bytes:
        """The checkpoint of a log that was cosigned last, with our line.

        Args:
            origin_hash: SHA-256 of the origin, 64 digits of 0-9 a-f.
            member: who asks.

        Raises:
            RefusedError: `tiles.unknown`, `tiles.members-only`.
            AdapterError: the store.
        """
        trust = self._trust()
        found = None
        if (origin := _named(origin_hash, trust.followed())) is not None:
            self._may_see(origin, member)
            found = self._cosigned(origin)
        elif member is not None and (origin := _named(origin_hash, trust.query_logs())) is not None:
            found = self._query_cosigned(origin)
        if found is None:
            message = "没有见证过此日志 / no checkpoint of such a log was cosigned here"
            raise RefusedError("tiles.unknown", message)
        return found

    def _see_that_it_is_time(self, member: MemberId | None, address: str) -> None:
        shares = {f"member {member}": 1}
        if member is None:
            shares = {_caller(address): 1, "strangers": STRANGERS}
        with self._lock:
            now = self._monotonic()
            full = now - BURST / RATE
            empty_at = {
                caller: max(self._empty_at.get(caller, full), full) + 1 / (RATE * share)
                for caller, share in shares.items()
            }
            if max(empty_at.values()) > now + _ROUNDING:
                message = (
                    f"请求过于频繁，请稍后重试 / expected at most {RATE:g} checkpoints a second; "
                    "come again"
                )
                raise RefusedError("http.many", message)
            for caller, moment in empty_at.items():
                self._empty_at[caller] = moment
                self._empty_at.move_to_end(caller)
            while len(self._empty_at) > REMEMBERED:
                self._empty_at.popitem(last=False)


def _caller(address: str) -> str:
    """Who counts as one of those without a certificate: an address, or the network of an IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "nowhere"
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    bits = _IPV6_NETWORK if isinstance(parsed, IPv6Address) else parsed.max_prefixlen
    return str(ip_network((parsed, bits), strict=False))


def _named(origin_hash: str, origins: Iterable[Origin]) -> Origin | None:
    return next((one for one in origins if sha256(one.encode()).hexdigest() == origin_hash), None)
