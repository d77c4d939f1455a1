"""A support bundle has what helps, and no subject, secret, department or person in it (SB1, SB2).

Covers node/cli/support_bundle.py.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.ids import StatementId
from federation.own_log import Draft
from federation.statements import Kind
from node.codec import ProtobufPayloads
from node.demo.members import DemoMember
from node.directory.config import load_config
from node.log.units import Unit
from node.system.entropy import token
from node.upkeep.support import configuration, figures, log_events
from tests.support import canaries
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, found, listing_of

CITY = DemoMember(region="510500", name="泸州", role="city")
SECRET = "geheim-t0ken-5f4dcc3b5aa765d61d83"
SETTINGS = f"""
[files.sources.kanarienamt]
authorities = {{ "{canaries.MARK}局" = "510500-kanarienamt" }}
list_types = ["judgment-defaulter"]
name = "{canaries.MARK}局"

[platform.kanarienplatz]
url = "postgresql://kanarienkonto@127.0.0.1/kanariendb"
password_file = "platform/password"
"""
PERSON = f"""[persons]
"{canaries.MARK}" = "kanarienperson+1e4dd4c4+AVdvxGN0rS4/i+d+FqCXqBzb/Ey5XXK0pwZdnwHz6g/w"
"""
NAMES = ("kanarien", canaries.MARK, SECRET)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("support")
    found(place, [CITY])
    directory = place / CITY.region
    node = WiredNode(directory)
    plain = listing_of(node.me, 1)
    subject = replace(plain.subject, code=canaries.CODE, name=canaries.name("支持"))
    content = replace(
        plain,
        audience=node.registry._statements.audience(),
        subject=subject,
        reason=canaries.reason("支持"),
    )
    draft = Draft(
        kind=Kind.LISTING,
        action=0,
        statement_id=StatementId(token(16)),
        payload=ProtobufPayloads().encode(content),
    )
    unit = Unit(drafts=lambda _: [draft], record=lambda _session, _placed: None)
    node.parts.writer.publish(unit).result()
    node.close()
    shown = run("status", "-o", "json", "--dir", directory)
    (place / "status.json").write_text(shown.out)
    folder = directory / "inbox" / "kanarienamt" / "refused"
    folder.mkdir(parents=True)
    (folder / f"{canaries.MARK}.csv").write_text(canaries.CODE)
    (directory / "platform").mkdir(mode=0o700, exist_ok=True)
    (directory / "platform" / "password").write_text(SECRET)
    (directory / "platform" / "password").chmod(0o600)
    lines = [
        {"event": "file taken", "level": "info", "timestamp": "2026-11-29T01:02:03Z"}
        | {"source": "kanarienamt", "file": canaries.MARK},
        {"event": f"row of {canaries.CODE}", "level": "info", "timestamp": "2026-11-29T01:02:04Z"}
        | {"code": canaries.CODE, "token": SECRET},
        {"event": "job failed", "level": "error", "timestamp": "2026-11-29T01:02:05Z"}
        | {"code": "store.failed"}
        | {"exception": f'File "/opt/x/node/log/writer.py", line 7, in run\nE: {canaries.CODE}'},
    ]
    said = "\n".join([*map(json.dumps, lines), f"Traceback: {canaries.CODE} {SECRET}"])
    (directory / "node.log").write_text(said + "\n")
    config = directory / "huxin.toml"
    config.write_text(config.read_text("utf-8").replace("[persons]\n", PERSON) + SETTINGS)
    return directory


def documents(tar: Path) -> Mapping[str, Any]:
    with tarfile.open(tar) as opened:
        return {
            one.name.rpartition("/")[2]: opened.extractfile(one).read()  # type: ignore[union-attr]
            for one in opened.getmembers()
        }


def secrets_of(directory: Path) -> list[str]:
    """Every line of every key file, and every long text of the key ring."""
    found = []
    for path in [*directory.glob("keys/**/*"), *directory.glob("state/**/*")]:
        if path.is_file() and path.suffix in {".key", ".json"}:
            text = path.read_text("utf-8", "replace")
            words = text.replace('"', " ").replace(",", " ").split()
            found += [word for word in words if len(word) > 30]
    return found


def test_nothing_of_subjects_secrets_or_people_is_in_it(directory: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle.tar"
    assert canaries.files_with([directory]), "canaries are looked for in the right place"
    made = run("support-bundle", out, "--dir", directory)
    assert made.code == 0, made.err
    assert out.stat().st_mode & 0o777 == 0o600
    data = out.read_bytes()
    assert not canaries.in_bytes(data)
    assert not [name for name in NAMES if name.encode() in data]
    secrets = secrets_of(directory)
    assert secrets
    assert not [one for one in secrets if one.encode() in data]
    assert run("support-bundle", out, "--dir", directory).code != 0, "nothing is overwritten"


def test_what_helps_is_in_it(directory: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle.tar"
    assert run("support-bundle", out, "--dir", directory).code == 0
    said = {
        name: json.loads(data) for name, data in documents(out).items() if name.endswith(".json")
    }
    machine, config = said["machine.json"], said["config.json"]
    assert machine["revisions"] == machine["newest"]
    assert {"huxin", "python", "system", "sqlite", "packages"} <= set(machine)
    assert config["database"] == "sqlite"
    assert (len(config["sources"]), config["persons"]) == (2, 1)
    assert config["platforms"] == [{"service": False, "driver": "postgresql"}]
    codes = {one["group"]: one["codes"] for one in said["doctor.json"]}
    assert codes["backups"] == {"backup.none": 1, "drill.none": 1}
    assert codes["keys"] == {}
    assert said["status.json"] is None
    assert said["sizes.json"]["logs"] == {str(load_config(directory).origin): 1}
    events = said["log.json"]["log-1"]
    assert events["left_out"] == 1
    assert [one.get("event") for one in events["events"]] == ["file taken", None, "job failed"]
    assert events["events"][-1]["at"] == ["log/writer.py:7:run"]


def test_of_a_status_numbers_and_states_are_kept(directory: Path) -> None:
    status = json.loads((directory.parent / "status.json").read_text())
    status["jobs"] = [
        {
            "name": "platform.kanarienplatz",
            "seconds": 3,
            "late": False,
            "at_work": False,
            "failures": 9,
            "failed": 9,
            "code": "platform.unreachable",
            "message": canaries.reason("平台"),
        }
    ]
    status["problems"] += [
        {"code": "inbox.folder", "message": canaries.name("文件"), "fix": "kanarien"}
    ]
    status["outcomes"]["late"] = [{"department": "kanarienamt", "statement_id": canaries.CODE}]
    kept = figures(status)
    text = json.dumps(kept, ensure_ascii=False)
    assert not canaries.in_bytes(text.encode())
    assert "kanarien" not in text
    assert kept["problems"]["inbox.folder"] == 1
    assert kept["jobs"][0]["name"] == "platform"
    assert kept["logs"][0]["state"] == "ok"
    assert kept["outcomes"]["overdue"] == 0


def test_where_no_log_lies_there_is_none(tmp_path: Path, directory: Path) -> None:
    assert log_events(tmp_path) == {}
    assert "kanarien" not in json.dumps(configuration(load_config(directory)))
