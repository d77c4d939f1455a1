"""Writes the bill of materials of a node 软件物料清单 (SBOM): CycloneDX 1.6, from the lock.

The same lock gives the same bytes: no serial number, no time.

Usage: python deploy/wheelhouse/bill.py [--check]
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

HERE = Path(__file__).parent
BILL = HERE / "sbom.cdx.json"


def bill() -> str:
    """The bill as text, ended by a line feed."""
    root = HERE.parents[1]
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    bom = Bom()
    bom.serial_number = None  # type: ignore[assignment]  # the same lock, the same bytes
    bom.metadata.timestamp = None  # type: ignore[assignment]
    bom.metadata.tools.tools.clear()
    licences = LicenseFactory()
    bom.metadata.component = Component(
        type=ComponentType.APPLICATION,
        name="huxin",
        version=version,
        licenses=[licences.make_from_string("Apache-2.0")],
        bom_ref="huxin",
    )
    parts = []
    for name, pinned, hashes in locked((HERE / "requirements.lock").read_text("utf-8")):
        licence = licence_of(name)
        parts.append(
            Component(
                type=ComponentType.LIBRARY,
                name=name,
                version=pinned,
                purl=PackageURL("pypi", name=name, version=pinned),
                bom_ref=f"{name}@{pinned}",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
                licenses=[licences.make_from_string(licence)] if licence else [],
            )
        )
    bom.components.update(parts)
    bom.register_dependency(bom.metadata.component, parts)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def locked(text: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and SHA-256 hashes of each package of a lock."""
    found = []
    for block in re.split(r"\n(?=\w)", text):
        if not re.match(r"\w", block):
            continue
        requirement = Requirement(block.partition("\\")[0].partition("--hash")[0].strip())
        (pin,) = requirement.specifier
        found.append((requirement.name, pin.version, re.findall(r"sha256:([0-9a-f]{64})", block)))
    return found


def licence_of(name: str) -> str:
    """What the installed package says of its licence in one expression, or nothing."""
    try:
        said = metadata(name)
    except PackageNotFoundError:  # of another platform
        return ""
    classified = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier") or []
        if line.startswith("License :: ")
    ]
    if "License-Expression" in said:
        return str(said["License-Expression"])
    return classified[0] if classified else ""


def main() -> int:
    """Write it, or compare it with what is there."""
    text = bill()
    if "--check" not in sys.argv[1:]:
        BILL.write_text(text, "utf-8")
        return 0
    if BILL.read_text("utf-8") == text:
        return 0
    print(f"{BILL.name} is not that of the lock: run make lock", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
