"""Sealed documents: SPEC §8.4."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from tests.independent import forms
from tests.independent.forms import Key, demand, sha256

ACTIVE = [
    "JS",
    "JavaScript",
    "AA",
    "OpenAction",
    "Launch",
    "URI",
    "GoToR",
    "GoToE",
    "Thread",
    "Named",
    "SubmitForm",
    "ResetForm",
    "ImportData",
    "Hide",
    "SetOCGState",
    "Rendition",
    "Trans",
    "RichMedia",
    "RichMediaExecute",
    "GoTo3DView",
    "Movie",
    "Sound",
    "Screen",
    "Widget",
    "AcroForm",
    "XFA",
    "OCProperties",
    "OCG",
    "OCMD",
    "Encrypt",
    "Crypt",
    "ObjStm",
    "ASCIIHexDecode",
    "AHx",
    "ASCII85Decode",
    "A85",
    "LZWDecode",
    "LZW",
    "RunLengthDecode",
    "RL",
    "JBIG2Decode",
]
SEAL = re.compile(rb"\n%huxin-seal (\S+) ([0-9a-f]{8}) ([A-Za-z0-9+/]{86}==)\nstartxref")
NAME = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*)")
MOST, INFLATED = 16 * 2**20, 64 * 2**20


def names(data: bytes) -> set[bytes]:
    """Every name that the bytes spell, `#xx` resolved."""
    return {plain(name) for name in set(NAME.findall(data))}


def plain(name: bytes) -> bytes:
    """A name with `#xx` resolved."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), name)


def streams(data: bytes) -> Iterator[bytes]:
    """What the streams inflate to."""
    at = left = 0
    while begin := re.compile(rb"(?<!end)stream\r?\n").search(data, at):
        end = data.find(b"endstream", begin.end())
        demand(end >= 0)
        head = data[max(data.rfind(b" obj", 0, begin.start()), 0) : begin.start()]
        at, count = end + 9, [*map(plain, NAME.findall(head))].count(b"FlateDecode")
        demand(count < 2)
        if count:
            unpack = zlib.decompressobj()
            try:
                inflated = unpack.decompress(data[begin.end() : end], INFLATED - left + 1)
            except zlib.error:
                inflated = b""
            left += len(inflated)
            demand(unpack.eof and left <= INFLATED)
            yield inflated


def sealed(data: bytes, keys: list[Key]) -> None:
    """A verifier's refusals, in no order."""
    demand(len(data) <= MOST and data.startswith(b"%PDF-") and data.endswith(b"%%EOF\n"))
    demand(data.count(b"startxref") == data.count(b"%%EOF") == data.count(b"%huxin-seal") == 1)
    seal = SEAL.search(data)
    if seal is None:
        return demand(condition=False)
    forbidden = {name.encode() for name in ACTIVE}
    demand(not any(names(part) & forbidden for part in (data, *streams(data))))
    known = [k for k in keys if (k.name.encode(), k.key_id.hex().encode()) == seal.groups()[:2]]
    demand(known and known[0].kind == 1)
    signature = forms.base64_bytes(seal[3].decode(), 64)
    digest = sha256(data[: seal.start(3)], data[seal.end(3) :])
    message = b"huxin/document/v1\n" + seal[1] + b"\n" + digest
    return demand(forms.signed(known[0].public, message, signature))
