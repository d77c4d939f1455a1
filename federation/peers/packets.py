"""The header 包头 of a packet 数据包 as a value and as text (SPEC.md §9.8).

A packet carries the frames of a stream in files, where no connection is allowed. Its header is
the text of a signed note; what is signed names sender, receiver, place and digest of the body, and
the suite and key to which it is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from crypto.errors import FormatError, SealError
from crypto.hpke import MAX_SUITE, SEALING_KEY_ID_SIZE, SEALING_SUITES, unseal_with
from crypto.strict import b64, b64_strict
from federation.errors import RefusedError
from federation.ids import ORIGIN_FORM, CharterId, Origin
from federation.peers.sealing import packet_info

FORMAT: Final = "huxin-packet/1"
ID_SIZE: Final = 16
DIGEST_SIZE: Final = 32
CHARTER_SIZE: Final = 32
MAX_PART: Final = 2**32 - 1
MAX_PACKET: Final = 4_000_000
"""Bytes of one file: a part."""
MAX_LOGS: Final = 128
"""Logs of which one part has leaves."""

_FIELDS: Final = (
    "from",
    "to",
    "charter",
    "packet",
    "part",
    "leaves",
    "suite",
    "key",
    "body",
    "digest",
)
_MAX_NUMBER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The leaves `start <= index < end` of a log that a part has."""

    origin: Origin
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketHeader:
    """What the sender signs of one part.

    Attributes:
        sender: the current log of the node that made the packet.
        receiver: the current log of the node that may open it.
        charter: the alliance of both under which the receiver's sealing key was taken.
        packet: 16 random bytes, the same in all parts.
        part: from 1 on.
        last: whether no part comes after this one.
        leaves: in this part, of all logs.
        suite: in which the body is sealed (SPEC §9.5).
        key: id of the receiver's sealing key, 16 bytes.
        body: bytes of the sealed body.
        digest: SHA-256 of the sealed body.
        spans: by log, what of it is here.
    """

    sender: Origin
    receiver: Origin
    charter: CharterId
    packet: bytes
    part: int
    last: bool
    leaves: int
    suite: int
    key: bytes
    body: int
    digest: bytes
    spans: tuple[Span, ...]

    def to_text(self) -> str:
        """Write the text of the note."""
        lines = [
            FORMAT,
            f"from {self.sender}",
            f"to {self.receiver}",
            f"charter {self.charter.hex()}",
            f"packet {self.packet.hex()}",
            f"part {self.part} {'last' if self.last else 'more'}",
            f"leaves {self.leaves}",
            f"suite {self.suite}",
            f"key {self.key.hex()}",
            f"body {self.body}",
            f"digest {b64(self.digest)}",
            *(f"log {span.origin} {span.start} {span.end}" for span in self.spans),
        ]
        return "\n".join(lines) + "\n"


def parse_header(text: str) -> PacketHeader:
    """Read a header; only what `to_text` writes is accepted.

    Raises:
        RefusedError: `packet.malformed`.
    """
    try:
        header = _read(text)
    except (ValueError, FormatError) as error:
        raise malformed("the header has not the lines of the specification") from error
    if header.to_text() != text:
        raise malformed("the header is not in its one canonical form")
    origins = [header.sender, header.receiver, *(span.origin for span in header.spans)]
    if not all(map(ORIGIN_FORM.fullmatch, origins)):
        raise malformed("a line of its header names no log")
    if len({span.origin for span in header.spans}) != len(header.spans):
        raise malformed("a log stands in its header twice")
    lengths = [span.end - span.start for span in header.spans]
    if sum(lengths) != header.leaves or min(lengths, default=0) < 0:
        raise malformed("its logs have not so many leaves as the header says")
    return header


def open_body(header: PacketHeader, body: bytes, secrets: Mapping[bytes, bytes]) -> bytes:
    """Open the sealed body of a part whose header is verified.

    Args:
        header: of this part.
        body: as it stands in the file.
        secrets: our sealing secrets of suite 1, by key id.

    Raises:
        RefusedError: `packet.truncated`, `packet.altered`, `packet.suite`, `packet.key` or
            `packet.sealed`, in this order.
    """
    if len(body) != header.body:
        message = f"expected a body of {header.body} bytes, got {len(body)}; copy it again"
        raise RefusedError("packet.truncated", message)
    if sha256(body).digest() != header.digest:
        message = "its body is not the one that the sender signed; copy it again"
        raise RefusedError("packet.altered", message)
    if header.suite not in SEALING_SUITES:
        message = f"it is sealed in suite {header.suite}; a newer program reads it"
        raise RefusedError("packet.suite", message)
    secret = secrets.get(header.key)
    if secret is None:
        message = (
            f"it is sealed to the key {header.key.hex()}, which is not in DIR/keys/sealing.key; "
            "let its sender adopt the newest charter, and ask for a new one"
        )
        raise RefusedError("packet.key", message)
    info = packet_info(header.charter, header.sender, header.receiver, header.packet, header.part)
    try:
        return unseal_with(header.suite, secret, info, body)
    except SealError as error:
        message = "it was not sealed for the place that its header names; ask for a new one"
        raise RefusedError("packet.sealed", message) from error


def malformed(problem: str) -> RefusedError:
    """Make the refusal of what is no packet."""
    message = f"expected a file made by `huxin packet export`: {problem}; export it again"
    return RefusedError("packet.malformed", message)


def _read(text: str) -> PacketHeader:
    first, *lines = text.removesuffix("\n").split("\n")
    fixed = dict(zip(_FIELDS, lines, strict=False))
    if first != FORMAT or len(fixed) != len(_FIELDS) or len(lines) > len(_FIELDS) + MAX_LOGS:
        raise ValueError(first[:32])
    value = {name: line.removeprefix(f"{name} ") for name, line in fixed.items()}
    part, _, more = value["part"].partition(" ")
    spans: list[Span] = []
    for line in lines[len(_FIELDS) :]:
        word, origin, start, end = line.split(" ")
        if word != "log":
            raise ValueError(word[:32])
        spans.append(Span(origin=Origin(origin), start=_number(start), end=_number(end)))
    charter, packet, key = (bytes.fromhex(value[name]) for name in ("charter", "packet", "key"))
    digest = b64_strict(value["digest"])
    sizes = [len(charter), len(packet), len(key), len(digest)]
    if sizes != [CHARTER_SIZE, ID_SIZE, SEALING_KEY_ID_SIZE, DIGEST_SIZE]:
        raise ValueError("charter, packet, key, digest")
    return PacketHeader(
        sender=Origin(value["from"]),
        receiver=Origin(value["to"]),
        charter=CharterId(charter),
        packet=packet,
        part=_number(part, 1, MAX_PART),
        last=more == "last",
        leaves=_number(value["leaves"]),
        suite=_number(value["suite"], 1, MAX_SUITE),
        key=key,
        body=_number(value["body"]),
        digest=digest,
        spans=tuple(spans),
    )


def _number(text: str, low: int = 0, high: int = _MAX_NUMBER) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ValueError(text[:32])
    if not low <= (number := int(text)) <= high:
        raise ValueError(text[:32])
    return number
