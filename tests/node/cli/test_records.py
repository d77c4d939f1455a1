"""The commands about records and logs, on a node that no server runs on, one after the other.

Covers node/cli/annotate.py, node/cli/log.py, node/cli/proof.py, node/cli/proof_check.py,
node/cli/publish.py, node/cli/rechecks.py,
node/cli/relief.py, node/cli/repairs.py, node/codec/as_json.py, node/codec/records.py,
node/records/payload_fields.py,
node/services/files.py, node/services/registry.py, node/services/repairs.py.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from crypto.cosignature import verify_cosignatures
from crypto.keys import VerifierKey
from crypto.notes import parse_note
from crypto.proof import Disclosure, parse_proof, verify_disclosure
from node.demo.founding import found_federation
from node.demo.members import DATA, LUZHOU
from node.documents.periods import last_month
from node.system.clock import SystemClock
from tests.support.commands import Ran, run

pytestmark = pytest.mark.usefixtures("one_day")

ROWS = 30
LIST = "unpaid-migrant-wages"
RECORD_FIELDS = {
    "statement_id",
    "kind",
    "about",
    "origin",
    "index",
    "list_type",
    "subject",
    "authority",
    "document",
    "decided_on",
    "publish_until",
    "state",
    "annotations",
    "rule",
}
DECISION = ("--document", "泸演决〔2026〕1号", "--date", "2026-11-01")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node of the demo's charter, with a small file published."""
    directory = tmp_path_factory.mktemp("federation")
    found_federation(directory, DATA)
    folder = directory / LUZHOU.region
    lines = (DATA / "lists" / LUZHOU.region / f"{LIST}.csv").read_text("utf-8").split("\n")
    (directory / "small.csv").write_text("\n".join(lines[: ROWS + 1]) + "\n", "utf-8")
    # No node runs here that could ask the other members.
    assert run("recover", "--go-on", "--by", "王演示", "--dir", folder).code == 0
    published = publish(folder)
    assert published.code == 0, published.err
    assert published.json["published"] == ROWS
    return folder


def publish(node: Path, *options: str) -> Ran:
    file = node.parent / "small.csv"
    return run("publish", file, "--list", LIST, "--dir", node, "-o", "json", *options)


@pytest.fixture
def listings(node: Path) -> list[dict[str, Any]]:
    """The listings that are active now."""
    found: list[dict[str, Any]] = run(
        "records", "list", "--state", "active", "-o", "json", "--dir", node
    ).json
    return found


def state_of(node: Path, statement_id: str) -> str:
    return str(run("records", "show", statement_id, "-o", "json", "--dir", node).json["state"])


def test_the_same_file_again_publishes_nothing(node: Path) -> None:
    again = publish(node)
    assert (again.code, again.json["published"]) == (0, 0)


def test_a_dry_run_publishes_nothing(node: Path, listings: list[dict[str, Any]]) -> None:
    assert publish(node, "--dry-run").json["dry_run"] is True
    assert len(listings) == len(
        run("records", "list", "--state", "active", "-o", "json", "--dir", node).json
    )


def test_a_refused_row_is_a_finding(node: Path) -> None:
    text = (node.parent / "small.csv").read_text("utf-8").split("\n")
    bad = node.parent / "bad.csv"
    bad.write_text(f"{text[0]}\n,{text[1].partition(',')[2]}\n", "utf-8")
    refused = run("publish", bad, "--list", LIST, "--dir", node, "-o", "json")
    assert refused.code == 1
    assert refused.json["faults"] == {"field.missing": 1}
    assert Path(f"{bad}.errors.csv").exists()


def test_progress_and_messages_do_not_stand_among_the_results(node: Path) -> None:
    table = run("publish", node.parent / "small.csv", "--list", LIST, "--dir", node)
    assert table.code == 0
    assert "已发布" in table.out
    assert table.err == ""


