"""Sealed documents 电子印章 as known answers, made by hand (SPEC §8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from hashlib import sha256

import pytest

from crypto.document import read_document, seal_document, verify_document
from crypto.errors import CryptoError, FormatError, SignatureError
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.strict import b64
from tests.independent import forms, seal_rules
from tests.support.vectors import bytes_case, bytes_of, compare, held

NODE = "510500.huxin.example"
KEY = Signer(name=f"{NODE}/document", type=KeyType.NOTE, seed=bytes([6]) * 32)
OTHER = Signer(name=f"{NODE}/document", type=KeyType.NOTE, seed=bytes([7]) * 32)
LOG = Signer(name=f"{NODE}/1", type=KeyType.NOTE, seed=bytes([1]) * 32)
PAGE = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
HEAD, END = b"%PDF-1.7\n", b"startxref\n9\n%%EOF\n"


def seal(body: bytes, by: Signer = KEY, end: bytes = END, start: bytes = HEAD) -> bytes:
    """A file with this body, sealed as it stands."""
    before = start + body + f"%huxin-seal {by.name} {by.verifier.key_id.hex()} ".encode()
    after = b"\n" + end
    message = b"huxin/document/v1\n" + by.name.encode() + b"\n" + sha256(before + after).digest()
    return before + b64(by.sign_raw(message)).encode() + after


def stream(content: bytes, more: bytes = b"/Filter/FlateDecode", *, raw: bool = False) -> bytes:
    packed = content if raw else zlib.compress(content, 9)
    head = b"3 0 obj\n<</Length %d%s>>\nstream\n" % (len(packed), more)
    return PAGE + head + packed + b"\nendstream\nendobj\n"


def files() -> Iterator[tuple[str, bytes, bool]]:
    yield "a document", seal(PAGE), True
    yield "with a stream", seal(stream(b"BT (x) Tj ET")), True
    yield "with a stream that is not packed", seal(stream(b"BT ET", b"", raw=True)), True
    yield "names that only begin so", seal(PAGE + b"%/JSON /AAA /Launcher /S/GoTo\n"), True
    for name in seal_rules.ACTIVE:
        yield f"/{name}", seal(PAGE.replace(b"/Pages", f"/{name} 9 0 R/Pages".encode())), False
    yield "/J#53", seal(PAGE.replace(b"/Pages", b"/J#53(x)/Pages")), False
    yield "/#4a#61vaScript", seal(PAGE.replace(b"/Pages", b"/#4a#61vaScript(x)/Pages")), False
    yield "/JS in a stream", seal(stream(b"<</JS(x)>>")), False
    yield "/J#53 in a stream", seal(stream(b"<</J#53(x)>>")), False
    yield "/AA in a stream that is not packed", seal(stream(b"<</AA 1>>", b"", raw=True)), False
    twice = b"/Filter[/FlateDecode/FlateDecode]"
    yield "a stream packed twice", seal(stream(zlib.compress(b"x"), twice)), False
    yield "a stream that does not inflate", seal(
        stream(b"x", b"/Filter/FlateDecode", raw=True)), False  # fmt: skip
    cut = zlib.compress(b"x" * 99)[:-4]
    yield "a stream cut short", seal(stream(cut, b"/Filter/FlateDecode", raw=True)), False
    yield "a stream without end", seal(stream(b"x").replace(b"endstream", b"endstrea")), False
    hidden = stream(b"<</JS(x)>>", b"/Filter/Fl#61teDecode")
    yield "/JS in a stream whose filter is spelled with #", seal(hidden), False
    good = seal(PAGE)
    yield "a byte changed", good.replace(b"Catalog", b"Catalof"), False
    yield "another key of the name", seal(PAGE, OTHER), False
    yield "the log's key", seal(PAGE, LOG), False
    yield "no seal", HEAD + PAGE + END, False
    yield "two seals", seal(good[len(HEAD) : -len(END)]), False
    yield "a later revision", seal(PAGE, end=END + PAGE + END), False
    yield "a second startxref", seal(PAGE + b"%startxref\n"), False
    yield "something between seal and startxref", seal(PAGE, end=b"%\n" + END), False
    yield "a trailing newline", seal(PAGE, end=END + b"\n"), False
    yield "no newline at the end", seal(PAGE, end=END[:-1]), False
    yield "something before", seal(PAGE, start=b"\n" + HEAD), False


def test_vectors_of_seals() -> None:
    about = (
        "`file` is a document, `file_hex` one that is no text; `result` is ok where its seal holds "
        "under one of the document keys `keys` (vkeys), none of which was ever withdrawn."
    )
    cases = [
        bytes_case(name, data, "file", result="ok" if good else "refused")
        for name, data, good in files()
    ]
    compare("seals", "8.4", about, cases, keys=[str(KEY.verifier)])
    known = [forms.vkey(key) for key in held("seals")["keys"]]
    for case in held("seals")["cases"]:
        try:
            seal_rules.sealed(bytes_of(case, "file"), known)
            result = "ok"
        except forms.Refused:
            result = "refused"
        assert result == case["result"], case["name"]


def test_our_own_reader_answers_them_too() -> None:
    known = [VerifierKey.parse(key) for key in held("seals")["keys"]]
    for case in held("seals")["cases"]:
        try:
            verify_document(read_document(bytes_of(case, "file")), known)
            result = "ok"
        except CryptoError:
            result = "refused"
        assert result == case["result"], case["name"]


def test_what_we_seal_is_what_was_made() -> None:
    unsealed = HEAD + stream(b"BT (x) Tj ET") + END
    document = read_document(seal_document(unsealed, KEY))
    assert document.unsealed == unsealed.removesuffix(b"\n")
    assert document.streams == (b"BT (x) Tj ET",)
    assert verify_document(document, [OTHER.verifier, KEY.verifier]) == KEY.verifier
    with pytest.raises(FormatError, match="/JS"):
        seal_document(HEAD + PAGE + b"<</JS(x)>>\n" + END, KEY)
    with pytest.raises(SignatureError):
        seal_document(unsealed, Signer(name="x/head", type=KeyType.COSIGNATURE, seed=bytes(32)))
