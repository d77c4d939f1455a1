"""Makes a corpus: `python -m tests.golden.make DIR`; `make test` reads it and never makes one.

Keys and identifiers are random, so two runs differ in their bytes. A corpus whose version is
tagged is never made again; see README.md beside this.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from adapters.catalog.library import FILE_NAME as LIBRARY
from adapters.sql.migrating import HEAD
from federation.statements import Kind
from node.charters.files import store_chain
from tests.golden.corpus import CORPORA, POSTGRES, SQLITE, digest, said, summary
from tests.golden.founding import (
    BEGIN,
    LUZHOU,
    STRANGERS,
    ZIGONG,
    Alliance,
    clock_at,
    origin_of,
)
from tests.golden.speaking import Speaker
from tests.golden.story import listed, tell
from tests.support.clock import FakeClock
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, listing_of, set_key
from tests.support.fresh import fresh_postgres
from tests.support.postgres import find_programs, running_server

KEPT = ("huxin.toml", "member.json", "keys", "state", "offline", LIBRARY)
DATABASES = {ZIGONG: SQLITE, LUZHOU: POSTGRES}


def make(target: Path) -> None:
    """Let the story happen, and write all of it into a new folder."""
    clock = FakeClock(BEGIN)
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_server() as maintenance,
        fresh_postgres(maintenance.render_as_string(hide_password=False)) as url,
        clock_at(clock),
    ):
        alliance = Alliance(Path(scratch), clock, lambda folder: url if folder == LUZHOU else "")
        alliance.found()
        tell(alliance)
        luzhou = Speaker(alliance.nodes[LUZHOU])
        ids = {
            "listing": listed(luzhou, listing_of(LUZHOU, 4).document).statement_id,
            "repair": _relief(luzhou),
        }
        luzhou.requests = 1000
        luzhou.list_(50)  # which 自贡 has not yet: what a packet brings
        expected = _expected(alliance)
        (target / "payloads.json").write_text(_json(_payloads(alliance)), "utf-8")
        for folder in list(alliance.nodes):
            alliance.stop(folder)
        store_chain(Path(scratch) / "chain", alliance.chain)
        shutil.copytree(Path(scratch) / "chain" / alliance.chain.id.hex(), target / "charter")
        _keep(alliance, url, target)
        expected["bundles"] = _bundles(alliance, ids, target)
        expected["logs"] = _exports(alliance, target)
        expected["packets"] = _packets(alliance, target)
        (target / "expected.json").write_text(_json(expected), "utf-8")


def _expected(alliance: Alliance) -> dict[str, Any]:
    chain = alliance.chain
    return {
        "moment": alliance.clock.now(),
        "schema": HEAD,
        "charter": {
            "id": chain.id.hex(),
            "versions": [
                {
                    "version": charter.terms.version,
                    "digest": charter.digest.hex(),
                    "segments": [
                        [member.id, one.origin, one.from_size, one.to_size]
                        for member in charter.terms.members
                        for one in member.segments
                    ],
                }
                for charter in chain.versions
            ],
        },
        "nodes": {
            region: {"database": f"{region}{suffix}"} | summary(alliance.nodes[region])
            for region, suffix in DATABASES.items()
        },
    }


def _payloads(alliance: Alliance) -> dict[str, dict[str, Any]]:
    return {region: said(alliance.nodes[region]) for region in DATABASES}


def _keep(alliance: Alliance, url: str, target: Path) -> None:
    """Keep directories and databases of two nodes, and the proof of the fork."""
    (target / "databases").mkdir()
    for region, suffix in DATABASES.items():
        directory = alliance.directory / region
        data = _sqlite(directory / "huxin.db") if suffix == SQLITE else _postgres(url)
        packed = gzip.compress(data, 9, mtime=0)
        (target / "databases" / f"{region}{suffix}").write_bytes(packed)
        kept = target / "nodes" / region
        kept.mkdir(parents=True)
        for name in KEPT:
            if (directory / name).is_dir():
                ignored = shutil.ignore_patterns("*.lock")
                shutil.copytree(directory / name, kept / name, ignore=ignored)
            else:
                shutil.copy(directory / name, kept / name)
        if suffix == POSTGRES:
            set_key(kept, "url", '""')
    with sqlite3.connect(alliance.directory / ZIGONG / "huxin.db") as connection:
        ((file,),) = connection.execute("SELECT file FROM forks").fetchall()
    connection.close()
    (target / "fork").write_bytes(file)


def _sqlite(path: Path) -> bytes:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("VACUUM")
    connection.close()
    return path.read_bytes()


def _postgres(url: str) -> bytes:
    """Schema and rows as plain SQL, without settings and commands of one version of the client."""
    dumped = subprocess.run(
        [
            find_programs().folder / "pg_dump",
            "--inserts",
            "--no-owner",
            "--no-privileges",
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
        ],
        check=True,
        capture_output=True,
    ).stdout.decode()
    body = dumped[dumped.index("CREATE ") :]
    return re.sub(r"(?m)^(\\.*|--.*|SET default_\w+ = .*|)\n", "", body).encode()


def _exports(alliance: Alliance, target: Path) -> dict[str, Any]:
    directory = alliance.directory / ZIGONG
    arguments = ("--dir", directory, "-o", "json")
    _done("log", "export", target / "exports" / "opened", "--with-openings", *arguments)
    exported = _done("log", "export", target / "exports" / "public", *arguments)
    keys = {
        one.origin: str(one.log_key)
        for member in alliance.chain.latest.terms.members
        for one in member.segments
    }
    return {
        log["origin"]: {"size": log["size"], "root": log["root"], "vkey": keys[log["origin"]]}
        for log in exported["logs"]
    }


def _bundles(alliance: Alliance, ids: dict[str, bytes], target: Path) -> dict[str, Any]:
    made = {}
    for name, statement in ids.items():
        folder = target / "bundles" / name
        arguments = ("proof", statement.hex(), "--bundle", folder, "-o", "json")
        proof = _done(*arguments, "--dir", alliance.directory / LUZHOU)
        kept = ("statement_id", "origin", "index", "size", "root", "opening")
        made[name] = {key: proof[key] for key in kept}
    return made


def _packets(alliance: Alliance, target: Path) -> dict[str, Any]:
    """泸州 sends what 自贡 lacks, and has its receipt in a packet that goes the other way."""
    made: dict[str, dict[str, Any]] = {}
    (target / "packets").mkdir()
    for name, sender, receiver in (("answer", LUZHOU, ZIGONG), ("receipt", ZIGONG, LUZHOU)):
        alliance.clock.advance(60)
        out = alliance.directory / name
        folders = [alliance.directory / region for region in (sender, receiver)]
        _done("packet", "export", out, "--to", receiver, "--dir", folders[0], "-o", "json")
        (path,) = out.iterdir()
        shutil.copy(path, target / "packets" / f"{name}.huxin-packet")
        taken = _done("packet", "import", path, "--dir", folders[1], "-o", "json")
        (part,) = taken["parts"]
        made[name] = {
            "sender": part["sender"],
            "receiver": receiver,
            "moment": alliance.clock.now(),
            "new_leaves": part["new_leaves"],
        }
        if name == "answer":
            node = alliance.start(receiver)
            node.job("reconcile")
            made[name]["attested"] = _of_stranger(node)
            node.job("receipt")
            alliance.stop(receiver)
    return made


def _of_stranger(node: WiredNode) -> list[Any]:
    """The record of the subject about which a question was laid down: log, and as in `summary`."""
    found = listed(Speaker(node), listing_of(LUZHOU, STRANGERS[-1]).document, origin_of(LUZHOU))
    records = summary(node)["logs"][found.origin]["records"]
    return [found.origin, *records[found.index]]


def _relief(city: Speaker) -> bytes:
    """The first relief of a city's own log; of what it ended the opening is erased."""
    with city.node.store.read() as session:
        head = session.head(city.node.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
    return next(row.statement_id for row in rows if row.kind == Kind.REPAIR)


def _done(*arguments: object) -> Any:
    ran = run(*arguments)
    assert ran.code == 0, ran.err
    return ran.json


def _json(document: object) -> str:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    # One record a line.
    return re.sub(r"\[\s+([^][{}]*?)\s+\]", _joined, text) + "\n"


def _joined(found: re.Match[str]) -> str:
    return "[" + re.sub(r"\n\s*", " ", found[1]) + "]"


def main() -> None:
    """Make a corpus in a new folder beside this, and note its digest."""
    (name,) = sys.argv[1:]
    target = Path(name)
    if target.exists():
        sys.exit(f"{target} is there already: a corpus is made once; remove an untagged one first")
    target.mkdir()
    make(target)
    corpora = json.loads(CORPORA.read_text("utf-8")) if CORPORA.exists() else {}
    corpora[target.name] = digest(target)
    CORPORA.write_text(json.dumps(corpora, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