def test_records_have_the_fields_that_programs_rely_on(
    node: Path, listings: list[dict[str, Any]]
) -> None:
    assert set(listings[0]) >= RECORD_FIELDS
    assert {"code", "name", "kind"} <= set(listings[0]["subject"])
    assert listings[0]["about"] is None
    streamed = run("records", "list", "--stream", "--dir", node).out.splitlines()
    assert [json.loads(line) for line in streamed[: len(listings)]]
    shown = run("records", "show", listings[0]["statement_id"], "-o", "json", "--dir", node).json
    assert shown["payload"]["document"] == shown["document"]
    assert len(run("records", "list", "--limit", 3, "-o", "json", "--dir", node).json) == 3


def test_tables_have_chinese_headings_and_english_ones_by_a_switch(node: Path) -> None:
    assert "文书号" in run("records", "list", "--limit", 1, "--dir", node).out
    assert "document" in run("records", "list", "--limit", 1, "--lang", "en", "--dir", node).out


def test_repair_then_relisting_by_two_persons(node: Path, listings: list[dict[str, Any]]) -> None:
    statement_id = listings[0]["statement_id"]
    repaired = run("repair", statement_id, *DECISION, "-o", "json", "--dir", node)
    assert repaired.code == 0, repaired.err
    assert set(repaired.json) == {"statement_id", "origin", "index", "relieved"}
    assert repaired.json["relieved"] == {
        "statement_id": statement_id,
        "subject": listings[0]["subject"],
        "list_type": LIST,
        "document": listings[0]["document"],
        "state": "repaired",
    }
    assert state_of(node, statement_id) == "repaired"

    again = run("repair", statement_id, *DECISION, "--dir", node)
    assert again.code == 3
    assert "relief.already" in again.err

    assert publish(node).json["published"] == 0
    assert state_of(node, statement_id) == "repaired"

    relief = repaired.json["statement_id"]
    relist = ("relist", relief, *DECISION, "--ground", "error", "--dir", node)
    alone = run(*relist, "--approved-by", "甲")
    assert alone.code == 3
    assert "relisting.two-persons" in alone.err
    both = run(*relist, "--approved-by", "甲", "--approved-by", "乙")
    assert both.code == 0, both.err
    assert state_of(node, statement_id) == "active"


def test_what_was_published_is_told_also_where_its_listing_cannot_be_read(
    node: Path, listings: list[dict[str, Any]]
) -> None:
    """Nothing is read while the query log has no mark; a relief is signed all the same."""
    mark = node / "state" / "queries-high-water-1"
    kept = mark.rename(mark.with_suffix(".kept"))
    paused, relieved = (one["statement_id"] for one in listings[5:7])
    try:
        unread = run("records", "show", relieved, "--dir", node)
        assert (unread.code, "queries.mark-missing" in unread.err) == (3, True)
        pause = run("annotate", paused, "pause", *DECISION, "-o", "json", "--dir", node)
        repaired = run("repair", relieved, *DECISION, "-o", "json", "--dir", node)
        table = run("withdraw", paused, *DECISION, "--dir", node)
    finally:
        kept.rename(mark)
    for ran, verb in ((pause, "annotated"), (repaired, "relieved")):
        assert ran.code == 0, ran.err
        assert set(ran.json) == {"statement_id", "origin", "index", verb}
        assert ran.json[verb] is None
        assert "queries.mark-missing" in ran.err
        assert "已发布，不要重复办理" in ran.err
        assert "未作任何更改" not in ran.err
    assert table.code == 0, table.err
    assert "序号" in table.out
    assert state_of(node, relieved) == "repaired"
    assert state_of(node, paused) == "withdrawn"


