"""Every case of tests/vectors/ comes out as it says for a reader that shares no code with us."""

from __future__ import annotations

import ast
import json
from base64 import b64encode
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from tests.independent import forms, vectors

FILES = {path.stem: json.loads(path.read_bytes()) for path in vectors.VECTORS.glob("*.json")}
RULES = (
    "charter_rules",
    "join_rules",
    "payload_rules",
    "exchange_rules",
    "packet_rules",
    "query_rules",
    "recognition_rules",
    "seal_rules",
    "state_rules",
)
PARTS = ("forms", *RULES, "vectors")
# Of each file a member by which an altered case that is good is no longer good.
ALTERED = {
    "attestations": "note",
    "audiences": "served",
    "audits": "note",
    "batches": "checkpoint",
    "dsse": "payload",
    "errors": "en",
    "forks": "fork",
    "keys": "vkey",
    "notes": "note",
    "payloads": "says",
    "proofs": "proof",
    "queries": "note",
    "sealing": "sealed",
    "signatures": "signature",
    "witness": "body",
}


def cases(name: str) -> Iterator[tuple[str, Any]]:
    if name == "spec":
        yield from [*FILES[name]["hex"].items(), *FILES[name]["text"].items()]
    yield from ((case["name"], case) for case in FILES[name].get("cases", ()))


def test_each_file_has_its_reader() -> None:
    assert set(vectors.CHECKS) | {"spec"} == set(FILES)
    known: set[tuple[str, str | None]] = {(name, case) for name in FILES for case, _ in cases(name)}
    known |= {(name, None) for name in FILES}
    assert set(vectors.NOT_CHECKED) <= known


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_case_is_answered_or_named(name: str) -> None:
    found = list(vectors.check_file(name, FILES[name]))
    assert [(case, what) for case, what in found if what] == []
    left = [(name, case) for case, _ in cases(name) if case not in {c for c, _ in found}]
    assert all({one, (name, None)} & set(vectors.NOT_CHECKED) for one in left)
    assert found


@pytest.mark.parametrize("name", sorted(set(FILES) - {"spec"}))
def test_a_case_with_another_result_is_found(name: str) -> None:
    altered = deepcopy(FILES[name])
    for case in altered["cases"]:
        case["result"] = "another" if case["result"] == "ok" else "ok"
    assert all(what for _, what in vectors.check_file(name, altered))


@pytest.mark.parametrize("name", sorted(ALTERED))
def test_a_good_case_with_another_byte_is_found(name: str) -> None:
    altered = deepcopy(FILES[name])
    changed = set()
    for case in altered["cases"]:
        if (
            ALTERED[name] in case
            and case.get("taken") != 0
            and case["result"] in {"ok", case.get("reason")}
        ):
            case[ALTERED[name]] = other(case[ALTERED[name]])
            changed.add(case["name"])
    assert changed
    wrong = {case for case, what in vectors.check_file(name, altered) if what}
    assert changed <= wrong


def other(value: Any) -> Any:
    """The same with one character changed, of a note one that is signed; of a message one more."""
    if isinstance(value, dict):
        last = [key for key, inner in value.items() if key == "wrapped_key"]
        return {**value, **{key: other(value[key]) for key in last}, "another": 1}
    head = value.partition("\n\n")[0]
    at = max(i for i, c in enumerate(head[:-2]) if c.isalnum())
    return value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]


@pytest.mark.parametrize("part", ["hex", "text"])
def test_another_known_answer_is_found(part: str) -> None:
    for name, value in FILES["spec"][part].items():
        altered = deepcopy(FILES["spec"])
        altered[part][name] = (
            other(value) if part == "text" else f"{value[:-1]}{'10'[value[-1] == '1']}"
        )
        assert any(what for _, what in vectors.check_file("spec", altered)), name


def test_two_checkpoints_of_one_history_are_no_fork() -> None:
    """The true root as prefix and the true path: no vector has it, and it would stop any log."""
    log, key = forms.vkey(FILES["forks"]["log"]), SigningKey(b"\x01" * 32)
    hashes = [forms.leaf_hash(bytes([i]) * 76) for i in range(4)]

    def told(data: bytes) -> str:
        return b64encode(data).decode()

    def checkpoint(size: int, leaves: list[bytes]) -> str:
        text = f"{log.name}\n{size}\n{told(forms.tree_root(leaves[:size]))}\n"
        line = told(log.key_id + key.sign(text.encode()).signature)
        return f"{text}\n— {log.name} {line}\n"

    path = told(forms.sha256(b"\x01", *hashes[2:]))
    prefix = f"prefix {told(forms.tree_root(hashes[:2]))}\n{path}\n"
    second = f"\n{prefix}\n{checkpoint(4, hashes)}"
    with pytest.raises(forms.Refused):
        forms.fork_file(f"huxin/fork@v1\n\n{checkpoint(2, hashes)}{second}".encode(), log)
    other_first = checkpoint(2, hashes[::-1])
    assert forms.fork_file(f"huxin/fork@v1\n\n{other_first}{second}".encode(), log)


def test_nothing_of_ours_is_imported() -> None:
    for part in PARTS:
        tree = ast.parse(Path(vectors.__file__).with_name(f"{part}.py").read_text(encoding="utf-8"))
        nodes = list(ast.walk(tree))
        names = [
            alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
        ]
        names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        ours = [x for x in names if x.split(".")[0] == "tests" and x != "tests.independent"]
        assert {x for x in ours if x != "tests.independent.forms"} <= {
            "tests.independent.payload_rules"
        }
        assert not {x.split(".")[0] for x in names} & {"adapters", "crypto", "federation", "node"}


def test_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert vectors.main([str(vectors.VECTORS / "keys.json")]) == 0
    altered = deepcopy(FILES["keys"])
    altered["cases"][0]["result"] = "refused"
    (tmp_path / "keys.json").write_text(json.dumps(altered))
    assert vectors.main([str(tmp_path / "keys.json")]) == 1
    assert "1 wrong" in capsys.readouterr().out
