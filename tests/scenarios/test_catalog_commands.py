"""The commands of docs/reconciliation.md, run in their order on a node that holds listings.

Covers node/cli/cases.py, node/cli/catalog.py, node/cli/code_tables.py, node/cli/matters.py,
node/reconcile/case_desk.py, node/reconcile/catalog_desk.py, node/reconcile/catalog_shapes.py,
node/cli/trust_lists.py, node/reconcile/proposals.py, node/services/cases.py,
node/services/catalogs.py.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cased import CITY, DOCUMENT, EXAMPLE_ID, PEER, make_case, reconcile
from tests.support.catalogs import edition_text, matter_row, matter_text
from tests.support.commands import Ran, run
from tests.support.federation_dirs import code_of, listing_of, name_of

PROPOSAL = "proposal.yaml"
SIGNED = "## Signed words"
FINDINGS = 1


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory of a node that holds one listing whose name does not agree."""
    return make_case(tmp_path)


def commands() -> list[str]:
    """The commands that the document shows, in their order, without those of keys."""
    before, signed = DOCUMENT.read_text("utf-8").split(SIGNED)
    text = before + signed.partition("\n## ")[2]
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line[len("$ huxin ") :] for block in blocks for line in block.splitlines()]


def proposing(*, wanted: bool) -> list[str]:
    """The commands that are about a proposal, or the others."""
    return [line for line in commands() if (PROPOSAL in line) is wanted]


