"""Documents for people, sealed whole by one line: 电子印章 (SPEC §8.4).

The seal is a comment directly before the file's only ``startxref``. It covers every byte of the
file but its own value, so that what people read is bound as well as what is attached. A file with
a later revision, a trailing byte, a script, a form, a layer or a stream that cannot be looked into
is refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from crypto import _ed25519
from crypto.errors import FormatError, SignatureError
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.strict import b64, b64_strict

MAX_DOCUMENT: Final = 16 * 2**20
"""Bytes of a file."""

FORBIDDEN: Final = frozenset(
    name.encode()
    for name in [
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
)
"""Names that no byte and no stream of a document may spell."""

_MAX_INFLATED: Final = 64 * 2**20
_BEGIN: Final = b"%PDF-"
_END: Final = b"%%EOF\n"
_START: Final = b"startxref"
_MARK: Final = b"%huxin-seal"
_CONTEXT: Final = b"huxin/document/v1\n"
_SEAL: Final = re.compile(rb"\n%huxin-seal (\S+) ([0-9a-f]{8}) ([A-Za-z0-9+/]{86}==)\nstartxref")
_NAME: Final = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*)")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_END_STREAM: Final = b"endstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDocument:
    """A file in the form of a sealed document. Its seal is not verified.

    Attributes:
        name: of the key that is said to have sealed it.
        key_id: of that key, 4 bytes.
        unsealed: the file as it was before it was sealed.
        streams: what its streams hold, inflated, in the order of the file.
    """

    name: str
    key_id: bytes
    signature: bytes
    digest: bytes
    unsealed: bytes
    streams: tuple[bytes, ...]


def seal_document(unsealed: bytes, signer: Signer) -> bytes:
    """Seal a PDF as a writer made it, with or without a newline at its end.

    Args:
        unsealed: the file, of one revision.
        signer: the node's document key, of type 0x01.

    Raises:
        FormatError: it is no document that may be sealed, say because chance spells a forbidden
            name: make it anew with another document id.
        SignatureError: a key of another type.
    """
    if signer.type is not KeyType.NOTE:
        msg = f"key {signer.name} of type {signer.type:#04x} cannot seal documents"
        raise SignatureError(msg)
    body, start, rest = unsealed.removesuffix(b"\n").rpartition(_START)
    before = body + b"%s %s %s " % (
        _MARK,
        signer.name.encode(),
        signer.verifier.key_id.hex().encode(),
    )
    after = b"\n" + start + rest + b"\n"
    digest = sha256(before + after).digest()
    signature = signer.sign_raw(_message(signer.name, digest))
    sealed = before + b64(signature).encode() + after
    verify_document(read_document(sealed), [signer.verifier])
    return sealed


def read_document(data: bytes) -> SealedDocument:
    """Read a sealed document and look into all of it; verify the seal afterwards.

    Raises:
        FormatError: too long, another revision or byte beside it, a forbidden name, or a stream
            that cannot be looked into.
    """
    if len(data) > MAX_DOCUMENT or not data.startswith(_BEGIN) or not data.endswith(_END):
        msg = f"expected one PDF of at most {MAX_DOCUMENT} bytes and nothing after its end"
        raise FormatError(msg)
    for once in (_START, _END.rstrip(), _MARK):
        if (count := data.count(once)) != 1:
            msg = f"expected {once.decode()} once in the file, got it {count} times"
            raise FormatError(msg)
    seal = _SEAL.search(data)
    if seal is None:
        msg = "expected the seal as one line directly before startxref"
        raise FormatError(msg)
    streams = tuple(_streams(data))
    for part in (data, *streams):
        if spelled := FORBIDDEN.intersection(_names(part)):
            msg = f"expected no active content, got /{min(spelled).decode()}"
            raise FormatError(msg)
    try:
        name = seal[1].decode()
    except UnicodeDecodeError as error:
        msg = "the name of the seal's key is not UTF-8"
        raise FormatError(msg) from error
    return SealedDocument(
        name=name,
        key_id=bytes.fromhex(seal[2].decode()),
        signature=b64_strict(seal[3].decode()),
        digest=sha256(data[: seal.start(3)] + data[seal.end(3) :]).digest(),
        unsealed=data[: seal.start() + 1] + data[seal.end(3) + 1 : -1],
        streams=streams,
    )


def verify_document(document: SealedDocument, keys: Sequence[VerifierKey]) -> VerifierKey:
    """Check that one of these keys sealed the document.

    Args:
        document: as read.
        keys: document keys of the node that is said to have made it.

    Returns:
        The key.

    Raises:
        SignatureError: the seal is of another key, or is not good.
    """
    for key in keys:
        if (key.name, key.key_id, key.type) == (document.name, document.key_id, KeyType.NOTE):
            _ed25519.verify(key.public, document.signature, _message(key.name, document.digest))
            return key
    msg = f"the seal is of {document.name} {document.key_id.hex()}, no document key of the node"
    raise SignatureError(msg)


def _message(name: str, digest: bytes) -> bytes:
    return _CONTEXT + name.encode() + b"\n" + digest


def _names(data: bytes) -> list[bytes]:
    """Every name that the bytes spell, `#xx` resolved; each as often as it stands there."""
    found: list[bytes] = _NAME.findall(data)
    return [
        _ESCAPE.sub(lambda digits: bytes([int(digits[1], 16)]), name) if b"#" in name else name
        for name in found
    ]


def _streams(data: bytes) -> Iterator[bytes]:
    at, left = 0, _MAX_INFLATED
    while begin := _STREAM.search(data, at):
        end = data.find(_END_STREAM, begin.end())
        if end < 0:
            msg = "expected every stream to end"
            raise FormatError(msg)
        head = data[max(data.rfind(b" obj", 0, begin.start()), 0) : begin.start()]
        count = _names(head).count(b"FlateDecode")
        at = end + len(_END_STREAM)
        if count > 1:
            msg = "expected a stream to be packed once"
            raise FormatError(msg)
        if count:
            inflated = _inflate(data[begin.end() : end], left)
            left -= len(inflated)
            yield inflated
        else:
            yield data[begin.end() : end]


def _inflate(packed: bytes, limit: int) -> bytes:
    unpack = zlib.decompressobj()
    try:
        inflated = unpack.decompress(packed, limit + 1)
    except zlib.error as error:
        msg = f"expected a stream that inflates: {error}"
        raise FormatError(msg) from error
    if len(inflated) > limit or not unpack.eof:
        msg = f"expected streams that inflate to at most {_MAX_INFLATED} bytes and come to an end"
        raise FormatError(msg)
    return inflated
