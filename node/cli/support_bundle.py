"""`huxin support-bundle OUT.tar`: what whoever helps may see, without subjects and secrets."""

from __future__ import annotations

import platform
import sqlite3
import sys
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Annotated

import typer

from adapters.sql.copies import revision_of
from adapters.sql.migrating import MAIN, QUERIES
from node.access.wiring import query_database_url
from node.cli import render
from node.cli.client import failures
from node.cli.doctor import asked
from node.cli.offline_node import open_held
from node.cli.options import Directory, node_directory
from node.system.clock import SystemClock
from node.upkeep.checkup import check_up
from node.upkeep.morning import grouped, of_backups, of_catalogs, of_joining
from node.upkeep.support import contents, packed


def support_bundle(
    out: Annotated[Path, typer.Argument(metavar="OUT.tar", help="要建立的文件 / File to be made")],
    *,
    directory: Directory = None,
) -> None:
    """支持包：无主体、无密钥 / What may be handed to whoever helps: no subject, no secret."""
    path = node_directory(directory)
    with failures(), open_held(path) as held:
        now = SystemClock().now()
        findings = check_up(held.config, held.store, held.verifiers, held.trust, now, held.marks)
        stated = [
            *of_backups(path, now),
            *of_catalogs(held.config, held.store, held.trust, now),
            *of_joining(path, held.in_force),
        ]
        status = asked(path)
        chains = {"main": MAIN, "queries": QUERIES}
        urls = {
            "main": held.config.database_url,
            "queries": query_database_url(held.config),
        }
        machine = {
            "huxin": version("huxin"),
            "made_at": now,
            "python": sys.version,
            "system": platform.platform(),
            "sqlite": sqlite3.sqlite_version,
            "revisions": {one: revision_of(urls[one], chains[one]) for one in chains},
            "newest": {name: chain.head for name, chain in chains.items()},
            "packages": {one.name: one.version for one in distributions()},
        }
        files = contents(
            held.config, held.store, grouped(findings, (), stated, status), status, machine
        )
        with out.open("xb") as file:
            out.chmod(0o600)
            file.write(packed(files, now))
    render.write_line(f"{out}: {len(files)} 个文件 files, {out.stat().st_size} B")
    render.say("外发前请自行过目 / read it before you send it: tar -xOf OUT.tar")
