"""Named keys and their texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import FormatError, KeyType, Signer, VerifierKey, valid_name
from crypto.strict import b64

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def signer(name: str = "example.com/foo", kind: KeyType = KeyType.NOTE, seed: int = 1) -> Signer:
    return Signer(name=name, type=kind, seed=bytes([seed]) * 32)


def test_published_verifier_key() -> None:
    key = VerifierKey.parse(VKEY)
    assert (key.name, key.type, key.key_id.hex()) == ("example.com/foo", 1, "530d903a")
    assert str(key) == VKEY


@settings(deadline=None, max_examples=50)
@given(st.binary(min_size=32, max_size=32), st.sampled_from(KeyType))
def test_texts_round_trip(seed: bytes, kind: KeyType) -> None:
    made = Signer(name="510500.huxin.example/1", type=kind, seed=seed)
    assert VerifierKey.parse(str(made.verifier)) == made.verifier
    text = made.to_seed_text()
    assert text.startswith("PRIVATE+KEY+510500.huxin.example/1+" + made.verifier.key_id.hex())
    assert Signer.parse(text) == made == Signer.parse(text + "\n")


def test_type_and_name_are_part_of_the_id() -> None:
    ids = {
        signer(name, kind).verifier.key_id
        for name in ("a", "b")
        for kind in (KeyType.NOTE, KeyType.COSIGNATURE)
    }
    assert len(ids) == 4


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_small_order_keys_are_refused(public: str) -> None:
    with pytest.raises(FormatError):
        VerifierKey(name="a", type=KeyType.NOTE, public=bytes.fromhex(public))


def test_a_key_off_the_curve_or_of_wrong_length_is_refused() -> None:
    for public in (b"\x02" + bytes(31), b"", bytes(31), signer().verifier.public + b"\x00"):
        with pytest.raises(FormatError):
            VerifierKey(name="a", type=KeyType.NOTE, public=public)
    with pytest.raises(FormatError):
        Signer(name="a", type=KeyType.NOTE, seed=bytes(31))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "+",
        "example.com/foo",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("530d903a", "0530d903a"),
        VKEY.replace("foo", "bar"),
        VKEY + "=",
        VKEY + "\n",
        " " + VKEY,
        VKEY[:-4],
        VKEY.replace("+530d903a+", "+530d903a+A"),
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+" + b64(b"\x06" + bytes(1312)),
    ],
)
def test_malformed_verifier_keys(vkey: str) -> None:
    with pytest.raises(FormatError):
        VerifierKey.parse(vkey)


def test_a_small_order_key_with_a_right_id_is_refused() -> None:
    with pytest.raises(FormatError):
        VerifierKey.parse("a+00000000+" + b64(b"\x01" + bytes.fromhex(SMALL_ORDER[1])))


def test_malformed_seed_texts_show_no_secret() -> None:
    text = signer().to_seed_text()
    secret = text.rpartition("+")[2]
    bad = [
        text.removeprefix("PRIVATE+KEY+"),
        text[:-4],
        text[:-2] + "!!",
        text.replace("foo", "bar"),
        text + "\n\n",
        "PRIVATE+KEY+",
        "PRIVATE+KEY+" + secret,
    ]
    for one in bad:
        with pytest.raises(FormatError) as caught:
            Signer.parse(one)
        assert secret[:12] not in str(caught.value)
        assert caught.value.__cause__ is None
    assert secret not in repr(signer())
    assert "seed" not in repr(signer())


@pytest.mark.parametrize("name", ["泸州.example/1", "a", "510500.huxin.example/1", "a=b", "a—b"])
def test_valid_names(name: str) -> None:
    assert valid_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a+b", "a\n", "a\u00a0b", "a\u3000b", "a\u2028b", "a\x85b", "\x01", "\ud800"],
)
def test_invalid_names(name: str) -> None:
    assert not valid_name(name)
    with pytest.raises(FormatError):
        signer(name)


def test_unknown_types_are_refused() -> None:
    with pytest.raises(FormatError):
        VerifierKey(name="a", type=6, public=signer().verifier.public)  # type: ignore[arg-type]