def test_relisting_with_the_listing_from_a_file(
    node: Path, listings: list[dict[str, Any]], tmp_path: Path
) -> None:
    statement_id = listings[1]["statement_id"]
    shown = run("records", "show", statement_id, "-o", "json", "--dir", node)
    (tmp_path / "listing.json").write_text(shown.out, "utf-8")
    relief = run("withdraw", statement_id, *DECISION, "-o", "json", "--dir", node)
    assert state_of(node, statement_id) == "withdrawn"
    approved = ("--approved-by", "甲", "--approved-by", "乙", "--ground", "fraud")
    relisted = run(
        *("relist", relief.json["statement_id"], *DECISION, *approved, "--dir", node),
        *("--file", tmp_path / "listing.json"),
    )
    assert relisted.code == 0, relisted.err
    assert state_of(node, statement_id) == "active"


def test_reliefs_are_shown(node: Path, listings: list[dict[str, Any]]) -> None:
    subject = listings[4]["subject"]
    ended = run(
        "withdraw", listings[4]["statement_id"], *DECISION, "--dir", node, "-o", "json"
    ).json
    listed = run("records", "list", "--kind", "withdrawal", "--dir", node, "-o", "json").json
    (found,) = [one for one in listed if one["statement_id"] == ended["statement_id"]]
    assert found["subject"] == subject | {"kind": "unspecified"}
    shown = run("records", "show", ended["statement_id"], "--dir", node)
    assert (shown.code, subject["name"] in shown.out) == (0, True)
    assert "自贡：尚未答复" in shown.out
    listing = run("records", "show", listings[4]["statement_id"], "--dir", node)
    assert "已撤销：泸州" in listing.out
    assert "泸演决〔2026〕1号" in listing.out
    assert ended["statement_id"] in listing.out


def test_a_relief_names_the_firm_that_it_relieved(
    node: Path, listings: list[dict[str, Any]]
) -> None:
    told = run("repair", listings[5]["statement_id"], *DECISION, "--dir", node)
    for word in ("name", "code"):
        assert listings[5]["subject"][word] in told.out
    assert listings[5]["document"] in told.out
    assert "已提前移出" in told.out


def test_records_are_listed_by_code_name_and_list(
    node: Path, listings: list[dict[str, Any]]
) -> None:
    subject = listings[6]["subject"]
    by = ("records", "list", "-o", "json", "--dir", node)
    for option in (("--code", subject["code"]), ("--name", subject["name"])):
        found = run(*by, *option).json
        assert {one["subject"]["code"] for one in found} == {subject["code"]}
    assert run(*by, "--list", LIST, "--limit", 2).json != []
    assert run(*by, "--list", "judgment-defaulter").json == []


def check_bundle(bundle: Path, node: Path, statement_id: str) -> None:
    """A stranger verifies it, on the bundle's word and on that of the charter."""
    own = run("proof", "verify", bundle, "-o", "json")
    assert (own.code, own.json["statement_id"], own.json["trust"]) == (0, statement_id, "bundle")
    assert "compared with nothing" in run("proof", "verify", bundle, "--lang", "en").err
    asked: tuple[object, ...] = ("proof", "verify", bundle)
    charter = next(
        file
        for file in (node / "charters").glob("*/1.json")
        if run(*asked, "--charter", file, "-o", "json").code == 0
    )
    asked = (*asked, "--charter", charter)
    pinned = run(*asked, "--pin", charter.parent.name, "-o", "json")
    assert (pinned.code, pinned.json["trust"][:7]) == (0, "charter")
    assert pinned.json["opened"]["list_type"] == LIST
    assert run(*asked, "--pin", "00" * 32).code == 2
    assert run("proof", "verify", bundle, "--pin", charter.parent.name).code == 2
    leaf = (bundle / "leaf").read_bytes()
    (bundle / "leaf").write_bytes(leaf[:-1] + bytes((leaf[-1] ^ 1,)))
    bad = run("proof", "verify", bundle, "-o", "json")
    (bundle / "leaf").write_bytes(leaf)
    assert (bad.code, bad.json["valid"]) == (1, False)


