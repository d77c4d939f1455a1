"""Which Ed25519 keys and signatures are refused (SPEC §3.1): crafted, none is met by chance."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256, sha512

import pytest
from nacl.bindings import crypto_core_ed25519_add, crypto_sign_open

from crypto import _ed25519
from crypto.errors import CryptoError, SignatureError
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.strict import b64
from tests.support.vectors import compare, held

ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
SEED = bytes([1]) * 32
MESSAGE = b"510500.huxin.example/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
IDENTITY = (1).to_bytes(32, "little")
ORDER_TWO = (PRIME - 1).to_bytes(32, "little")
ORDER_FOUR = bytes(32)
ORDER_EIGHT = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
PUBLIC = _ed25519.keypair(SEED)[0]
ABOUT = (
    "Public key, message and signature in hexadecimal. `result` is ok or refused. The neutral R "
    "fulfils the equation of RFC 8032 5.1.7; the cases named cofactored do so only after "
    "multiplication by 8."
)


def scalar() -> int:
    """The secret scalar of the seed."""
    half = bytearray(sha512(SEED).digest()[:32])
    half[0] &= 248
    half[31] = half[31] & 127 | 64
    return int.from_bytes(half, "little")


def fitting(r: bytes, message: bytes = MESSAGE) -> bytes:
    """A signature with this R, whose S fits as if R were the neutral point."""
    k = int.from_bytes(sha512(r + PUBLIC + message).digest(), "little")
    return r + (k * scalar() % ORDER).to_bytes(32, "little")


def shifted() -> bytes:
    """A signature whose R was moved by a point of order 2, with the S that belongs to it."""
    nonce = int.from_bytes(sha512(sha512(SEED).digest()[32:] + MESSAGE).digest(), "little")
    honest = _ed25519.sign(MESSAGE, _ed25519.keypair(SEED)[1])[:32]
    r = crypto_core_ed25519_add(honest, ORDER_TWO)
    k = int.from_bytes(sha512(r + PUBLIC + MESSAGE).digest(), "little")
    return r + ((nonce + k * scalar()) % ORDER).to_bytes(32, "little")


def made() -> list[dict[str, str]]:
    good = _ed25519.sign(MESSAGE, _ed25519.keypair(SEED)[1])
    s = int.from_bytes(good[32:], "little")
    mixed = crypto_core_ed25519_add(PUBLIC, ORDER_TWO)
    table: list[tuple[str, bytes, bytes, str]] = [
        ("good", PUBLIC, good, "ok"),
        ("another message's", PUBLIC, _ed25519.sign(b"x", _ed25519.keypair(SEED)[1]), "refused"),
        (
            "S plus the group order",
            PUBLIC,
            good[:32] + (s + ORDER).to_bytes(32, "little"),
            "refused",
        ),
        ("S with its highest bit set", PUBLIC, good[:63] + bytes([good[63] | 0x80]), "refused"),
        ("R is the neutral point", PUBLIC, fitting(IDENTITY), "refused"),
        (
            "R is the neutral point in another spelling",
            PUBLIC,
            fitting((PRIME + 1).to_bytes(32, "little")),
            "refused",
        ),
        ("R of order 2, cofactored", PUBLIC, fitting(ORDER_TWO), "refused"),
        ("R of order 4, cofactored", PUBLIC, fitting(ORDER_FOUR), "refused"),
        ("R of order 8, cofactored", PUBLIC, fitting(ORDER_EIGHT), "refused"),
        ("R plus a point of order 2, cofactored", PUBLIC, shifted(), "refused"),
        ("key is the neutral point", IDENTITY, IDENTITY + bytes(32), "refused"),
        ("key of order 2", ORDER_TWO, IDENTITY + bytes(32), "refused"),
        ("key of order 8", ORDER_EIGHT, IDENTITY + bytes(32), "refused"),
        (
            "key in another spelling",
            (PRIME + 1).to_bytes(32, "little"),
            IDENTITY + bytes(32),
            "refused",
        ),
        ("key outside the prime-order subgroup", mixed, good, "refused"),
        ("key that is no point", bytes([2]) + bytes(31), good, "refused"),
        ("signature of 63 bytes", PUBLIC, good[:63], "refused"),
        ("signature of 65 bytes", PUBLIC, good + b"\x00", "refused"),
    ]
    return [
        {
            "name": name,
            "public": public.hex(),
            "message": MESSAGE.hex(),
            "signature": signature.hex(),
            "result": result,
        }
        for name, public, signature, result in table
    ]


def verdict(check: Callable[[bytes, bytes, bytes], None], case: dict[str, str]) -> str:
    try:
        check(*(bytes.fromhex(case[name]) for name in ("public", "signature", "message")))
    except CryptoError:
        return "refused"
    return "ok"


def check(public: bytes, signature: bytes, message: bytes) -> None:
    _ed25519.check_public(public)
    _ed25519.verify(public, signature, message)


def test_vectors_of_signatures() -> None:
    compare("signatures", "3.1", ABOUT, made())
    for case in held("signatures")["cases"]:
        assert verdict(check, case) == case["result"], case["name"]


def test_the_neutral_r_fits_the_equation() -> None:
    """So that the case says something: S·B = R + k·A holds, as a reader without the rule finds."""
    signature = fitting(IDENTITY)
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(IDENTITY + PUBLIC + MESSAGE).digest(), "little")
    assert (s - k * scalar()) % ORDER == 0


NAME = "510500.huxin.example/head"


def vkey(kind: int, public: bytes, name: str = NAME, key_id: bytes = b"") -> str:
    material = bytes([kind]) + public
    found = key_id or sha256(f"{name}\n".encode() + material).digest()[:4]
    return f"{name}+{found.hex()}+{b64(material)}"


def keys() -> list[dict[str, str]]:
    good = vkey(4, PUBLIC)
    table = [
        ("log key", vkey(1, PUBLIC, "510500.huxin.example/1"), "ok"),
        ("cosigner", good, "ok"),
        ("another key id", vkey(4, PUBLIC, key_id=b"abcd"), "refused"),
        (
            "key id in upper case",
            good.replace(good.split("+")[1], good.split("+")[1].upper()),
            "refused",
        ),
        ("type 02", vkey(2, PUBLIC), "refused"),
        ("type 06, reserved: ML-DSA-44", vkey(6, bytes(1312)), "refused"),
        ("type ff, reserved: SM2", vkey(0xFF, b"huxin/sm2/v1" + bytes(65)), "refused"),
        ("31 bytes", vkey(4, PUBLIC[:31]), "refused"),
        ("small order", vkey(4, ORDER_EIGHT), "refused"),
        (
            "outside the prime-order subgroup",
            vkey(4, crypto_core_ed25519_add(PUBLIC, ORDER_TWO)),
            "refused",
        ),
        ("y not below p", vkey(4, b"\xee" + b"\xff" * 30 + b"\x7f"), "refused"),
        ("no point of the curve", vkey(4, b"\x02" + bytes(31)), "refused"),
        ("33 bytes", vkey(4, PUBLIC + b"\0"), "refused"),
        ("a key id of 3 bytes", vkey(4, PUBLIC, key_id=b"abc"), "refused"),
        ("two parts", f"{NAME}+{good.split('+')[1]}", "refused"),
        ("a control character in the name", vkey(4, PUBLIC, f"{NAME}\x01"), "refused"),
        ("a plus in the name", vkey(4, PUBLIC, f"a+{NAME}"), "refused"),
        ("an ideographic space in the name", vkey(4, PUBLIC, "川\u3000南"), "refused"),
        ("a Chinese name", vkey(4, PUBLIC, "川南"), "ok"),
        ("white space in the name", vkey(4, PUBLIC, "510500.huxin.example /head"), "refused"),
        ("no name", vkey(4, PUBLIC, ""), "refused"),
        ("base64 with unused bits", good[:-1] + chr(ord(good[-1]) + 1), "refused"),
        ("newline at its end", f"{good}\n", "refused"),
    ]
    return [{"name": name, "vkey": text, "result": result} for name, text, result in table]


def test_vectors_of_keys() -> None:
    compare("keys", "3.1", "Verifier keys. `result` is ok or refused.", keys())
    for case in held("keys")["cases"]:
        if case["result"] == "ok":
            assert str(VerifierKey.parse(case["vkey"])) == case["vkey"]
        else:
            with pytest.raises(CryptoError):
                VerifierKey.parse(case["vkey"])


def test_a_signer_of_ours_makes_what_is_good() -> None:
    signer = Signer(name=NAME, type=KeyType.COSIGNATURE, seed=SEED)
    assert str(signer.verifier) == vkey(4, PUBLIC)


def test_a_line_that_comes_again_is_remembered_and_another_one_is_not_taken_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seed = bytes(range(32))
    public, secret = _ed25519.keypair(seed)
    text = b"remembered/1\n1\n"
    signature = _ed25519.sign(text, secret)
    opened: list[bytes] = []

    def opening(signed: bytes, key: bytes) -> bytes:
        opened.append(key)
        return crypto_sign_open(signed, key)

    monkeypatch.setattr(_ed25519, "crypto_sign_open", opening)
    for _ in range(3):
        _ed25519.verify_text(public, signature, text)
    assert len(opened) == 1
    other, _ = _ed25519.keypair(bytes(32))
    for key, line, said in (
        (other, signature, text),
        (public, signature[:-1] + bytes([signature[-1] ^ 1]), text),
        (public, signature, text + b"\n"),
    ):
        for _ in range(2):  # nor is a refusal remembered as anything else
            with pytest.raises(SignatureError):
                _ed25519.verify_text(key, line, said)
    assert len(opened) == 7
    long = text * 200
    remembered = _ed25519._verify_once.cache_info().currsize
    _ed25519.verify_text(public, _ed25519.sign(long, secret), long)
    assert _ed25519._verify_once.cache_info().currsize == remembered
