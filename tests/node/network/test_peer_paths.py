"""Where the way to a peer ends is named, and nothing behind it.

Covers node/network/peer_paths.py.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from crypto.checkpoint import peek_checkpoint
from crypto.errors import ProofError
from crypto.merkle import EMPTY_ROOT
from crypto.strict import b64
from federation.ids import MemberId, Origin, Timestamp
from node.charters.contacts import Contact
from node.directory.certificates import VALIDITY, self_signed
from node.network import peer_paths
from node.network.peer_paths import Step, Walker
from node.network.transport import TlsIdentity
from tests.support import charters as build
from tests.support.waiting import DEADLINE_SECONDS

NOW = Timestamp(1_800_000_000)
NOBODY = TlsIdentity(key_pem=b"", certificate_pem=b"")
VALIDITY_SECONDS = int(VALIDITY.total_seconds())


def walked(endpoint: str, identity: TlsIdentity = NOBODY, now: Timestamp = NOW) -> list[Step]:
    walker = Walker(
        identity=identity,
        versions={},
        signed_on=lambda _origin, _note: None,
        now=lambda: now,
        seconds=5.0,
    )
    contact = Contact(
        peer=MemberId("peer"),
        endpoints=(endpoint,) if endpoint else (),
        certificates=(),
        origins=frozenset(),
    )
    return list(asyncio.run(walker.walk(contact)))


def ends(steps: list[Step]) -> list[tuple[str, str]]:
    return [(step.step, step.state) for step in steps]


def test_who_only_dials_has_no_way() -> None:
    (step,) = walked("")
    assert (step.step, step.state) == ("endpoint", "failed")
    assert step.advice


@pytest.mark.parametrize("name", ["no-such-host.invalid", f"{'a' * 70}.invalid", "a..invalid"])
def test_a_name_that_is_none(name: str) -> None:
    assert ends(walked(f"{name}:7443")) == [("name", "failed")]


def test_a_head_with_a_bad_line_is_no_time_and_ends_nothing() -> None:
    def bad(_origin: Origin, _note: bytes) -> Timestamp | None:
        message = "a line of a known key is bad"
        raise ProofError(message)

    origin = Origin("peer.example/1")
    walker = Walker(
        identity=TlsIdentity(key_pem=b"", certificate_pem=b""),
        versions={},
        signed_on=bad,
        now=lambda: NOW,
        seconds=5.0,
    )
    contact = Contact(
        peer=MemberId("peer"), endpoints=(), certificates=(), origins=frozenset({origin})
    )
    note = f"{origin}\n0\n{b64(EMPTY_ROOT)}\n\n\N{EM DASH} {origin} {b64(bytes(68))}\n".encode()
    assert peek_checkpoint(note).origin == origin
    step = walker._clock(contact, "peer.example:7443", [note])
    assert (step.step, step.state) == ("clock", "ok")


def test_a_port_at_which_nobody_listens() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listened at
        steps = walked(f"127.0.0.1:{taken.getsockname()[1]}")
    assert ends(steps) == [("name", "ok"), ("connection", "failed")]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["http", "end"])
def test_what_speaks_no_tls(answer: bytes) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    steps = beside(speak, connections=2)
    assert ends(steps) == [("name", "ok"), ("connection", "ok"), ("tls", "failed")]
    assert steps[-1].detail


def beside(
    speak: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    identity: TlsIdentity = NOBODY,
    now: Timestamp = NOW,
    connections: int = 1,
) -> list[Step]:
    """Walk to a server that speaks so; it has closed its ends of all connections by then."""
    ended = asyncio.Semaphore(0)

    async def spoken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await speak(reader, writer)
        with suppress(OSError):
            await writer.wait_closed()
        ended.release()

    async def both() -> list[Step]:
        server = await asyncio.start_server(spoken, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            steps = await asyncio.to_thread(walked, f"127.0.0.1:{port}", identity, now)
            async with asyncio.timeout(DEADLINE_SECONDS):
                for _ in range(connections):
                    await ended.acquire()
            return steps

    return asyncio.run(both())


def asked(*_: object) -> None:
    """In the place of a channel."""
    raise OSError("asked")


def own_identity() -> TlsIdentity:
    made = self_signed("510500.huxin.example", build.tls_key("510500"), bytes(16), build.NOW)
    return TlsIdentity(key_pem=b"", certificate_pem=made.public_bytes(Encoding.PEM))


@pytest.mark.parametrize(
    ("shift", "whose", "theirs_at"),
    [
        (1, "对方", 0),  # over: theirs, of the same day as ours
        (-2 * VALIDITY_SECONDS, "对方", 0),  # a clock set back: theirs has not begun
        (1, "本机", VALIDITY_SECONDS),  # theirs was renewed, ours was not
    ],
)
def test_a_certificate_out_of_its_time_is_named_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, shift: int, whose: str, theirs_at: int
) -> None:
    theirs = self_signed(
        "510300.huxin.example", build.tls_key("510300"), bytes(16), Timestamp(build.NOW + theirs_at)
    ).public_bytes(Encoding.DER)

    async def shown(*_: object) -> bytes:
        return theirs

    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    monkeypatch.setattr(peer_paths, "presented_certificate", shown)
    monkeypatch.setattr(peer_paths, "secure_channel", asked)
    steps = beside(speak, own_identity(), Timestamp(build.NOW + VALIDITY_SECONDS + shift))
    assert ends(steps)[-2:] == [("certificate", "ok"), ("validity", "failed")]
    assert steps[-1].detail.startswith(f"{whose}的证书自 ")
    assert "本机时钟现为" in steps[-1].detail
    assert steps[-1].advice.startswith("先核对本机时钟")


def test_certificates_in_their_time_are_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    async def shown(*_: object) -> bytes:
        return build.certificate("510300")

    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    monkeypatch.setattr(peer_paths, "presented_certificate", shown)
    monkeypatch.setattr(peer_paths, "secure_channel", asked)
    steps = beside(speak, own_identity(), Timestamp(build.NOW + 1))
    assert ends(steps)[-2:] == [("validity", "ok"), ("answer", "failed")]
