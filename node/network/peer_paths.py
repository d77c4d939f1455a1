"""The way to a peer, walked step by step: where it ends is what has to be mended (`huxin doctor`).

    name → connection → tls → certificate → validity → answer → node → charters → clock

Each step is looked at only where those before it hold. Nothing is exchanged, and nothing believed.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from huxin.v1 import exchange_pb2 as pb
from huxin.v1.exchange_pb2_grpc import ExchangeStub

from crypto.checkpoint import peek_checkpoint
from crypto.errors import CryptoError
from federation.charters.verification import read_envelope
from federation.errors import CharterError
from federation.ids import CharterId, Origin, Timestamp, node_of
from node.charters.contacts import Contact
from node.network.transport import (
    PeerRefusedError,
    TlsIdentity,
    presented_certificate,
    secure_channel,
)
from node.system.clock import date_of
from node.texts.fields import day

OK: Final = "ok"
FAILED: Final = "failed"
CLOCK_SECONDS: Final = 120
"""A head is signed every minute; how far its time may be off before that is named."""

_THEIRS: Final = ("对方", "its")
_OURS: Final = ("本机", "our")
_DO: Final = {
    "endpoint": "对方只主动连接；由对方连入 / it only dials: it has to reach us",
    "name": "核对章程中的地址与本机 DNS / compare the address in the charter, and DNS here",
    "connection": "请对方与防火墙放行该端口；看对方节点是否在运行 / firewall, port; is it running?",
    "tls": "两者之间不得有代理；双方须为 TLS 1.3 / no proxy in between; both speak TLS 1.3",
    "certificate": "对方换了证书而章程未改，或有人冒充：电话核对指纹 / "
    "call them, compare fingerprints",
    "validity": "先核对本机时钟（huxin clock show）；确已到期的一方 huxin keys tls --new，"
    "新版章程以文件转交 / this machine's clock first (huxin clock show); whose it is then: "
    "huxin keys tls --new, and the new charter travels as a file",
    "answer": "对方的章程没有本机：新版尚未签够，或本机证书已换；请对方运行同一命令 / "
    "its charter does not name this node: not enough have signed, or our certificate "
    "changed; let them walk to us",
    "node": "该地址上是另一个节点 / another node answers there",
    "charters": "版本落后的一方用 huxin charter adopt / who is behind adopts the newer version",
    "clock": "双方校对时钟（NTP） / both compare their clocks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the way to one address."""

    endpoint: str
    step: str
    state: str
    """`ok` or `failed`."""
    detail: str

    @property
    def advice(self) -> str:
        """What to do where it failed; empty where it did not."""
        return "" if self.state == OK else _DO[self.step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """What this node shows on the way, and compares what it sees with."""

    identity: TlsIdentity
    versions: Mapping[CharterId, int]
    """Newest version held of each alliance."""
    signed_on: Callable[[Origin, bytes], Timestamp | None]
    """When the origin's node signed a head, by its keys in the charter."""
    now: Callable[[], Timestamp]
    seconds: float
    """For each step."""

    async def walk(self, contact: Contact) -> Sequence[Step]:
        """Walk to each address of a peer."""
        if not contact.endpoints:
            return (_step("", "endpoint", FAILED, "章程未载地址 / no address in the charter"),)
        return [step for one in contact.endpoints async for step in self._to(contact, one)]

    async def _to(self, contact: Contact, endpoint: str) -> AsyncIterator[Step]:
        host, _, port = endpoint.rpartition(":")
        step = "name"
        try:
            async with asyncio.timeout(self.seconds):
                found = await asyncio.get_running_loop().getaddrinfo(
                    host.strip("[]"), int(port), type=socket.SOCK_STREAM
                )
            yield _step(endpoint, step, OK, ", ".join(sorted({str(one[4][0]) for one in found})))
            step = "connection"
            async with asyncio.timeout(self.seconds):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
                writer.transport.abort()
            yield _step(endpoint, step, OK, "")
            step = "tls"
            certificate = await presented_certificate(endpoint, contact.certificates, self.seconds)
            yield _step(endpoint, step, OK, "TLSv1.3")
            yield _step(endpoint, "certificate", OK, "与章程相同 / as the charter names it")
            step = "validity"
            for whose, shown in (_THEIRS, certificate), (_OURS, self._own()):
                if said := _out_of_date(whose, shown, self.now()):
                    yield _step(endpoint, step, FAILED, said)
                    return
            yield _step(endpoint, step, OK, "")
            step = "answer"
            async with secure_channel(endpoint, self.identity, certificate) as channel:
                stub = ExchangeStub(channel)
                node = await stub.GetNode(pb.GetNodeRequest(), timeout=self.seconds)
                heads = await stub.ListHeads(pb.ListHeadsRequest(), timeout=self.seconds)
        except PeerRefusedError as error:
            yield _step(endpoint, "certificate", FAILED, str(error))
        except (OSError, UnicodeError) as error:  # a name may be none that could be asked for
            yield _step(endpoint, step, FAILED, str(error) or type(error).__name__)
        except grpc.aio.AioRpcError as error:
            yield _step(endpoint, step, FAILED, f"{error.code().name}: {error.details()}"[:300])
        else:
            yield _step(endpoint, "answer", OK, node.version[:32])
            for one in self._said(contact, endpoint, node, heads.checkpoints):
                yield one

    def _own(self) -> bytes:
        """Our own certificate, DER."""
        read = x509.load_pem_x509_certificate(self.identity.certificate_pem)
        return read.public_bytes(Encoding.DER)

    def _said(
        self,
        contact: Contact,
        endpoint: str,
        node: pb.GetNodeResponse,
        checkpoints: Sequence[bytes],
    ) -> list[Step]:
        known = {node_of(origin) for origin in contact.origins}
        same = not known or not node.origin or node_of(Origin(node.origin)) in known
        return [
            _step(endpoint, "node", OK if same else FAILED, node.origin[:200]),
            self._charters(endpoint, node.charters),
            self._clock(contact, endpoint, checkpoints),
        ]

    def _charters(self, endpoint: str, envelopes: Sequence[bytes]) -> Step:
        theirs: dict[CharterId, int] = {}
        for envelope in envelopes:
            try:
                _, terms = read_envelope(envelope)
            except CharterError as error:
                return _step(endpoint, "charters", FAILED, str(error))
            if terms.charter is not None:
                theirs[terms.charter] = max(theirs.get(terms.charter, 1), terms.version)
        behind = [
            f"{charter.hex()[:12]} {self.versions[charter]} / {version}"
            for charter, version in theirs.items()
            if charter in self.versions and version != self.versions[charter]
        ]
        return _step(endpoint, "charters", FAILED if behind else OK, "; ".join(behind))

    def _clock(self, contact: Contact, endpoint: str, checkpoints: Sequence[bytes]) -> Step:
        times = []
        for note in checkpoints:
            try:
                origin = Origin(peek_checkpoint(note).origin)
                at = self.signed_on(origin, note) if origin in contact.origins else None
            except CryptoError:  # also a line of a known key that is not its own: no time
                continue
            if at is not None:
                times.append(at)
        if not times:
            return _step(
                endpoint, "clock", OK, "没有出示自己的日志头 / no head of its own is shown"
            )
        off = self.now() - max(times)
        state = OK if -CLOCK_SECONDS <= off <= CLOCK_SECONDS else FAILED
        return _step(
            endpoint, "clock", state, f"最新日志头签于 {off} 秒前 / newest head signed {off} s ago"
        )


def _out_of_date(whose: tuple[str, str], certificate: bytes, now: Timestamp) -> str:
    """Why nobody can connect with a certificate at a moment; empty where its time has come."""
    read = x509.load_der_x509_certificate(certificate)
    first, last = (
        Timestamp(int(moment.timestamp()))
        for moment in (read.not_valid_before_utc, read.not_valid_after_utc)
    )
    if first <= now <= last:
        return ""
    begins, ends, today = (day(date_of(moment)) for moment in (first, last, now))
    chinese, english = whose
    return (
        f"{chinese}的证书自 {begins} 至 {ends} 有效；本机时钟现为 {today} / "
        f"{english} certificate is valid from {begins} to {ends}; by this machine's clock it is "
        f"{today}"
    )


def _step(endpoint: str, step: str, state: str, detail: str) -> Step:
    return Step(endpoint=endpoint, step=step, state=state, detail=detail)
