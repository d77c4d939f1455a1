"""`huxin proof verify BUNDLE`: what a bundle proves, offline, and on whose word.

Without the charters it proves no more than that the bundle's own key signed it. With them, or with
a pin, the log's key is that of the alliance, and cosignatures are of its members.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from crypto.cosignature import verify_cosignatures
from crypto.errors import CryptoError, FormatError
from crypto.keys import VerifierKey
from crypto.proof import Disclosure, parse_proof, verify_disclosure, verify_proof
from crypto.strict import b64
from federation.audit.export_names import parse_opening
from federation.charters.chain import CharterChain, advance, begin_chain
from federation.charters.trust import Trust
from federation.errors import FederationError, RefusedError
from federation.ids import CharterId, Origin, Timestamp
from federation.names import KINDS
from federation.relief.certificate import read_envelope_id
from federation.statements import Kind, parse_header
from node.cli import render
from node.cli.charter.drafts import Pin, parse_pin
from node.cli.client import Exit, failures
from node.cli.options import Format, OutputFormat
from node.codec import ProtobufPayloads, payload_to_json
from node.texts.fields import moment

_LONGEST: Final = 64 * 1024
_LABELS: Final = {
    "origin": "日志 / log",
    "index": "序号 / index",
    "kind": "类别 / kind",
    "statement_id": "声明 / statement",
    "issued_at": "所称时间 / claimed time",
    "size": "日志条数 / checkpoint size",
    "root": "日志根 / checkpoint root",
    "trust": "信任来源 / on whose word",
    "cosigned": "联署 / cosigned by",
    "opened": "内容 / content",
}
_OWN: Final = "文件自带的密钥，未经核对 / the bundle's own key, compared with nothing"


def verify(
    bundle: Annotated[
        Path,
        typer.Argument(
            metavar="BUNDLE", exists=True, file_okay=False, help="存证目录 / Folder of a bundle"
        ),
    ],
    *,
    charter: Annotated[
        list[Path] | None,
        typer.Option(
            "--charter",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="章程各版本，自第一版起 / Versions of the charter, from the first on",
        ),
    ] = None,
    pin: Pin = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """离线核验一份存证 / Verify a bundle offline; exit 1 if it proves nothing."""
    pinned = parse_pin(pin)
    if pinned is not None and not charter:
        message = "--pin: 请一并给出 --charter / expected --charter beside it"
        raise typer.BadParameter(message)
    with failures():
        chain = read_chain(charter or [], pinned)
    try:
        document = checked(bundle, chain)
    except (CryptoError, FederationError) as error:
        code = getattr(error, "code", "proof.invalid")
        if output is Format.JSON:
            render.write_json({"valid": False, "code": code, "message": str(error)})
        else:
            render.say_error(code, str(error))
        raise typer.Exit(Exit.FINDINGS) from None
    if output is Format.JSON:
        render.write_json({"valid": True, **document})
        return
    render.write_fields(document | {"issued_at": moment(document["issued_at"])}, _LABELS)
    if chain is None:
        render.say(_OWN)
    elif pinned is None:
        render.say("未给出 --pin：请与纸质文本核对联盟标识 / compare the id: " + chain.id.hex())


def checked(bundle: Path, chain: CharterChain | None) -> dict[str, Any]:
    """Say what a bundle proves.

    Args:
        bundle: the folder.
        chain: whose charters are trusted; None: the bundle's own keys are used.

    Raises:
        CryptoError: proof, leaf or opening do not fit each other or the log's key.
        RefusedError: `log.unknown`: no charter names the log.
    """
    leaf, proof = _read(bundle, "leaf"), parse_proof(_read(bundle, "proof"))
    keys = [VerifierKey.parse(line) for line in _read(bundle, "vkey").decode().splitlines()]
    if not keys:
        message = "vkey: expected the log's key"
        raise FormatError(message)
    log_key, cosigners, trusted = keys[0], keys[1:], "bundle"
    if chain is not None:
        trust = Trust([chain], Timestamp(0))
        origin = Origin(log_key.name)
        named = trust.log_key(origin)
        if named is None:
            message = f"no version of the charter names the log {origin}"
            raise RefusedError("log.unknown", message)
        log_key, trusted = named, f"charter {chain.id.hex()}"
        cosigners = [*trust.head_keys(origin), *trust.witness_keys(), *trust.mirror_keys()]
    signed = verify_proof(proof, entry=leaf, log_key=log_key)
    opened = None
    if (bundle / "opening").exists():
        opening = parse_opening(_read(bundle, "opening"))
        disclosure = Disclosure(proof=proof, salt=opening.salt, payload=opening.payload)
        verify_disclosure(disclosure, entry=leaf, log_key=log_key)
        opened = payload_to_json(ProtobufPayloads().decode(leaf[1], opening.payload))
    header = parse_header(leaf)
    return {
        "origin": signed.checkpoint.origin,
        "index": proof.index,
        "kind": KINDS.name(Kind(header.kind)) if header.kind in set(Kind) else str(header.kind),
        "statement_id": header.statement_id.hex(),
        "issued_at": header.issued_at,
        "size": signed.checkpoint.size,
        "root": b64(signed.checkpoint.root),
        "trust": trusted,
        "cosigned": [
            {"by": one.key.name, "at": one.timestamp}
            for one in verify_cosignatures(signed.note, cosigners)
        ],
        "opened": opened,
    }


def read_chain(files: list[Path], pin: CharterId | None) -> CharterChain | None:
    """The charters given, verified from the first version on.

    Raises:
        CharterError: they do not verify, or are not of the pin.
    """
    if not files:
        return None
    first, *later = (file.read_bytes() for file in files)
    chain = begin_chain(first, pin or read_envelope_id(first))
    for envelope in later:
        chain = advance(chain, envelope)
    return chain


def _read(bundle: Path, name: str) -> bytes:
    try:
        data = (bundle / name).read_bytes()
    except FileNotFoundError:
        message = f"{name}: expected this file in the bundle"
        raise FormatError(message) from None
    if len(data) > _LONGEST:
        message = f"{name}: expected at most {_LONGEST} bytes"
        raise FormatError(message)
    return data
