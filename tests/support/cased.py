"""A node that holds a case: two listings of a neighbour, one of a subject under another name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from adapters.catalog.library import FILE_NAME
from node.demo.members import DemoMember
from tests.support.federation_dirs import WiredNode, code_of, exchange_all, found, name_of

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "reconciliation.md"
EXAMPLE_ID: Final = "00112233445566778899aabbccddeeff"
"""In the document's commands, for the statement of the case."""
CITY: Final = DemoMember(region="510300", name="自贡")
PEER: Final = DemoMember(region="510500", name="泸州")
EDITION: Final = DOCUMENT.read_text("utf-8").split("```yaml\n")[1].split("```")[0]


def make_case(folder: Path) -> Path:
    """Make the directories of both nodes, the document's edition, and `subjects.csv`, in a folder.

    Returns:
        The folder; its file `id` names the listing whose name does not agree once the library of
        `subjects.csv` is imported.
    """
    found(folder, (CITY, PEER))
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    odd = city.list_("1" * 32, 1)
    city.list_("2" * 32, 2)
    exchange_all(city, peer)
    for node in (city, peer):
        node.close()
    (folder / "id").write_text(odd.statement_id.hex())
    (folder / PEER.region / FILE_NAME).unlink()
    (folder / "subjects.csv").write_text(
        f"code,name,former_names\n{code_of(1)},改后{name_of(1)},\n{code_of(2)},新名,{name_of(2)}\n",
        "utf-8",
    )
    (folder / "sichuan-supplement-2026.yaml").write_text(EDITION, "utf-8")
    return folder


def reconcile(directory: Path) -> None:
    """Let a node judge what it holds."""
    node = WiredNode(directory)
    node.job("reconcile")
    node.close()
