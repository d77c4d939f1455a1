"""A node's own keys: files of DIR/keys, made once by `init`, read at the start.

    log.key      signs the log's checkpoints           PRIVATE+KEY text, type 0x01
    head.key     "this is my newest head"              PRIVATE+KEY text, type 0x04
    witness.key  "consistent with all that I saw"      likewise
    mirror.key   "I hold and serve this"               likewise
    document.key seals documents and attestations      PRIVATE+KEY text, type 0x01
    sealing.key  opens what is sealed to this node     X25519, base64; one a line, newest first
    tls.key      mutual TLS                            ECDSA P-256, PKCS #8 PEM
    tls.crt      its certificate, as charters name it  PEM; later ones: `node.network.tls_keys`

The directory has mode 0700, the files 0600; anything looser is refused, since the damage may be
done already. Who reads this directory can speak as this node: cut its log in the charters at the
last checkpoint that others had cosigned before. The charter key never lies here: who holds it
votes on who is trusted at all, so it is kept offline.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from adapters.files.atomic import sync_directory, write_atomically
from crypto.errors import FormatError
from crypto.hpke import X25519_SUITE, sealing_public
from crypto.keys import KeyType, Signer
from crypto.strict import b64, b64_strict
from federation.charters.json_form import MAX_SEALING_KEYS
from federation.charters.values import SealingKey
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp, node_of
from node.directory.certificates import SERIAL_SIZE, self_signed

SEED_SIZE: Final = 32
COSIGNERS: Final = ("head", "witness", "mirror")
DOCUMENT: Final = "document"

_SEALING_PREFIX: Final = "HUXIN+X25519+"
_LOOSE: Final = stat.S_IRWXG | stat.S_IRWXO

Token = Callable[[int], bytes]


class KeyFileError(RefusedError):
    """A key file that cannot be used, `keys.…`: the operator's to mend before the node starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """The secrets of a node and their public halves. No `repr` shows a secret.

    Attributes:
        document: None in a directory made before nodes had one (`huxin keys document` makes it).
        sealing: X25519 secret keys, 32 bytes each, newest first; old ones open what is under way.
        tls_key: PKCS #8, PEM.
        tls_certificate: PEM.
    """

    log: Signer
    head: Signer
    witness: Signer
    mirror: Signer
    document: Signer | None
    sealing: tuple[bytes, ...] = field(repr=False)
    tls_key: bytes = field(repr=False)
    tls_certificate: bytes

    @property
    def certificate(self) -> bytes:
        """The TLS certificate as charters name it, DER."""
        return x509.load_pem_x509_certificate(self.tls_certificate).public_bytes(Encoding.DER)

    @property
    def sealing_keys(self) -> tuple[SealingKey, ...]:
        """The sealing keys as charters name them, newest first."""
        return _named(self.sealing)


def create_keys(directory: Path, origin: Origin, *, now: Timestamp, token: Token) -> NodeKeys:
    """Make all keys of a node and write their files.

    Args:
        directory: DIR/keys, which must not exist.
        origin: the log that the node begins.
        now: begins the certificate's validity.
        token: the source of randomness.

    Raises:
        RefusedError: the directory exists (`keys.exist`).
    """
    node = node_of(origin)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        message = f"{directory}: expected no keys yet, got a directory; keys are never overwritten"
        raise RefusedError("keys.exist", message) from None
    directory.chmod(0o700)  # the umask may have taken bits away
    signers = {"log": Signer(name=origin, type=KeyType.NOTE, seed=token(SEED_SIZE))} | {
        use: Signer(name=f"{node}/{use}", type=KeyType.COSIGNATURE, seed=token(SEED_SIZE))
        for use in COSIGNERS
    }
    signers[DOCUMENT] = Signer(name=f"{node}/{DOCUMENT}", type=KeyType.NOTE, seed=token(SEED_SIZE))
    for use, signer in signers.items():
        write_private(directory / f"{use}.key", signer.to_seed_text().encode() + b"\n")
    sealing = token(SEED_SIZE)
    write_private(directory / "sealing.key", f"{_SEALING_PREFIX}{b64(sealing)}\n".encode())
    tls, tls_pem = new_tls_pem()
    write_private(directory / "tls.key", tls_pem)
    certificate = self_signed(node, tls, token(SERIAL_SIZE), now)
    write_private(directory / "tls.crt", certificate.public_bytes(Encoding.PEM))
    sync_directory(directory.parent)
    return load_keys(directory, origin)


def new_document_key(directory: Path, origin: Origin, token: Token) -> Signer:
    """Make the key that seals documents, in a directory made before nodes had one.

    Raises:
        RefusedError: there is one (`keys.exist`).
    """
    signer = Signer(name=f"{node_of(origin)}/{DOCUMENT}", type=KeyType.NOTE, seed=token(SEED_SIZE))
    write_private(directory / f"{DOCUMENT}.key", signer.to_seed_text().encode() + b"\n")
    return signer


def new_person_key(name: str, path: Path, token: Token) -> Signer:
    """Make a person's signing key and write its file, which that person keeps.

    Args:
        name: as `[persons]` of the configuration will have it.
        path: the file, which must not exist.
        token: the source of randomness.

    Raises:
        RefusedError: `person.name`: no name that a key can have; `keys.exist`.
    """
    try:
        signer = Signer(name=name, type=KeyType.NOTE, seed=token(SEED_SIZE))
    except FormatError as error:
        message = f"{error}: expected a name without blanks and without +"
        raise RefusedError("person.name", message) from error
    write_private(path, signer.to_seed_text().encode() + b"\n")
    return signer


def load_keys(directory: Path, origin: Origin) -> NodeKeys:
    """Read all keys of a node.

    Raises:
        KeyFileError: missing (`keys.missing`), readable by others (`keys.mode`), not what the
            file's name says (`keys.malformed`), or of another node (`keys.other-node`).
    """
    node = node_of(origin)
    _check_mode(directory)
    uses = ["log", *COSIGNERS]
    if (directory / f"{DOCUMENT}.key").exists():
        uses.append(DOCUMENT)
    signers = {use: load_signer(directory / f"{use}.key") for use in uses}
    for use, signer in signers.items():
        name = origin if use == "log" else f"{node}/{use}"
        kind = KeyType.COSIGNATURE if use in COSIGNERS else KeyType.NOTE
        if (signer.name, signer.type) != (name, kind):
            message = (
                f"{directory / use}.key: expected a key named {name} of type {kind:d}, "
                f"got {signer.name} of type {signer.type:d}"
            )
            raise KeyFileError("keys.other-node", message)
    tls_key, tls_certificate = read_tls(directory / "tls.key", directory / "tls.crt")
    return NodeKeys(
        log=signers["log"],
        head=signers["head"],
        witness=signers["witness"],
        mirror=signers["mirror"],
        document=signers.get(DOCUMENT),
        sealing=_load_sealing(directory / "sealing.key"),
        tls_key=tls_key,
        tls_certificate=tls_certificate,
    )


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner reads, durably.

    Raises:
        RefusedError: the file exists (`keys.exist`).
    """
    if os.path.lexists(path):
        message = f"{path}: expected no such file yet; keys are never overwritten"
        raise RefusedError("keys.exist", message)
    write_atomically(path, data, mode=0o600)


