"""Cases of SPEC §9.8 for `tests/vectors/packets.json`: whole parts, taken and refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final

from crypto.cosignature import cosign
from crypto.hpke import sealing_key_id, sealing_public
from crypto.keys import KeyType, Signer
from crypto.notes import Note, SignatureLine, sign_note
from federation.ids import CharterId, Origin
from federation.peers.packets import PacketHeader, Span
from federation.peers.sealing import packet_info
from tests.support.hpke_by_hand import seal_by_hand

Case = dict[str, Any]

OWN, SENDER, LOG = map(Origin, ("510300.huxin.example/1", "510500.huxin.example/2", "511000.x/1"))
FORMER, STRANGER = Origin("510500.huxin.example/1"), Origin("510700.huxin.example/1")
ALLIANCE, FOREIGN = CharterId(bytes([0xC1]) * 32), CharterId(bytes([0xC2]) * 32)
SECRET: Final = bytes([0x21]) * 32
PUBLIC = sealing_public(SECRET)
PACKET, OTHER_PACKET = bytes([0x51]) * 16, bytes([0x52]) * 16
TIME: Final = 1_790_000_000
FRAMES: Final = bytes.fromhex("000000020a00")  # one empty Subscribe


def signer(name: str, seed: int, kind: KeyType = KeyType.COSIGNATURE) -> Signer:
    return Signer(name=name, type=kind, seed=bytes([seed]) * 32)


HEAD, NEW_HEAD = signer("510500.huxin.example/head", 2), signer("510500.huxin.example/head", 12)
OTHER_HEAD = signer("511000.x/head", 3)
LOG_KEY = signer(SENDER, 1, KeyType.NOTE)
MEMBERS: Final = [
    {
        "origin": SENDER,
        "charters": [ALLIANCE.hex()],
        "head": [str(HEAD.verifier), str(NEW_HEAD.verifier)],
    },
    {"origin": LOG, "charters": [ALLIANCE.hex()], "head": [str(OTHER_HEAD.verifier)]},
]
HELD: Final = {LOG: 3}


def header(body: bytes, spans: Sequence[Span] = (), **changed: Any) -> PacketHeader:
    fields: dict[str, Any] = {
        "sender": SENDER,
        "receiver": OWN,
        "charter": ALLIANCE,
        "packet": PACKET,
        "part": 1,
        "last": True,
        "leaves": sum(span.end - span.start for span in spans),
        "suite": 1,
        "key": sealing_key_id(1, PUBLIC),
        "body": len(body),
        "digest": sha256(body).digest(),
        "spans": tuple(spans),
    }
    return PacketHeader(**(fields | changed))


def sealed(frames: bytes = FRAMES) -> bytes:
    info = packet_info(ALLIANCE, SENDER, OWN, PACKET, 1)
    return seal_by_hand(bytes([0x41]) * 32, PUBLIC, info, frames)


BODY = sealed()
TEXT = header(BODY).to_text()


def line(text: str, by: Signer = HEAD, time: int = TIME) -> SignatureLine:
    return cosign(text, by, time)


def part(text: str, *lines: SignatureLine, body: bytes = BODY) -> bytes:
    note = Note(text=text, signatures=lines or (line(text),)).to_bytes()
    return f"huxin-packet/1 {len(note)}\n".encode() + note + body


def spans(*places: tuple[Origin, int, int]) -> str:
    found = [Span(origin=origin, start=start, end=end) for origin, start, end in places]
    return header(BODY, found).to_text()


def parts() -> Iterator[tuple[str, str, bytes, dict[str, Any]]]:
    """Name, result, bytes, and what was taken before of the sender."""
    bad = SignatureLine(name=HEAD.name, key_id=HEAD.verifier.key_id, signature=bytes(72))
    same = {"packet": PACKET.hex(), "time": TIME}
    other = {"packet": OTHER_PACKET.hex(), "time": TIME}
    yield "a part", "ok", part(TEXT), {}
    yield "by the other head key", "ok", part(TEXT, line(TEXT, NEW_HEAD)), {}
    yield "a stranger's line besides", "ok", part(TEXT, line(TEXT, OTHER_HEAD), line(TEXT)), {}
    yield "the same packet again", "ok", part(TEXT), same
    yield "later than the one taken", "ok", part(TEXT), {**other, "time": TIME - 1}
    both = part(TEXT, line(TEXT), line(TEXT, NEW_HEAD, TIME + 1))
    yield "the later one of two times counts", "ok", both, other
    yield "it begins where we end", "ok", part(spans((LOG, 3, 5))), {}
    yield "it begins before", "ok", part(spans((LOG, 0, 5), (STRANGER, 0, 1))), {}
    for name, data in malformed():
        yield name, "packet.malformed", data, {}

    def said(**changed: Any) -> bytes:
        return part(header(BODY, **changed).to_text())

    yield "to another node", "packet.other-receiver", said(receiver=LOG), {}
    both_wrong = said(receiver=LOG, sender=STRANGER)
    yield "to another node, by a stranger", "packet.other-receiver", both_wrong, {}
    yield "by a stranger", "packet.sender", said(sender=STRANGER), {}
    yield "by a log of before", "packet.sender", said(sender=FORMER), {}
    yield "under an alliance not shared", "packet.sender", said(charter=FOREIGN), {}
    unsigned = "packet.signature"
    yield "by another member's head", unsigned, part(TEXT, line(TEXT, OTHER_HEAD)), {}
    by_log = sign_note(TEXT, [LOG_KEY]).signatures
    yield "by the log key", unsigned, part(TEXT, *by_log), {}
    yield "over another text", unsigned, part(TEXT, line(spans((LOG, 0, 1)))), {}
    yield "a good and a bad line", unsigned, part(TEXT, line(TEXT), bad), {}
    alone = SignatureLine(name=HEAD.name, key_id=bad.key_id, signature=line(TEXT).signature[8:])
    yield "without a time", unsigned, part(TEXT, alone), {}
    yield "bad, and its body cut", unsigned, part(TEXT, bad, body=BODY[:-1]), {}
    yield "body cut short", "packet.truncated", part(TEXT, body=BODY[:-1]), {}
    yield "something after", "packet.truncated", part(TEXT, body=BODY + b"x"), {}
    changed = BODY[:-1] + bytes([BODY[-1] ^ 1])
    yield "body changed", "packet.altered", part(TEXT, body=changed), {}
    yield "cut short, and of before", "packet.truncated", part(TEXT, body=BODY[:-1]), other
    yield "another one of the same time", "packet.replayed", part(TEXT), other
    yield "of before", "packet.replayed", part(TEXT), {**other, "time": TIME + 1}
    yield "of before, with a gap", "packet.replayed", part(spans((LOG, 4, 5))), other
    yield "a gap", "packet.gap", part(spans((LOG, 4, 5))), {}
    yield "a gap in a log not held", "packet.gap", part(spans((STRANGER, 1, 2))), {}


def malformed() -> Iterator[tuple[str, bytes]]:
    whole = part(TEXT)
    first = whole.partition(b"\n")[0]

    def text(old: str, new: str) -> bytes:
        assert old in TEXT
        return part(TEXT.replace(old, new, 1))

    def opened(frames: bytes) -> bytes:
        body = sealed(frames)
        return part(header(body).to_text(), body=body)

    yield "nothing", b""
    yield "no first line", whole.partition(b"\n")[2]
    yield "a first line of a later form", whole.replace(b"packet/1", b"packet/2", 1)
    yield "a length that begins with 0", whole.replace(b"packet/1 ", b"packet/1 0", 1)
    yield "a length without the last byte", whole.replace(
        first, b"huxin-packet/1 %d" % (int(first[15:]) - 1), 1)  # fmt: skip
    yield "a length of 0", whole.replace(first, b"huxin-packet/1 0", 1)
    note = f"{TEXT}\n".encode()
    yield "a note without lines", b"huxin-packet/1 %d\n" % len(note) + note + BODY
    yield "a text of a later form", text("huxin-packet/1", "huxin-packet/2")
    yield "a line too few", text("suite 1\n", "")
    yield "a line too many", part(f"{TEXT}note x\n")
    yield "lines exchanged", text("leaves 0\nsuite 1\n", "suite 1\nleaves 0\n")
    yield "two blanks", text("suite 1", "suite  1")
    tab = TEXT.replace("suite 1", "suite\t1")
    signed = f"{tab}\n{line(tab)}".encode()
    yield "tabulator", b"huxin-packet/1 %d\n" % len(signed) + signed + BODY
    yield "hex in capitals", text(ALLIANCE.hex(), ALLIANCE.hex().upper())
    yield "a number that begins with 0", text("part 1", "part 01")
    yield "digits that are not ASCII", text("leaves 0", "leaves \N{ARABIC-INDIC DIGIT ZERO}")
    yield "part 0", text("part 1", "part 0")
    yield "part 2^32", text("part 1", f"part {2**32}")
    yield "neither more nor last", text("last", "final")
    yield "suite 0", text("suite 1", "suite 0")
    yield "suite 256", text("suite 1", "suite 256")
    yield "a key id of 15 bytes", part(header(BODY, key=bytes(15)).to_text())
    yield "a packet id of 17 bytes", part(header(BODY, packet=bytes(17)).to_text())
    yield "a digest of 31 bytes", part(header(BODY, digest=bytes(31)).to_text())
    yield "a sender that is no origin", text(f"from {SENDER}", "from 510500.huxin.example")
    yield "a log that is no origin", part(f"{TEXT}log 511000.x 0 0\n")
    yield "a log twice", part(spans((LOG, 0, 1), (LOG, 1, 2)))
    yield "a log that ends before it begins", part(spans((LOG, 2, 1), (STRANGER, 0, 1)))
    yield "fewer leaves than said", part(header(BODY, leaves=1).to_text())
    more = spans((LOG, 0, 2)).replace("leaves 2", "leaves 1")
    yield "more leaves than said", part(more)
    many = [(Origin(f"{n}.x/1"), 0, 0) for n in range(129)]
    yield "129 logs", part(spans(*many))
    yield "a frame cut short", opened(FRAMES[:-1])
    yield "three bytes of a length", opened(FRAMES + bytes(3))
    yield "a frame that is no message", opened(bytes.fromhex("00000001ff"))


def cases() -> list[Case]:
    return [
        {"name": name, "part": data.hex(), "last": taken, "result": result}
        for name, result, data, taken in parts()
    ]


ABOUT: Final = (
    "`part` (hex) is a file that comes to the node with the log `own`. `members` are the others of "
    "the charters that it shares: the current log, the charters (hex), and the vkeys of their "
    "heads. `secrets` are its X25519 secrets, `held` the leaves that it holds of each log, `last` "
    "the packet of this sender that was taken last, with its time, if any. Of a part that is ok "
    "nothing is said of its frames. Bodies that are sealed otherwise are in sealing.json."
)
MORE: Final = {
    "own": OWN,
    "members": MEMBERS,
    "secrets": [SECRET.hex()],
    "held": HELD,
}
