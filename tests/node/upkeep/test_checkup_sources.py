"""Folders and mappings of the sources: the doctor looks at each, a mapping is read once.

Covers node/intake/sources.py, node/upkeep/checkup.py.
"""

from __future__ import annotations

from pathlib import Path

from adapters.files.mapping import BUILT_IN
from federation.ids import Origin
from node.directory.config import Config, parse_config
from node.directory.config_file import default_config
from node.intake.sources import Sources
from node.upkeep.checkup import _sources

SOURCES = """
[files.sources.court]
authorities = { "法院" = "court" }
list_types = ["judgment-defaulter", "no-mapping"]

[files.sources.market]
authorities = { "局" = "market" }
list_types = ["market-severe-violation"]
mapping = "market.yaml"
"""


def config(directory: Path) -> Config:
    text = default_config(
        directory,
        region="510500",
        name="泸州",
        role="city",
        origin=Origin("510500.huxin.example/1"),
        listen="127.0.0.1:0",
    )
    return parse_config(text + SOURCES, directory)


def test_folders_and_mappings_of_each_source(tmp_path: Path) -> None:
    made = config(tmp_path)
    (missing,) = _sources(made)
    assert (missing.code, missing.message.split(":")[0]) == ("mapping.unreadable", "market")
    (tmp_path / "market.yaml").write_text("format: 2\n")
    assert [finding.code for finding in _sources(made)] == ["mapping.invalid"]
    (tmp_path / "inbox" / "court").mkdir(parents=True)
    (tmp_path / "inbox" / "court" / "taken").symlink_to(tmp_path)
    (tmp_path / "inbox" / "market").symlink_to(tmp_path / "inbox" / "court")
    found = [(finding.code, finding.message.split(":")[0]) for finding in _sources(made)]
    assert found == [
        ("inbox.folder", "court"),
        ("inbox.folder", "market"),
        ("mapping.invalid", "market"),
    ]


def test_ds2_a_source_without_consent_is_told_where_consent_is_required(tmp_path: Path) -> None:
    made = config(tmp_path)
    said = {"sharing": "conditional", "consent": "泸法函〔2026〕9号"}
    sections = dict(made.files.sources)
    sections["court"] = sections["court"].model_copy(update=said)
    files = made.files.model_copy(update={"consent_required": True, "sources": sections})
    found = _sources(made.model_copy(update={"files": files}))
    told = [one.message for one in found if one.code == "source.no-consent"]
    assert [message.split(":")[0] for message in told] == ["market"]


def test_v7_the_mapping_that_was_signed_is_the_one_that_publishes(tmp_path: Path) -> None:
    path = tmp_path / "market.yaml"
    text = built_in_text("market-severe-violation")
    path.write_bytes(text)
    signed: list[bytes] = []

    class Swapped:
        def check(self, path: Path, _: str, data: bytes) -> None:
            signed.append(data)
            path.write_bytes(text.replace("列入日期".encode(), "登记日期".encode()))

    sources = Sources(tmp_path, config(tmp_path).files.sources, Swapped())  # type: ignore[arg-type]
    layout = sources.layout(sources.find("market", ""), publishes=True)
    assert signed == [text]
    assert "列入日期" in layout.fields["decided_on"]


def built_in_text(name: str) -> bytes:
    return (BUILT_IN / f"{name}.yaml").read_bytes()
