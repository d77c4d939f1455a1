"""What is packed for machines without a network: the lock of a node, its bill of materials.

Covers deploy/wheelhouse/.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "wheelhouse"


def blocks(path: Path) -> dict[str, str]:
    """Each package of a lock with its version, marker and hashes, the comments aside."""
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=\w)", path.read_text("utf-8")):
        if re.match(r"\w", block):
            lines = [line for line in block.splitlines() if not line.strip().startswith("#")]
            requirement = Requirement(lines[0].partition("\\")[0].strip())
            assert len(lines) > 1, f"{requirement.name} has no hash"
            hashes = sorted(re.findall("sha256:[0-9a-f]{64}", block))
            found[canonicalize_name(requirement.name)] = f"{requirement.specifier} {hashes}"
    return found


def test_a_node_s_lock_is_a_part_of_that_of_the_tests() -> None:
    small, whole = blocks(FOLDER / "requirements.lock"), blocks(ROOT / "requirements.lock")
    assert small.items() <= whole.items()
    assert "pytest" not in small
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {canonicalize_name(Requirement(one).name) for one in project["dependencies"]}
    assert wanted <= small.keys()


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    bill = json.loads((FOLDER / "sbom.cdx.json").read_text("utf-8"))
    assert bill["specVersion"] == "1.6"
    named: dict[str, Any] = {canonicalize_name(part["name"]): part for part in bill["components"]}
    assert named.keys() == blocks(FOLDER / "requirements.lock").keys()
    for name, text in blocks(FOLDER / "requirements.lock").items():
        assert text.startswith(f"=={named[name]['version']} ")
        assert {one["content"] for one in named[name]["hashes"]} == set(
            re.findall("[0-9a-f]{64}", text)
        )


def test_the_bill_written_anew_is_the_same() -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "bill.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
