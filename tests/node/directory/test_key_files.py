"""A node's key files: whole, private, of this node; and its certificate (SPEC §9.1).

Covers node/directory/certificates.py, node/directory/creation.py, node/directory/keys.py,
node/system/entropy.py.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crypto.hpke import sealing_public
from crypto.keys import KeyType
from crypto.strict import b64
from federation.charters.rules import check_terms
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from node.directory.certificates import self_signed
from node.directory.keys import (
    NodeKeys,
    create_keys,
    load_keys,
    load_signer,
    new_sealing_key,
    read_private,
    sealing_keys,
    write_private,
)
from node.system.clock import SystemClock, date_of
from node.system.entropy import token
from tests.support.charters import NOW, certificate, make_member, make_terms

ORIGIN = Origin("510500.huxin.example/1")


def refused(code: str, action: Callable[[], object]) -> str:
    with pytest.raises(RefusedError) as caught:
        action()
    assert caught.value.code == code
    return str(caught.value)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    create_keys(tmp_path / "keys", ORIGIN, now=NOW, token=token)
    return tmp_path / "keys"


def test_created_keys_are_read_back(tmp_path: Path) -> None:
    made = create_keys(tmp_path / "keys", ORIGIN, now=NOW, token=token)
    assert load_keys(tmp_path / "keys", ORIGIN) == made


def test_each_key_is_named_by_what_it_says(directory: Path) -> None:
    keys = load_keys(directory, ORIGIN)
    assert (keys.log.name, keys.log.type) == (ORIGIN, KeyType.NOTE)
    for use, signer in (("head", keys.head), ("witness", keys.witness), ("mirror", keys.mirror)):
        assert signer.name == f"510500.huxin.example/{use}"
        assert signer.type is KeyType.COSIGNATURE
    publics = [s.verifier.public for s in (keys.log, keys.head, keys.witness, keys.mirror)]
    assert len({*publics, *(sealing.key for sealing in keys.sealing_keys)}) == 5


def test_modes(directory: Path) -> None:
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    files = list(directory.iterdir())
    assert {file.name for file in files} == {
        "log.key",
        "head.key",
        "witness.key",
        "mirror.key",
        "document.key",
        "sealing.key",
        "tls.key",
        "tls.crt",
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
@pytest.mark.parametrize("name", ["log.key", "sealing.key", "tls.key"])
def test_a_file_that_others_may_read_is_refused(directory: Path, name: str, mode: int) -> None:
    (directory / name).chmod(mode)
    assert name in refused("keys.mode", lambda: load_keys(directory, ORIGIN))


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o711])
def test_a_directory_that_others_may_enter_is_refused(directory: Path, mode: int) -> None:
    directory.chmod(mode)
    refused("keys.mode", lambda: load_keys(directory, ORIGIN))


def test_keys_are_never_overwritten(directory: Path) -> None:
    before = (directory / "log.key").read_bytes()
    refused("keys.exist", lambda: create_keys(directory, ORIGIN, now=NOW, token=token))
    refused("keys.exist", lambda: write_private(directory / "log.key", b"other"))
    assert (directory / "log.key").read_bytes() == before


def test_missing(directory: Path, tmp_path: Path) -> None:
    refused("keys.missing", lambda: load_keys(tmp_path / "none", ORIGIN))
    (directory / "head.key").unlink()
    refused("keys.missing", lambda: load_keys(directory, ORIGIN))


def test_keys_of_another_node_are_refused(directory: Path) -> None:
    refused("keys.other-node", lambda: load_keys(directory, Origin("510300.huxin.example/1")))


def test_exchanged_files_are_refused(directory: Path) -> None:
    """The head key in the place of the witness key would say another thing."""
    head = (directory / "head.key").read_bytes()
    (directory / "witness.key").write_bytes(head)
    refused("keys.other-node", lambda: load_keys(directory, ORIGIN))


@pytest.mark.parametrize("name", ["log.key", "sealing.key", "tls.key", "tls.crt"])
@pytest.mark.parametrize("content", [b"", b"\xff", b"PRIVATE+KEY+x+00000000+AAAA"])
def test_damaged_files_are_refused_without_showing_them(
    directory: Path, name: str, content: bytes
) -> None:
    (directory / name).write_bytes(content)
    message = refused("keys.malformed", lambda: load_keys(directory, ORIGIN))
    assert "AAAA" not in message


def test_old_sealing_keys_stand_below_the_new_one(directory: Path) -> None:
    path = directory / "sealing.key"
    (old,) = load_keys(directory, ORIGIN).sealing
    new = bytes([7]) * 32
    path.write_text(f"HUXIN+X25519+{b64(new)}\n{path.read_text()}")
    keys = load_keys(directory, ORIGIN)
    assert keys.sealing == (new, old)
    assert [sealing.key for sealing in keys.sealing_keys] == [
        sealing_public(new),
        sealing_public(old),
    ]


def test_a_new_sealing_key_is_put_above_the_old_ones(directory: Path) -> None:
    (old,) = sealing_keys(directory)
    made = [new_sealing_key(directory, token)[0] for _ in range(3)]
    assert sealing_keys(directory) == (*reversed(made), old)
    assert load_keys(directory, ORIGIN).sealing_keys == (*reversed(made), old)
    assert stat.S_IMODE((directory / "sealing.key").stat().st_mode) == 0o600
    refused("keys.sealing-many", lambda: new_sealing_key(directory, token))


@pytest.mark.parametrize("secrets", [[1, 1], [1, 2, 3, 4, 5]])
def test_a_sealing_key_twice_or_more_than_charters_name_is_refused(
    directory: Path, secrets: list[int]
) -> None:
    lines = [f"HUXIN+X25519+{b64(bytes([secret]) * 32)}\n" for secret in secrets]
    (directory / "sealing.key").write_text("".join(lines))
    refused("keys.malformed", lambda: load_keys(directory, ORIGIN))


def test_a_certificate_of_another_key_is_refused(directory: Path, tmp_path: Path) -> None:
    create_keys(tmp_path / "other", ORIGIN, now=NOW, token=token)
    (directory / "tls.crt").write_bytes((tmp_path / "other" / "tls.crt").read_bytes())
    refused("keys.malformed", lambda: load_keys(directory, ORIGIN))


def test_no_secret_is_printed(directory: Path) -> None:
    keys = load_keys(directory, ORIGIN)
    shown = repr(keys)
    assert repr(keys.sealing[0]) not in shown
    assert repr(keys.log.seed) not in shown
    assert "PRIVATE" not in shown


def test_private_files(tmp_path: Path) -> None:
    write_private(tmp_path / "k", b"secret")
    assert read_private(tmp_path / "k") == b"secret"
    refused("keys.malformed", lambda: load_signer(tmp_path / "k"))


# ---- the certificate


def parsed(keys: NodeKeys) -> x509.Certificate:
    return x509.load_der_x509_certificate(keys.certificate)


def test_the_certificate_is_what_charters_take(directory: Path) -> None:
    keys = load_keys(directory, ORIGIN)
    member = replace(make_member("510500"), certificates=(keys.certificate, certificate("510500")))
    check_terms(make_terms([member]))


def test_the_certificate(directory: Path) -> None:
    made = parsed(load_keys(directory, ORIGIN))
    start = datetime.fromtimestamp(NOW, UTC)
    assert made.not_valid_before_utc <= start - timedelta(minutes=5)
    assert made.not_valid_after_utc == start + timedelta(days=397)
    (name,) = made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "510500.huxin.example"
    extensions = made.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["510500.huxin.example"]
    assert set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == {
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.SERVER_AUTH,
    }


def test_two_certificates_of_a_node_have_two_subjects(tmp_path: Path) -> None:
    made = [
        parsed(create_keys(tmp_path / name, ORIGIN, now=NOW, token=token)) for name in ("a", "b")
    ]
    assert made[0].subject != made[1].subject
    assert made[0].serial_number != made[1].serial_number


def test_a_long_node_name_fits() -> None:
    node = "a" * 63 + "." + "b" * 63
    key = ec.generate_private_key(ec.SECP256R1())
    assert self_signed(node, key, bytes(16), Timestamp(NOW)).serial_number == 1


# ---- clock


def test_dates_are_those_of_china() -> None:
    before_midnight_utc = Timestamp(int(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC).timestamp()))
    assert date_of(before_midnight_utc) == 20261120
    assert date_of(Timestamp(before_midnight_utc + 1)) == 20261121


def test_the_system_clock_tells_seconds_and_dates() -> None:
    clock = SystemClock()
    assert clock.now() > NOW - 10**9
    assert clock.today() >= 20260101