def read_private(path: Path) -> bytes:
    """Read a file that only its owner may read.

    Raises:
        KeyFileError: `keys.missing` or `keys.mode`.
    """
    _check_mode(path)
    return path.read_bytes()


def new_sealing_key(directory: Path, token: Token) -> tuple[SealingKey, ...]:
    """Make a sealing key and put it above those that stand in DIR/keys/sealing.key.

    The old ones stay, so that what is sealed to them and under way can be opened. The running node
    reads the file at its next start.

    Args:
        directory: DIR/keys.
        token: the source of randomness.

    Returns:
        All of them as charters name them, newest first.

    Raises:
        RefusedError: there are as many as a charter may name (`keys.sealing-many`).
        KeyFileError: `keys.missing`, `keys.mode` or `keys.malformed`.
    """
    path = directory / "sealing.key"
    secrets = _load_sealing(path)
    if len(secrets) == MAX_SEALING_KEYS:
        message = f"{path}: expected less than {MAX_SEALING_KEYS} keys; take out the oldest line"
        raise RefusedError("keys.sealing-many", message)
    secrets = (token(SEED_SIZE), *secrets)
    text = "".join(f"{_SEALING_PREFIX}{b64(secret)}\n" for secret in secrets)
    write_atomically(path, text.encode(), mode=0o600)
    return _named(secrets)


