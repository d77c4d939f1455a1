"""The registry of codes (protos/codes.json, SPEC §13.2): complete, of one form and meaning."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from adapters.catalog.editions import read_edition, starter_editions
from federation.payloads import PENALTY_LIST_TYPE
from federation.reconcile.findings import RULES
from node.texts.codes import chinese

ROOT = Path(__file__).parents[1]
REGISTRY = json.loads((ROOT / "protos" / "codes.json").read_text("utf-8"))["codes"]
CODES = {row["code"]: row for row in REGISTRY}
FORM = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
WHERE = {"attestation", "check", "error", "outcome", "receipt", "request", "rule", "verify"}
FAMILIES = {code.partition(".")[0] for code in CODES}
NO_CODES = {
    "admin.proto",
    "attestation.proto",
    "charter.json",
    "codes.json",
    "envelope.md",
    "exchange.proto",
    "identity.code-",
    "keys.document",
    "member.json",
    "payload.proto",
    "protocol.md",
    "registry.proto",
    "rights.json",
    "sealing.json",
    "spec.json",
    "validate.proto",
    "witness.commit",
    "x-vendor-example.slow-disk",
}
"""Names of files and failpoints, and beginnings of codes, that have the form of a code."""
LOCAL = {
    "access.denied",
    "access.late",
    "access.matter",
    "access.missing",
    "access.person",
    "access.purpose",
    "access.roles",
    "access.value",
    "batch.order",
    "batch.part",
    "batch.rows",
    "catalog.equivalence",
    "catalog.equivalence-unsigned",
    "catalog.list-both",
    "catalog.matter-block",
    "catalog.matter-list",
    "catalog.widens",
    "charter.key",
    "charter.no-fork",
    "charter.settles-fork",
    "charter.settles-nothing",
    "matter.block",
    "matter.prompt",
    "matter.prompt-article",
    "matter.prompt-class",
    "matter.prompt-rank",
    "matter.prompt-term",
    "matter.unconfirmed",
    "matter.unknown",
    "packet.member",
    "peer.malformed",
    "relief.before-listed",
    "relief.early",
    "row.duplicate",
    "peer.unreachable",
    "store.damaged",
    "store.healed",
    "stream.closed",
    "stream.lost",
}
"""What a node says to its own operator and departments only; none of it travels."""


def test_rows_are_sorted_unique_and_of_one_form() -> None:
    codes = [row["code"] for row in REGISTRY]
    assert codes == sorted(set(codes))
    for row in REGISTRY:
        assert set(row) == {"code", "where", "said_by", "zh", "en", "do"}
        assert FORM.fullmatch(row["code"]), row["code"]
        assert len(row["code"]) <= 64
        assert set(row["where"]) <= WHERE
        assert row["where"] == sorted(row["where"])
        assert all(row[key] for key in row), row["code"]


def test_texts_are_those_that_the_program_shows() -> None:
    differing = {code for code, row in CODES.items() if row["zh"] != chinese(code)}
    assert differing == set()


def test_every_rule_of_the_reconciliation_is_registered() -> None:
    assert {rule.code for rule in RULES.values()} <= set(CODES)


def test_every_code_that_the_specification_names_is_registered() -> None:
    text = (ROOT / "protos" / "SPEC.md").read_text("utf-8")
    start, end = text.index("## 11 "), text.index("## 13 ")  # names of known answers stand there
    named = set(re.findall(r"`([a-z][a-z0-9-]*\.[a-z0-9-]+)`", text[:start] + text[end:]))
    assert sorted(named - set(CODES) - NO_CODES) == []


def literals(path: Path) -> set[str]:
    """Texts of a module that have the form of a code of a family in the registry."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and FORM.fullmatch(node.value)
        and node.value.partition(".")[0] in FAMILIES
    }


def spoken() -> list[Path]:
    """The modules in which what travels is said: the rules, and the edge to peers."""
    edge = ("network", "peers", "services")
    return [
        *sorted((ROOT / "federation").rglob("*.py")),
        *(path for wing in edge for path in sorted((ROOT / "node" / wing).glob("*.py"))),
    ]


def test_every_code_that_travels_is_registered() -> None:
    known = set(CODES) | LOCAL | NO_CODES
    missing = {
        f"{path.relative_to(ROOT)}: {code}" for path in spoken() for code in literals(path) - known
    }
    assert sorted(missing) == []


def test_the_list_types_of_the_starter_editions_are_allotted() -> None:
    text = (ROOT / "protos" / "SPEC.md").read_text("utf-8")
    table = text[text.index("### 13.4 ") :]
    allotted = set(re.findall(r"^\| `([a-z-]+)`", table, flags=re.MULTILINE))
    used = {
        list_type
        for edition in map(read_edition, starter_editions().values())
        for list_type in edition.lists
        if not list_type.startswith(PENALTY_LIST_TYPE)
    }
    assert sorted(used - allotted) == []
