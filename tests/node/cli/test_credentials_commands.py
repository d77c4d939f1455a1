"""`huxin access new|list|show|revoke|lift` over a node that does not run.

Covers node/cli/credentials.py, node/services/access.py, node/services/askers.py,
node/services/doors.py, node/access/presenting.py, node/cli/own_token.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.sql.credentials import StoredStop, add_stop
from federation.errors import RefusedError
from federation.ids import Timestamp
from node.access.presenting import certificate_of
from node.access.wiring import wire_queries
from node.directory.config import NodeSection
from node.directory.creation import NewNode, create_node
from node.directory.opened import open_directory
from node.reconcile.catalog_book import CatalogBook
from node.services.askers import bearer
from node.system.entropy import token
from tests.support.catalogs import PERSONS
from tests.support.commands import Ran, run
from tests.support.screened import BARE, MATTER, matters_text
from tests.support.tls import holder

DEPARTMENT = "政务服务局（演示）"
USUAL = ("--department", DEPARTMENT, "--by", "张某", "--expires", "2099-12-31")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "a"
    identity = NodeSection(region="510500", name="泸州", role="city", origin="a.example/1")
    new = NewNode(identity=identity, listen="127.0.0.1:0", advertise="", charter_key=None)
    create_node(made, new, now=Timestamp(1_795_000_000), token=token)
    return made


def access(directory: Path, *words: object) -> Ran:
    return run("access", *words, "--dir", directory)


def made(directory: Path, *words: object) -> Any:
    ran = access(directory, "new", *USUAL, *words, "-o", "json")
    assert ran.code == 0, ran.err
    return ran.json


def furnish(directory: Path) -> None:
    """Let it adopt a catalog with matters."""
    opened = open_directory(directory)
    CatalogBook(store=opened.store, now=opened.clock.now).adopt(matters_text(), PERSONS)
    opened.store.close()


def test_only_matters_and_purposes_that_there_are(directory: Path) -> None:
    ran = access(directory, "new", *USUAL, "--matter", MATTER)
    assert (ran.code, "access.value" in ran.err, "无" in ran.err) == (3, True, True)
    furnish(directory)
    ran = access(directory, "new", *USUAL, "--matter", MATTER, "--matter", "goverment-funds")
    assert ran.code == 3
    for word in ("access.value", "goverment-funds", MATTER, BARE):
        assert word in ran.err
    ran = access(directory, "new", *USUAL, "--matter", MATTER, "--purpose", "curiosity")
    assert ran.code == 3
    for word in ("access.value", "curiosity", "joint-punishment", "audit"):
        assert word in ran.err
    assert access(directory, "list", "-o", "json").json == []


def test_the_life_of_a_credential(directory: Path) -> None:
    furnish(directory)
    shown = access(directory, "new", *USUAL, "--matter", MATTER, "--purpose", "joint-punishment")
    assert shown.code == 0
    secret = next(word for word in shown.out.split() if word.startswith("hx1_"))
    assert len(secret) == 47
    (listed,) = access(directory, "list", "-o", "json").json
    assert listed["department"] == DEPARTMENT
    assert (listed["state"], listed["roles"], listed["by"]) == ("valid", ["department"], "token")
    assert listed["matters"] == [MATTER]
    for words in (("list",), ("show", listed["id"], "--lang", "en")):
        ran = access(directory, *words)
        assert ran.code == 0
        assert secret not in ran.out + ran.err
        assert max(map(len, ran.out.splitlines())) <= 100
    ended = access(directory, "revoke", listed["id"], "--by", "李某", "-o", "json")
    assert (ended.json["state"], ended.json["revoked_by"]) == ("revoked", "李某")
    again = access(directory, "revoke", listed["id"], "--by", "李某")
    assert (again.code, "access.ended" in again.err) == (3, True)
    nothing = access(directory, "lift", listed["id"], "--by", "李某", "--reason", "核实")
    assert (nothing.code, "access.not-stopped" in nothing.err) == (3, True)
    assert access(directory, "show", "nobody").code == 3


def test_a_stop_is_told_in_the_status_and_lifted_by_a_person(directory: Path) -> None:
    one = made(directory)["id"]
    opened = open_directory(directory)
    queries = wire_queries(opened)
    with queries.store.write() as writes:
        add_stop(writes, StoredStop(credential=one, code="enumeration.case", at=1_795_000_000))
    queries.close()
    opened.store.close()
    status = run("status", "--dir", directory, "-o", "json").json
    (problem,) = [one for one in status["problems"] if one["code"] == "access.stopped"]
    assert one in problem["message"]
    assert "enumeration.case" in access(directory, "show", one).out
    lifted = access(directory, "lift", one, "--by", "李某", "--reason", "核实", "-o", "json")
    assert lifted.json["state"] == "valid"
    status = run("status", "--dir", directory, "-o", "json").json
    assert status["access"]["stopped"] == []


def test_a_certificate_is_taken_as_it_is(directory: Path, tmp_path: Path) -> None:
    known, file = holder("tender.example"), tmp_path / "client.crt"
    file.write_bytes(known.certificate.public_bytes(Encoding.PEM))
    one = made(directory, "--certificate", file)
    assert (one["token"], one["by"]) == ("", "certificate")
    file.write_bytes(known.der)
    again = access(directory, "new", *USUAL, "--certificate", file)
    assert (again.code, "access.certificate" in again.err) == (3, True)
    version = (
        b"\xa0\x03\x02\x01"  # what reads certificates has an error of its own for a strange one
    )
    strange = known.der.replace(version + b"\2", version + b"\6")
    empty = (b"", b"-----BEGIN CERTIFICATE-----", b"0\x82")
    for content in (*empty, strange, known.identity.key_pem):
        with pytest.raises(RefusedError) as refused:
            certificate_of(content)
        assert refused.value.code == "access.certificate"


def test_who_has_a_role_brings_the_token(directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(made(directory, "--role", "security")["token"] + "\n")
    denied = access(directory, "new", *USUAL)
    assert (denied.code, "access.denied" in denied.err) == (3, True)
    assert "--token-file" in denied.err
    audit = made(directory, "--role", "audit", "--token-file", file)
    assert run("access", "verify", "--dir", directory).code == 3  # that is the auditor's now
    assert access(directory, "list").code == 3
    assert len(access(directory, "list", "--token-file", file, "-o", "json").json) == 2
    file.write_text(audit["token"])
    verified = access(directory, "verify", "--token-file", file, "-o", "json")
    assert (verified.code, verified.json["ok"]) == (0, True)
    refused = access(directory, "new", *USUAL, "--token-file", file)
    assert (refused.code, "access.denied" in refused.err) == (3, True)
    file.write_text("hx1_nothing")
    unknown = access(directory, "list", "--token-file", file)
    assert (unknown.code, "access.unknown" in unknown.err) == (3, True)


def test_roles_that_do_not_stand_together(directory: Path) -> None:
    ran = access(directory, "new", *USUAL, "--role", "operator", "--role", "reviewer")
    assert (ran.code, "access.roles" in ran.err) == (3, True)
    assert access(directory, "new", *USUAL, "--role", "king").code == 2
    assert access(directory, "new", *USUAL, "--expires", "2020-01-01").code in {2, 3}


def test_a_token_in_metadata_has_one_form() -> None:
    token = "hx1_" + "A" * 43
    assert bearer([f"Bearer {token}"]) == token
    assert bearer([f" bearer  {token} "]) == token
    for bad in ([], ["Bearer "], [token], [f"Bearer {token}"] * 2, [f"Basic {token}"]):
        with pytest.raises(Exception, match="once"):
            bearer(bad)
