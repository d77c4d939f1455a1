"""`huxin charter adopt`: from now on this node trusts a charter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from federation.charters.chain import CharterChain, advance, begin_chain
from federation.charters.verification import Charter, read_envelope
from federation.errors import RefusedError
from federation.ids import CharterId
from node.charters.files import load_chain, store_chain
from node.cli import render
from node.cli.charter.describe import describe, signatures
from node.cli.charter.drafts import Pin, parse_pin, read_current
from node.cli.main import FINDINGS
from node.cli.options import Directory, node_directory
from node.directory.config import Config, load_config
from node.directory.config_file import add_pin
from node.directory.keys import load_keys
from node.directory.presence import NODE_FILE
from node.system.clock import SystemClock


def adopt(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", exists=True, dir_okay=False, help="章程文件，可多版 / Charter files"
        ),
    ],
    *,
    directory: Directory = None,
    pin: Pin = None,
) -> None:
    """核验并采用章程；第一版须给出纸质标识 / Verify and adopt; version 1 needs --pin from paper."""
    config = load_config(node_directory(directory))
    charters = sorted((read_current(path) for path in files), key=lambda c: c.terms.version)
    chain = _begin(config, charters[0], parse_pin(pin))
    for charter in charters:
        chain = advance(chain, charter.envelope)
    store_chain(config.charters_directory, chain)
    add_pin(config.directory, chain.id)
    _warn(config, chain)
    tell_server(config)
    render.write_line(f"{chain.id.hex()}  {chain.latest.terms.version}")
    envelope, terms = read_envelope(chain.latest.envelope)
    render.say(signatures(describe(envelope, terms, SystemClock().now())))
    if chain.forks:
        render.say(
            "章程分叉：两个有效版本并存，惩戒暂停 / fork: two valid versions; punishment stops"
        )
        raise typer.Exit(FINDINGS)


def _begin(config: Config, first: Charter, pin: CharterId | None) -> CharterChain:
    """Return the chain held, or begin one with version 1 and the id from paper."""
    if pin is not None and pin != first.id:
        message = f"charter: expected the alliance {pin.hex()}, got {first.id.hex()}"
        raise RefusedError("charter.pin", message)
    pinned = first.id in config.pins
    if pinned and (config.charters_directory / first.id.hex()).exists():
        return load_chain(config.charters_directory, first.id)
    if pin is None and not pinned:
        message = (
            f"charter: expected --pin with the id from paper, got none; file: {first.id.hex()}"
        )
        raise RefusedError("charter.pin", message)
    return begin_chain(first.envelope, first.id)


def tell_server(config: Config) -> None:
    """Have a running server read its charters again; without one the next start reads them."""
    if not (config.directory / NODE_FILE).exists():
        return
    # Imported late: a node that does not run needs no gRPC to adopt a charter.
    from huxin.v1 import admin_pb2  # noqa: PLC0415

    from node.cli.client import services  # noqa: PLC0415

    with services(config.directory) as node:
        node.admin.ReloadCharters(admin_pb2.ReloadChartersRequest())


def _warn(config: Config, chain: CharterChain) -> None:
    """Say so if the charter does not know this node, or only as it was before."""
    key = load_keys(config.keys_directory, config.origin).log.verifier
    named = {s.origin: s.log_key for m in chain.latest.terms.members for s in m.segments}
    if named.get(config.origin) != key:
        render.say(
            f"本版章程未列入本节点 {config.origin} / this version does not name this node's log"
        )