def test_the_commands_of_the_document_do_what_it_says(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(directory)
    node = directory / PEER.region
    odd = (directory / "id").read_text()
    assert listing_of(CITY.region, 1).subject.name == name_of(1)
    shown = proposing(wanted=False)
    # The library first: cases are about subjects.
    shown.sort(key=lambda line: not line.startswith("catalog library"))
    done: list[tuple[str, Ran]] = []
    for line in shown:
        if line.startswith("cases"):
            reconcile(node)
        ran = run(*shlex.split(line.replace(EXAMPLE_ID, odd)), "--dir", node)
        done.append((line, ran))
        allowed = (0, FINDINGS) if line.split()[1] in ("check", "diff") else (0,)
        assert ran.code in allowed, (line, ran.err)
    assert {line.split()[1] for line in shown} == {
        "library",
        "import",
        "check",
        "confirm",
        "show",
        "deadlines",
        "matters",
        "regions",
        "authorities",
        "diff",
        "list",
        "decide",
    }
    reconcile(node)
    assert run("cases", "list", "--dir", node, "-o", "json").json == []
    case = run("cases", "show", odd, "--dir", node, "-o", "json").json
    assert (case["question"], case["decided"]) == ("identity.name-mismatch", "reject")
    assert [one["verdict"] for one in case["history"]] == ["use", "use", "reopen", "reject"]


def test_a_name_that_is_no_starters_is_told_with_those_that_there_are(directory: Path) -> None:
    wrong = run("catalog", "import", "national-list", "--dir", directory / PEER.region)
    assert wrong.code == 2
    assert "没有这个启动版" in wrong.err
    assert "national-lists-2024" in wrong.err
    away = run("catalog", "import", "away.yaml", "--dir", directory / PEER.region)
    assert (away.code, "没有文件" in away.err) == (2, True)


def test_deadlines_are_shown_with_their_due_dates(directory: Path) -> None:
    node = directory / PEER.region
    on = ("--on", "20261109", "--dir", node)
    none = run("catalog", "deadlines", *on, "-o", "json").json
    assert none["deadlines"] == []
    assert set(none["due"].values()) == {None}
    for name in ("national-deadlines-2026", "alliance-deadlines-2026"):
        by = ("--by", "张某", "--by", "李某")
        assert run("catalog", "import", name, *by, "--dir", node).code == 0
    found = run("catalog", "deadlines", *on, "-o", "json").json
    lasts = {one["obligation"]: one["last"] for one in found["deadlines"]}
    assert (lasts["publish-penalty"], lasts["accept"]) == (20261118, 20261112)
    assert {name for name, last in found["due"].items() if last} == {"publish-penalty"}
    row = "alliance-deadlines-2026/deadlines/relief-everywhere"
    assert row in run("catalog", "check", "--dir", node).out
    assert run("catalog", "confirm", row, "--by", "张某", "--dir", node).code == 0
    due = run("catalog", "deadlines", *on, "-o", "json").json["due"]
    assert due["relief-everywhere"] == 20261109
    chinese = run("catalog", "deadlines", *on)
    assert "当日24时（北京时间）前" in chinese.out
    assert "未知" in chinese.out
    assert "unknown" in run("catalog", "deadlines", *on, "--lang", "en").out


def test_lists_of_the_trustworthy_are_shown_with_the_methods_of_their_grades(
    directory: Path,
) -> None:
    node = directory / PEER.region
    by = ("--by", "张某", "--by", "李某")
    tried = run("catalog", "import", "national-trust-2026", "--dir", node, "-o", "json").json
    assert {one["sort"] for one in tried["differences"]} == {"trust-list", "grade-method"}
    assert run("catalog", "import", "national-trust-2026", *by, "--dir", node).code == 0
    on = ("--on", "20260501", "--dir", node)
    shown = run("catalog", "trust", *on, "-o", "json").json
    lists = {one["list_type"]: one for one in shown["trust_lists"]}
    assert (lists["tax-grade-a"]["method"], lists["tax-grade-a"]["confirmed"]) == (
        "tax-credit",
        False,
    )
    row = "national-trust-2026/grade-methods/tax-credit/2014"
    assert run("catalog", "confirm", row, "--by", "张某", "--dir", node).code == 0
    methods = run("catalog", "trust", *on, "-o", "json").json["grade_methods"]
    assert [one["method"] for one in methods if one["known"]] == ["tax-credit"]
    assert "A级纳税人" in run("catalog", "trust", *on).out
    assert "grades, best first" in run("catalog", "trust", *on, "--lang", "en").out


def test_the_measures_are_shown_with_class_and_rank(directory: Path) -> None:
    node = directory / PEER.region
    for name in ("national-measures-2024", "national-lists-2024"):
        by = ("--by", "张某", "--by", "李某")
        assert run("catalog", "import", name, *by, "--dir", node).code == 0
    shown = run("catalog", "show", "--on", "20261109", "--dir", node, "-o", "json").json
    measures = {one["code"]: one for one in shown["measures"]}
    assert (
        measures["procurement-ban"]["measure_class"],
        measures["procurement-ban"]["article"],
    ) == (
        1,
        "第七十七条",
    )
    assert measures["credit-caution"]["measure_class"] == 3
    wages = run("catalog", "show", "unpaid-migrant-wages", "--dir", node, "-o", "json").json
    assert len(wages["measures"]) == 8
    assert wages["basis_rank"] == "administrative-regulation"
    assert "行政法规" in run("catalog", "show", "--dir", node).out
    assert "行政法规" in run("catalog", "show", "unpaid-migrant-wages", "--dir", node).out


def test_matters_are_shown_compared_and_confirmed(directory: Path) -> None:
    node = directory / PEER.region
    by = ("--by", "张某", "--by", "李某")
    for name in ("national-measures-2024", "national-lists-2024", "national-screening-2026"):
        assert run("catalog", "import", name, *by, "--dir", node).code == 0
    waiting = "national-screening-2026/matters/supervision"
    assert run("catalog", "confirm", waiting, "--by", "张某", "--dir", node).code == 0
    found = {one["code"]: one for one in run_json(node, "catalog", "matters")["matters"]}
    (row,) = found["government-funds"]["rows"]
    assert (row["class"], row["rule"]) == ("prompt", "matter.prompt")
    assert row["list_types"] == ["unpaid-migrant-wages"]
    confirmed = [found[code]["confirmed"] for code in ("bidding", "supervision", "preferences")]
    assert confirmed == [True, True, False]
    assert run_json(node, "catalog", "show")["matters"] == list(found.values())
    shown = run("catalog", "matters", "--dir", node).out
    assert "政府资金支持" in shown
    assert "提示" in shown
    assert "暂不适用：work-safety" in shown
    wages = matter_row("unpaid-migrant-wages", article="某条", certainty="M")
    path = directory / "matters.yaml"
    text = matter_text("city-2026", "bidding", {"wages-bidding": wages}, "city")
    path.write_text(text, encoding="utf-8")
    changed = run("catalog", "import", path, *by, "--dir", node, "-o", "json").json["differences"]
    assert [(one["sort"], one["code"]) for one in changed] == [
        ("matter", "bidding"),
        ("matter-row", "bidding/wages-bidding"),
    ]
    assert changed[0]["name"] == yaml.safe_load(text)["matters"]["bidding"]["name"]
    listed = run("catalog", "check", "--dir", node).out
    assert "city-2026/matters/bidding/wages-bidding" in listed
    assert waiting not in listed
    penal = text.replace("unpaid-migrant-wages", "administrative-penalty-serious")
    path.write_text(penal, encoding="utf-8")
    refused = run("catalog", "import", path, *by, "--dir", node)
    assert (refused.code, "catalog.matter-list" in refused.err) == (3, True)


def run_json(node: Path, *arguments: str) -> Any:
    return run(*arguments, "--dir", node, "-o", "json").json


def test_an_edition_is_tried_before_it_takes_effect(directory: Path) -> None:
    node = directory / PEER.region
    run("catalog", "library", directory / "subjects.csv", "--dir", node)
    reconcile(node)
    text = edition_text("peer-2026", layer="city", lists=["judgment-defaulter"], struck=True)
    path = directory / "strike.yaml"
    path.write_text(text, "utf-8")
    tried = run("catalog", "import", path, "--dir", node, "-o", "json").json
    assert not tried["adopted"]
    changes = {(one["from"], one["to"]): one["listings"] for one in tried["changes"]}
    assert changes == {
        ("record.recognised", "catalog.list-unknown"): 1,
        ("identity.name-mismatch", "catalog.list-unknown"): 1,
    }
    states = [r["state"] for r in run("records", "list", "--dir", node, "-o", "json").json]
    assert sorted(states) == ["active", "held"]
    one_person = run("catalog", "import", path, "--by", "张某", "--dir", node)
    assert one_person.code == 3
    assert "catalog.persons" in one_person.err
    adopted = run("catalog", "import", path, "--by", "张某", "--by", "李某", "--dir", node)
    assert adopted.code == 0
    reconcile(node)
    states = [r["state"] for r in run("records", "list", "--dir", node, "-o", "json").json]
    assert states == ["rejected", "rejected"]


def test_what_an_edition_says_otherwise_under_its_id_is_to_be_confirmed_again(
    directory: Path,
) -> None:
    node, path = directory / PEER.region, directory / "edition.yaml"
    lists = ["judgment-defaulter", "tax-arrears"]

    def waiting(**item: Any) -> list[str]:
        texts = [edition_text("peer-2026", lists=lists, certainty="M", longest_months=36)]
        if item:
            changed = edition_text("peer-2026", lists=lists[:1], certainty="M", **item)
            entry = yaml.safe_load(changed)["lists"]
            document = yaml.safe_load(texts[0])
            document["lists"] |= entry
            texts = [yaml.safe_dump(document, allow_unicode=True)]
        path.write_text(texts[0], "utf-8")
        run("catalog", "import", path, "--by", "张某", "--by", "李某", "--dir", node)
        said = run("catalog", "check", "--dir", node, "-o", "json").json["unconfirmed"]
        return sorted(one["item"] for one in said if one["item"].startswith("peer-2026/"))

    items = [f"peer-2026/{name}" for name in lists]
    assert waiting() == items
    run("catalog", "confirm", *items, "--by", "张某", "--dir", node)
    assert waiting() == []
    assert waiting(longest_months=60) == items[:1]


def test_a_proposal_is_tried_and_adopted_by_a_second_person(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(directory)
    node = directory / PEER.region
    run("catalog", "library", directory / "subjects.csv", "--dir", node)
    path = directory / "supplement.yaml"
    text = edition_text(
        "peer-2026",
        layer="province",
        lists=["judgment-defaulter"],
        authorities=["510500-court"],
        certainty="M",
    )
    path.write_text(text, "utf-8")
    run("catalog", "import", path, "--by", "张某", "--by", "李某", "--dir", node)
    run("catalog", "confirm", "peer-2026/judgment-defaulter", "--by", "张某", "--dir", node)
    reconcile(node)
    odd = (directory / "id").read_text()
    (propose, tried, adopted) = (
        shlex.split(line.replace(EXAMPLE_ID, odd)) for line in proposing(wanted=True)
    )
    assert run(*propose, "--dir", node).code == 0
    (change,) = run(*tried, "--dir", node, "-o", "json").json["changes"][:1]
    assert change["from"] == "catalog.authority-not-named"
    alone = run("catalog", "import", PROPOSAL, "--by", "张某", "--dir", node)
    assert (alone.code, "catalog.persons" in alone.err) == (3, True)
    assert run(*adopted, "--dir", node).code == 0
    reconcile(node)
    rules = {r["rule"] for r in run("records", "list", "--dir", node, "-o", "json").json}
    assert rules == {"", "identity.name-mismatch"}
    again = run("cases", "propose", odd, "other.yaml", "--by", "张某", "--dir", node)
    assert (again.code, "case.no-proposal" in again.err) == (3, True)


@pytest.mark.parametrize("text", ["", "code,name\n", "code,name\n123,虚构\n", "\xff"])
def test_a_bad_library_leaves_the_one_in_place(directory: Path, text: str) -> None:
    node = directory / PEER.region
    run("catalog", "library", directory / "subjects.csv", "--dir", node)
    before = run("catalog", "show", "--dir", node, "-o", "json").json["library"]
    assert before["subjects"] == 2
    bad = directory / "bad.csv"
    bad.write_bytes(text.encode("latin-1") if text == "\xff" else text.encode())
    refused = run("catalog", "library", bad, "--dir", node)
    assert refused.code == 3
    assert "library.file" in refused.err
    assert run("catalog", "show", "--dir", node, "-o", "json").json["library"] == before


def test_rows_that_are_not_subjects_are_left_out_and_named(directory: Path) -> None:
    path = directory / "mixed.csv"
    path.write_text(
        "code,name,status\n"
        f"{code_of(1)},{name_of(1)},live\n"
        f"{code_of(2)},,live\n"
        f"{code_of(3)},{name_of(3)},gone\n"
        "123,虚构,live\n",
        "utf-8",
    )
    ran = run("catalog", "library", path, "--dir", directory / PEER.region, "-o", "json")
    assert ran.code == FINDINGS
    assert ran.json["subjects"] == 1
    assert (ran.json["rows"], ran.json["refused_rows"]) == (4, 3)
    assert ran.json["left_out"] == [
        "第 3 行 / row 3: library.name 缺少名称",
        "第 4 行 / row 4: library.status 登记状态不明",
        "第 5 行 / row 5: identity.code-length 代码位数不对",
    ]
