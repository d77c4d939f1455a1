"""`huxin repairs certificate|verify` as a clerk uses them.

Covers node/cli/certificates.py and node/services/certificates.py.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from huxin.v1 import certificates_pb2 as pb
from typer.testing import CliRunner

from federation.errors import RefusedError
from node.cli.repairs import app
from node.services.certificates import PIECE, CertificatesService
from tests.support import charters as build
from tests.support.certified import CITY, OTHER, PEER, SUBJECT, certificates, repaired
from tests.support.simulation import Federation

RUN = CliRunner()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate in an empty folder."""
    folder = tmp_path_factory.mktemp("federation")
    members = (CITY, PEER, OTHER)
    chain = build.make_chain([build.make_member(name) for name in members])
    federation = Federation(folder, members, [chain])
    for one, other in ((CITY, PEER), (CITY, OTHER), (PEER, OTHER)):
        federation.connect(one, other)
    made = certificates(federation[CITY]).certificate(repaired(federation), SUBJECT)
    for node in federation.nodes.values():
        node.store.close()
    path = tmp_path_factory.mktemp("empty") / "proof.pdf"
    path.write_bytes(made.pdf)
    return path


def test_it_is_verified_in_an_empty_folder(file: Path) -> None:
    result = RUN.invoke(app, ["verify", str(file), "--subject", SUBJECT, "-o", "json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["page"] == "same"
    assert {one["status"] for one in document["regions"]} == {"proved", "not-proved"}
    alliance = next(iter(document["alliances"]))
    pinned = RUN.invoke(app, ["verify", str(file), "--pin", alliance])
    assert pinned.exit_code == 0
    assert "--pin" not in pinned.output
    assert "未证明" in pinned.output
    assert "--pin" in RUN.invoke(app, ["verify", str(file)]).output


def test_an_alliance_that_was_not_pinned_is_asked_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RefusedError("repair-certificate.log", "510100.huxin.example/1 is of no charter")

    monkeypatch.setattr("node.cli.certificates.check_file", refuse)
    pinned = RUN.invoke(app, ["verify", str(file), "--pin", "00" * 32])
    assert (pinned.exit_code, "每个各给一次 --pin" in pinned.output) == (1, True)
    assert "--pin" not in RUN.invoke(app, ["verify", str(file)]).output


def test_what_is_wrong_with_it_is_named(file: Path, tmp_path: Path) -> None:
    other = RUN.invoke(app, ["verify", str(file), "--pin", "00" * 32])
    assert (other.exit_code, "repair-certificate.pin" in other.output) == (1, True)
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(file.read_bytes().replace(b"/Catalog", b"/Katalog"))
    result = RUN.invoke(app, ["verify", str(changed), "-o", "json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == "repair-certificate.seal"
    assert RUN.invoke(app, ["verify", str(file), "--pin", "12"]).exit_code == 2


async def test_the_service_hands_it_over_in_pieces() -> None:
    made = SimpleNamespace(number="HX1", pdf=bytes(PIECE + 1), html=b"<p>")
    making = SimpleNamespace(certificate=lambda *_: made)
    with ThreadPoolExecutor(1) as readers:
        service = CertificatesService(making=making, readers=readers)
        request = pb.MakeCertificateRequest(statement_id=bytes(16), subject="1")
        answers = service.MakeCertificate(request, cast("Any", None))
        pieces = [piece async for piece in answers]
    assert b"".join(one.pdf for one in pieces) == made.pdf
    assert [len(one.pdf) for one in pieces] == [0, PIECE, 1, 0]
    assert pieces[-1].html == made.html
