"""What an earlier version wrote is read, migrated and verified by this one, for each corpus."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from adapters.sql.migrating import HEAD, current_revision
from crypto.fork import parse_fork, verify_fork
from crypto.keys import VerifierKey
from crypto.proof import Disclosure, parse_proof, verify_disclosure
from federation.errors import CharterError
from federation.reconcile.findings import PENDING
from federation.statements import ACTIONS, Kind
from node.directory.config import load_config
from tests.golden.corpus import (
    CORPORA,
    HERE,
    POSTGRES,
    Corpus,
    chain_of,
    digest,
    holds,
    read,
    said,
    summary,
    wired,
)
from tests.golden.founding import clock_at
from tests.support.commands import run

VERIFY = runpy.run_path(str(HERE.parent / "independent" / "verify.py"))["main"]
DIGESTS: dict[str, str] = json.loads(CORPORA.read_text("utf-8"))
NEWEST = list(DIGESTS)[-1]
NODES = ["510300", "510500"]
WORDS = {
    "active",
    "expired",
    "held",
    "in-force",
    "masked",
    "paused",
    "repaired",
    "set-aside",
    "withdrawn",
}


@pytest.fixture(params=DIGESTS)
def corpus(request: pytest.FixtureRequest) -> Corpus:
    return Corpus(HERE / str(request.param))


@pytest.fixture(params=NODES)
def directory(
    corpus: Corpus, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, Path]]:
    """A node of the corpus with its database, as it was left."""
    region: str = request.param
    with clock_at(corpus.clock):
        yield region, laid_out(corpus, region, tmp_path, request)


def laid_out(corpus: Corpus, region: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    laid = corpus.lay_out(region, tmp_path / region)
    on_server = corpus.expected["nodes"][region]["database"].endswith(POSTGRES)
    database = request.getfixturevalue("postgres_database") if on_server else ""
    assert corpus.restore(region, laid, database) == corpus.expected["schema"]
    return laid


def test_the_corpus_is_as_it_was_made(corpus: Corpus) -> None:
    assert digest(corpus.folder) == DIGESTS[corpus.folder.name]


def test_every_changed_byte_name_and_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    one = tmp_path / "folder" / "one"
    one.write_bytes(b"abc")
    seen = {digest(tmp_path)}
    one.write_bytes(b"abd")
    seen.add(digest(tmp_path))
    one = one.rename(tmp_path / "folder" / "two")
    seen.add(digest(tmp_path))
    (tmp_path / "more").write_bytes(b"")
    assert len(seen | {digest(tmp_path)}) == 4


def test_no_corpus_lies_here_that_is_not_noted() -> None:
    folders = {path.name for path in HERE.iterdir() if (path / "expected.json").exists()}
    assert folders == set(DIGESTS)


def test_the_newest_corpus_has_every_kind_with_every_action() -> None:
    """A kind or action that is added needs a corpus of its version: see README.md beside this."""
    nodes = Corpus(HERE / NEWEST).expected["nodes"].values()
    records = [r for node in nodes for log in node["logs"].values() for r in log["records"]]
    found = {(kind, action) for _, kind, action, _, _, _ in records}
    known = {(int(kind), int(action)) for kind, actions in ACTIONS.items() for action in actions}
    assert known - found == set()
    assert {word for _, _, _, word, _, _ in records} >= WORDS


def test_its_logs_verify_by_the_program_and_by_itself(corpus: Corpus, tmp_path: Path) -> None:
    expected = corpus.expected["logs"]
    keys = [part for log in expected.values() for part in ("--key", log["vkey"])]
    for name in ("public", "opened"):
        out = corpus.path("exports", name)
        verified = run("log", "verify", out, *keys, "--processes", 1, "-o", "json")
        assert (verified.code, verified.json["findings"]) == (0, [])
        assert VERIFY(["export", str(out), *keys]) == 0
        sizes = {log["origin"]: (log["size"], log["root"]) for log in verified.json["logs"]}
        assert sizes == {name: (log["size"], log["root"]) for name, log in expected.items()}
    changed = Path(shutil.copytree(corpus.path("exports", "public"), tmp_path / "out"))
    tile = next(path for path in changed.rglob("tile/0/*.p/*") if path.is_file())
    tile.write_bytes(bytes(tile.stat().st_size))
    assert VERIFY(["export", str(changed), *keys]) == 1
    assert run("log", "verify", changed, *keys, "--processes", 1).code == 1


def test_what_openings_of_exports_say(corpus: Corpus) -> None:
    for name, documents in corpus.payloads["510300"].items():
        folder = corpus.path("exports", "opened", name.replace("/", "__"), "openings")
        held = {str(int(path.name)): path for path in folder.rglob("*") if path.is_file()}
        assert held.keys() <= documents.keys()
        for index, path in held.items():
            kinds = corpus.expected["nodes"]["510300"]["logs"][name]["records"]
            found = read(kinds[int(index)][1], path.read_bytes()[32:])
            assert holds(found, documents[index]), (name, index)


def test_its_charters_verify_from_the_pin(corpus: Corpus, tmp_path: Path) -> None:
    charter = corpus.expected["charter"]
    chain = chain_of(corpus, charter["id"], tmp_path)
    assert [
        {
            "version": one.terms.version,
            "digest": one.digest.hex(),
            "segments": [
                [member.id, part.origin, part.from_size, part.to_size]
                for member in one.terms.members
                for part in member.segments
            ],
        }
        for one in chain.versions
    ] == charter["versions"]
    assert len(chain.versions) >= 3
    keys = {
        one.origin: str(one.log_key)
        for member in chain.latest.terms.members
        for one in member.segments
    }
    assert keys == {origin: log["vkey"] for origin, log in corpus.expected["logs"].items()}
    with pytest.raises(CharterError, match="expected the alliance"):
        chain_of(corpus, "00" * 32, tmp_path / "other")


def test_its_bundles_verify_by_the_program_and_by_itself(corpus: Corpus) -> None:
    for name, expected in corpus.expected["bundles"].items():
        folder = corpus.path("bundles", name)
        log = corpus.expected["logs"][expected["origin"]]["vkey"]
        assert VERIFY(["bundle", str(folder), "--key", log]) == 0
        opening, leaf = ((folder / part).read_bytes() for part in ("opening", "leaf"))
        proof = parse_proof((folder / "proof").read_bytes())
        disclosure = Disclosure(proof=proof, salt=opening[:32], payload=opening[32:])
        verify_disclosure(disclosure, entry=leaf, log_key=VerifierKey.parse(log))
        assert (leaf[12:28].hex(), proof.index) == (expected["statement_id"], expected["index"])


def test_its_fork_is_proved(corpus: Corpus) -> None:
    (origin,) = (
        o for o, log in corpus.expected["nodes"]["510300"]["logs"].items() if log["forked"]
    )
    key = VerifierKey.parse(corpus.expected["logs"][origin]["vkey"])
    verify_fork(parse_fork(corpus.path("fork").read_bytes()), log_key=key)


def _as_written(found: dict[str, Any]) -> dict[str, Any]:
    """What a node says, in the words of spec-1.

    There every scenario was shown as in force. SPEC §10 has had the word `superseded` all along and
    says since when it is shown: of one that a later one amended or closed. And a COMMENDATION of
    another was judged by nobody; since SPEC §5.9 it waits until it is.
    """
    for log in found["logs"].values():
        for record in log["records"]:
            if (record[1], record[3]) == (Kind.SCENARIO, "superseded"):
                record[3] = "in-force"
            if (record[1], record[4]) == (Kind.COMMENDATION, PENDING):
                record[3:5] = ["active", ""]
    return found


def test_its_databases_are_migrated_and_give_what_they_gave(
    corpus: Corpus, directory: tuple[str, Path]
) -> None:
    region, laid = directory
    expected: dict[str, Any] = corpus.expected["nodes"][region]
    with wired(laid) as node:
        assert _as_written(summary(node)) == {
            name: expected[name] for name in ("local_state", "logs")
        }
        assert node.logs()[node.origin]["state"] == "ok"
        found = said(node)
    assert found.keys() == corpus.payloads[region].keys()
    for origin, documents in corpus.payloads[region].items():
        assert found[origin].keys() == documents.keys()
        for index, document in documents.items():
            assert holds(found[origin][index], document), (origin, index)
    engine = create_engine(load_config(laid).database_url)
    with engine.connect() as connection:
        assert current_revision(connection) == HEAD
    engine.dispose()


def test_its_databases_are_derived_again_and_prove_what_they_hold(
    corpus: Corpus, directory: tuple[str, Path], tmp_path: Path
) -> None:
    _, laid = directory
    ran = run("rebuild", "--check", "--dir", laid, "-o", "json")
    assert (ran.code, ran.json) == (0, {"equal": True, "differences": []})
    for name, expected in corpus.expected["bundles"].items():
        folder = tmp_path / name
        statement = expected["statement_id"]
        ran = run("proof", statement, "--bundle", folder, "--dir", laid, "-o", "json")
        assert ran.code == 0, ran.err
        log = corpus.expected["logs"][expected["origin"]]["vkey"]
        assert VERIFY(["bundle", str(folder), "--key", log]) == 0


@pytest.mark.parametrize("name", ["answer", "receipt"])
def test_its_packets_are_opened_by_whom_they_are_for(
    corpus: Corpus, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    expected = corpus.expected["packets"][name]
    clock = corpus.clock
    clock.seconds = expected["moment"]
    with clock_at(clock):
        laid = laid_out(corpus, expected["receiver"], tmp_path, request)
        path = corpus.path("packets", f"{name}.huxin-packet")
        for new in (expected["new_leaves"], 0):
            ran = run("packet", "import", path, "--dir", laid, "-o", "json")
            assert ran.code == 0, ran.err
            (part,) = ran.json["parts"]
            assert (part["sender"], part["new_leaves"]) == (expected["sender"], new)
        if name == "answer":
            origin, index, *then = expected["attested"]
            before = corpus.expected["nodes"]["510300"]["logs"][origin]["records"][index]
            # Editions of the corpus may be from before each entry had to say how certain it is.
            check = run("catalog", "check", "--dir", laid, "-o", "json").json
            if waiting := [one["item"] for one in check["unconfirmed"]]:
                confirm = run("catalog", "confirm", *waiting, "--by", "示例人甲", "--dir", laid)
                assert confirm.code == 0, confirm.err
            with wired(laid) as node:
                node.job("reconcile")
                now = summary(node)["logs"][origin]["records"][index]
            assert before != now == [index, *then]
    assert expected["new_leaves"] > 0