def test_annotations_begin_and_end(node: Path, listings: list[dict[str, Any]]) -> None:
    statement_id = listings[2]["statement_id"]
    for action, state in (
        ("pause", "paused"),
        ("resume", "active"),
        ("mask", "masked"),
        ("unmask", "active"),
        ("objection-open", "active"),
    ):
        said = run("annotate", statement_id, action, *DECISION, "--dir", node)
        assert said.code == 0, said.err
        assert listings[2]["subject"]["name"] in said.out
        assert state_of(node, statement_id) == state
    shown = run("records", "show", statement_id, "-o", "json", "--dir", node).json
    assert shown["annotations"] == ["objection-opened"]
    nothing = run("annotate", statement_id, "resume", *DECISION, "--dir", node)
    assert (nothing.code, "annotation.nothing-open" in nothing.err) == (3, True)


def test_the_first_digits_of_an_id_name_a_statement(
    node: Path, listings: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listings[5]["statement_id"]
    shown = run("records", "show", whole[:6].upper(), "-o", "json", "--dir", node)
    assert (shown.code, shown.json["statement_id"]) == (0, whole)
    proved = run("proof", whole[:8], "-o", "json", "--dir", node)
    assert proved.json["statement_id"] == whole
    opened = run("annotate", whole[:7], "objection-open", *DECISION, "-o", "json", "--dir", node)
    assert opened.code == 0, opened.err
    assert opened.json["annotated"]["subject"] == listings[5]["subject"]
    assert run("annotate", whole, "objection-close", *DECISION, "--dir", node).code == 0
    absent = run("repair", "ffffffffffff", *DECISION, "--dir", node)
    assert (absent.code, "record.unknown" in absent.err) == (3, True)
    monkeypatch.setenv("COLUMNS", "100")
    assert whole[:8] in run("records", "list", "--dir", node).out
    assert whole[:9] not in run("records", "list", "--dir", node).out
    repaired = run("repair", whole[:8], *DECISION, "--dir", node)
    assert listings[5]["subject"]["name"] in repaired.out


def test_a_bundle_is_verified_by_a_stranger(
    node: Path, listings: list[dict[str, Any]], tmp_path: Path
) -> None:
    statement_id = listings[3]["statement_id"]
    bundle = tmp_path / "bundle"
    proved = run("proof", statement_id, "--bundle", bundle, "-o", "json", "--dir", node)
    assert proved.code == 0, proved.err
    assert sorted(path.name for path in bundle.iterdir()) == ["leaf", "opening", "proof", "vkey"]
    opening = (bundle / "opening").read_bytes()
    assert (bundle / "opening").stat().st_mode & 0o077 == 0
    verify_disclosure(
        Disclosure(
            proof=parse_proof((bundle / "proof").read_bytes()),
            salt=opening[:32],
            payload=opening[32:],
        ),
        entry=(bundle / "leaf").read_bytes(),
        log_key=VerifierKey.parse((bundle / "vkey").read_text().splitlines()[0]),
    )
    keys = [VerifierKey.parse(line) for line in (bundle / "vkey").read_text().splitlines()]
    note = parse_proof((bundle / "proof").read_bytes()).checkpoint
    assert {c.key for c in verify_cosignatures(parse_note(note), keys)} == set(keys[1:])
    assert opening[:32].hex() not in proved.out
    check_bundle(bundle, node, statement_id)
    again = run("proof", statement_id, "--bundle", bundle, "--dir", node)
    assert (again.code, "bundle.in-the-way" in again.err) == (3, True)


def test_an_export_verifies_until_a_byte_is_changed(node: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    exported = run("log", "export", out, "--flat", "-o", "json", "--dir", node)
    assert exported.code == 0, exported.err
    (log,) = exported.json["logs"]
    assert log["path"] == str(out / "510500.huxin.example__1")
    verified = run("log", "verify", out, "-o", "json")
    assert verified.code == 0, verified.out
    assert [part["path"] for part in verified.json["logs"]] == [".", "510500.huxin.example__1"]
    assert all(part["root"] == log["root"] for part in verified.json["logs"])

    key = (out / "vkey").read_text().splitlines()[0]
    assert run("log", "verify", out, "--key", key).code == 0
    other = str(VerifierKey(name="x/1", type=VerifierKey.parse(key).type, public=_public()))
    untrusted = run("log", "verify", out, "--key", other, "-o", "json")
    assert untrusted.code == 1
    assert {f["code"] for f in untrusted.json["findings"]} == {"vkey.untrusted"}

    tile = next((out / "510500.huxin.example__1" / "tile" / "0").rglob("*.p/*"))
    data = tile.read_bytes()
    tile.unlink()  # the flat name of the same file keeps its bytes
    tile.write_bytes(bytes((data[0] ^ 1,)) + data[1:])
    changed = run("log", "verify", out, "-o", "json")
    assert changed.code == 1
    assert [(f["log"], f["code"]) for f in changed.json["findings"]] == [
        ("510500.huxin.example__1", "tile.mismatch")
    ]


def test_an_export_with_openings_has_those_of_closed_kinds(node: Path, tmp_path: Path) -> None:
    assert run("log", "export", tmp_path, "--with-openings", "--dir", node).code == 0
    verified = run("log", "verify", tmp_path, "-o", "json").json
    assert verified["logs"][0]["openings"] >= ROWS


def test_an_export_for_somebody_unknown_is_refused(node: Path, tmp_path: Path) -> None:
    refused = run("log", "export", tmp_path / "out", "--for", "999999", "--dir", node)
    assert (refused.code, "peer.unknown" in refused.err) == (3, True)
    assert not (tmp_path / "out").exists()


def test_an_export_does_not_overwrite_other_files(node: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("precious")
    refused = run("log", "export", tmp_path, "--dir", node)
    assert (refused.code, "export.in-the-way" in refused.err) == (3, True)


def test_logs_that_are_not_held(node: Path, tmp_path: Path) -> None:
    assert run("log", "export", tmp_path, "--origin", "x.example/1", "--dir", node).code == 3
    assert run("log", "verify", tmp_path / "absent").code == 2


def test_rebuilding_gives_the_same_tables(node: Path) -> None:
    checked = run("rebuild", "--check", "-o", "json", "--dir", node)
    assert (checked.code, checked.json) == (0, {"equal": True, "differences": []})
    assert run("rebuild", "--dir", node).code == 0


def test_status_has_the_fields_that_programs_rely_on(node: Path) -> None:
    ended = run("status", "-o", "json", "--dir", node)
    document = ended.json
    assert (ended.code, document["running"]) == (1, False)
    assert document["problems"][0]["code"] == "node.not-running"
    assert "node.not-running" in ended.err
    assert set(document) >= {"node", "charters", "logs", "problems", "local_state"}
    assert set(document["node"]) == {"region", "name", "origin", "version"}
    assert {"id", "version", "expires_in_s"} <= set(document["charters"][0])
    own = document["logs"][0]
    assert set(own) >= {
        "origin",
        "size",
        "root",
        "verified_to",
        "reconciled_to",
        "delivered_to",
        "head_age_s",
        "log_state",
        "set_aside",
        "state",
    }
    assert own["state"] == "ok"
    assert "有效期" in run("status", "--long", "--dir", node).out


def _public() -> bytes:
    """Some point of the curve."""
    from nacl.signing import SigningKey  # noqa: PLC0415

    return bytes(SigningKey(hashlib.sha256(b"another").digest()).verify_key)


def test_how_far_a_repair_has_come(node: Path) -> None:
    (listed, *_) = run("records", "list", "--state", "active", "-o", "json", "--dir", node).json
    relief = run("repair", listed["statement_id"], *DECISION, "-o", "json", "--dir", node).json
    found = run("repairs", "list", "--outstanding", "-o", "json", "--dir", node).json
    (one,) = [one for one in found if one["about"] == listed["statement_id"]]
    assert (one["executed"], one["received"]) == (0, 0)
    assert one["late"] == []  # nobody vouched for it: no other node runs
    assert len(one["outstanding"]) == one["members"] > 1
    assert (one["due"], one["due_unknown"], one["published_by"]) == (None, "not-proved", None)
    assert one["subject_name"] == listed["subject"]["name"]
    assert run("repairs", "list", "--late", "-o", "json", "--dir", node).json == []
    assert run("repairs", "list", "--limit", "1", "-o", "json", "--dir", node).json == found[:1]
    shown = run("repairs", "show", relief["statement_id"], "--dir", node)
    assert shown.code == 0, shown.err
    assert "尚无他方证明已发布" in shown.out
    assert "时间未证明" in shown.out
    assert "尚无证明" in shown.out
    table = run("repairs", "list", "--dir", node)
    assert f"0/{one['members']}" in table.out
    by_listing = run("repairs", "show", listed["statement_id"], "--dir", node)
    assert (by_listing.code, by_listing.out) == (0, shown.out)
    refused = run("repairs", "show", "0" * 32, "--dir", node)
    assert (refused.code, "record.unknown" in refused.err) == (3, True)
    audited = run("repairs", "audit", "-o", "json", "--dir", node)
    assert audited.code == 0, "nobody is accused"
    assert {one["code"] for one in audited.json} == {"repair.not-known"}
    assert "是否逾期无法证明" in run("repairs", "audit", "--dir", node).out
    rates = run("repairs", "rates", "--month", "2026-11", "-o", "json", "--dir", node).json
    assert (rates["reliefs"], rates["executed"]) == (len(found), 0)
    told = run("repairs", "rates", "--month", "2026-11", "--dir", node).out
    assert ("当日执行率" in told, "修复及时率" in told) == (True, False)  # of none it is known
    unnamed = run("repairs", "rates", "-o", "json", "--dir", node).json
    assert unnamed["first"] // 100 == int(last_month(SystemClock().today()).replace("-", ""))


def test_a_repair_of_a_past_quarter_is_rechecked(node: Path) -> None:
    active = run("records", "list", "--state", "active", "-o", "json", "--dir", node).json
    listed = next(one for one in active if one["decided_on"] <= 20260901)
    repaired = run(
        *("repair", listed["statement_id"], "--document", "泸演决〔2026〕9号"),
        *("--date", "2026-09-30", "-o", "json", "--dir", node),
    )
    assert repaired.code == 0, repaired.err
    recheck = ("repairs", "recheck")
    words = ("--quarter", "2026-Q3", "--by", "示例人甲", "--dir", node)
    drawn = run(*recheck, "draw", *words, "-o", "json")
    assert (drawn.code, drawn.json["among"], drawn.json["drawn"]) == (0, 1, 1)
    again = run(*recheck, "draw", *words)
    assert (again.code, "recheck.drawn" in again.err) == (3, True)
    assert "未复查" in run(*recheck, "list", "--dir", node).out
    finding = ("--by", "示例人甲", "--finding", "doubt", "--note", "材料不全", "--dir", node)
    asked = (*recheck, "done", repaired.json["statement_id"], *finding, "--decided-by")
    assert run(*asked, "示例人甲").code == 3
    done = run(*asked, "示例人乙")
    assert done.code == 0, done.err
    assert "huxin relist" in done.err + done.out
    (one,) = run(*recheck, "list", "-o", "json", "--dir", node).json
    assert (one["recheck"]["decider"], one["recheck"]["finding"]) == ("示例人乙", "doubt")
    table = run(*recheck, "list", "--dir", node).out
    assert ("有疑" in table, "材料不全" in table) == (True, True)
