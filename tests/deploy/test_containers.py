"""Image, compose file and Kubernetes: not root, one signer, only the directory is written.

Covers deploy/image/, deploy/kubernetes/.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import image_sweep

DEPLOY = Path(__file__).parents[2] / "deploy"


def objects(name: str) -> dict[str, Any]:
    """The objects of a file by kind."""
    return {
        one["kind"]: one
        for one in yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text("utf-8"))
    }


def test_the_image_runs_as_nobody_in_particular() -> None:
    text = (DEPLOY / "image" / "Containerfile").read_text("utf-8")
    assert re.findall("^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]
    assert "--require-hashes" in text
    assert "--no-index" in text
    assert "@sha256" not in text  # the base is the operator's to pin
    assert re.search(r'^CMD \["serve"\]$', text, re.MULTILINE)


def test_the_soak_carries_out_the_whole_definition() -> None:
    """`make soak NAME=image`: every instruction is known to it, and its script is one."""
    text = (DEPLOY / "image" / "Containerfile").read_text("utf-8")
    image = image_sweep.read(text)
    assert (image.from_, image.user) == (image_sweep.BASE, "10001:10001")
    assert image.environment["HUXIN_DIR"] == image.volume
    assert image.stopsignal == "SIGTERM"
    assert [kind for kind, _ in image.steps] == re.findall("^(RUN|COPY) ", text, re.MULTILINE)
    script = image_sweep.script(image)
    assert " ".join(image.health) in script
    done = subprocess.run(["sh", "-n"], input=script, text=True, check=False, timeout=20)
    assert done.returncode == 0
    with pytest.raises(ValueError, match="ADD"):
        image_sweep.read(f"{text}ADD x y\n")


def test_one_pod_signs_and_nothing_but_the_directory_is_written() -> None:
    pods = objects("node.yaml")["StatefulSet"]
    assert pods["spec"]["replicas"] == 1
    pod = pods["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert not pod["automountServiceAccountToken"]
    for container in pod["containers"]:
        closed = container["securityContext"]
        assert closed["readOnlyRootFilesystem"]
        assert not closed["allowPrivilegeEscalation"]
        assert closed["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]
    (claim,) = pods["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_kustomize_names_files_that_are_there() -> None:
    base = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text("utf-8"))
    files = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")}
    assert set(base["resources"]) == files - {"kustomization.yaml"}
    chosen = objects("network-policy.yaml")["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    labels = objects("node.yaml")["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
    assert chosen.items() <= labels.items()


def test_composed_nodes_are_closed_and_have_a_database_each() -> None:
    composed = yaml.safe_load((DEPLOY / "image" / "compose.yaml").read_text("utf-8"))
    nodes = {name: one for name, one in composed["services"].items() if name != "database"}
    assert len(nodes) == 3
    for node in nodes.values():
        assert node["read_only"]
        assert node["user"] == "10001:10001"
        assert node["cap_drop"] == ["ALL"]
        (volume,) = node["volumes"]
        region = volume.partition(":")[0].rpartition("/")[2]
        assert f"huxin_{region}" in (DEPLOY / "image" / "databases.sql").read_text("utf-8")