def sealing_keys(directory: Path) -> tuple[SealingKey, ...]:
    """Read the sealing keys of DIR/keys as charters name them, newest first.

    Raises:
        KeyFileError: `keys.missing`, `keys.mode` or `keys.malformed`.
    """
    return _named(_load_sealing(directory / "sealing.key"))


def load_signer(path: Path) -> Signer:
    """Read a PRIVATE+KEY file.

    Raises:
        KeyFileError: `keys.missing`, `keys.mode` or `keys.malformed`.
    """
    try:
        return Signer.parse(read_private(path).decode())
    except (FormatError, UnicodeDecodeError) as error:
        # The text is secret: the message shows none of it.
        message = f"{path}: expected PRIVATE+KEY+<name>+<key id>+<base64>, got something else"
        raise KeyFileError("keys.malformed", message) from error


def _named(secrets: Iterable[bytes]) -> tuple[SealingKey, ...]:
    return tuple(SealingKey(suite=X25519_SUITE, key=sealing_public(one)) for one in secrets)


def _load_sealing(path: Path) -> tuple[bytes, ...]:
    lines = read_private(path).decode(errors="replace").removesuffix("\n").split("\n")
    try:
        keys = [b64_strict(line.removeprefix(_SEALING_PREFIX)) for line in lines]
    except FormatError:
        keys = []
    well_formed = all(line.startswith(_SEALING_PREFIX) for line in lines) and all(
        len(key) == SEED_SIZE for key in keys
    )
    if not well_formed or not len(set(keys)) == len(lines) <= MAX_SEALING_KEYS:
        message = (
            f"{path}: expected 1 to {MAX_SEALING_KEYS} lines {_SEALING_PREFIX}<base64 of 32 "
            "bytes>, each once, got something else"
        )
        raise KeyFileError("keys.malformed", message)
    return tuple(keys)


def new_tls_pem() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """Make a TLS key; also PKCS #8, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_tls(key_file: Path, certificate_file: Path) -> tuple[bytes, bytes]:
    """Read a TLS key and its certificate, PEM both.

    Raises:
        KeyFileError: `keys.missing`, `keys.mode` or `keys.malformed`.
    """
    key_pem, certificate_pem = read_private(key_file), read_private(certificate_file)
    try:
        key = load_pem_private_key(key_pem, password=None)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except (ValueError, TypeError) as error:
        message = (
            f"{key_file}: expected a key (PKCS #8) and beside it its certificate, both PEM, got "
            "something else"
        )
        raise KeyFileError("keys.malformed", message) from error
    if key.public_key() != certificate.public_key():
        message = f"{certificate_file}: expected the certificate of {key_file.name}"
        raise KeyFileError("keys.malformed", message)
    return key_pem, certificate_pem


def _check_mode(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        message = f"{path}: expected a key file or directory, got none; is --dir right?"
        raise KeyFileError("keys.missing", message) from None
    if mode & _LOOSE:
        right = "0700" if stat.S_ISDIR(mode) else "0600"
        message = (
            f"{path}: 权限过宽，他人可能已读取：应为 {right}，实为 {stat.S_IMODE(mode):04o}；"
            f"先判断是否更换密钥，再 chmod {right} {path} / "
            f"expected mode {right}, got {stat.S_IMODE(mode):04o}; others may have read "
            f"it: decide whether to rotate the keys, then chmod {right} {path}"
        )
        raise KeyFileError("keys.mode", message)
