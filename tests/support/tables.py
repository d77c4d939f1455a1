"""Tables as departments have them, taken by a node that may publish all their lists."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from adapters.files.tables import DEFAULT_LIMITS
from federation.charters.verification import Entitlements, ListRight
from federation.ids import Date
from federation.payloads import Tier
from federation.reconcile.catalog import Catalog, Edition, Layer, ListItem
from federation.reconcile.sources import Certainty
from federation.rows import State
from node.directory.config import FilesSection, SourceSection
from node.intake.files import Intake
from node.intake.other_names import Subjects
from node.intake.row_words import NO_WORDS, RowHearing, RowWords
from node.log.writer import Writer
from node.system.entropy import token
from tests.support import charters as build
from tests.support.simulation import Federation, SimNode

TABLES = Path(__file__).parents[1] / "adapters" / "files" / "tables"
AUTHORITIES = {
    "泸州市江阳区人民法院": "510502-court",
    "泸州市市场监督管理局": "510500-market",
    "泸州市人力资源和社会保障局": "510500-labour",
    "泸州市应急管理局": "510500-safety",
}
LISTS = (
    "judgment-defaulter",
    "market-severe-violation",
    "unpaid-migrant-wages",
    "work-safety",
)
TERMS = {
    "judgment-defaulter": 24,
    "market-severe-violation": 36,
    "unpaid-migrant-wages": 36,
    "work-safety": 0,
}
"""Months of publication as the catalog of these tests states them, confirmed; 0: it states none."""


def catalog(terms: Mapping[str, int]) -> Catalog:
    """A national edition whose entries are confirmed and state these terms."""
    items = {
        name: ListItem(
            list_type=name,
            name=name,
            basis="某条例",
            authority="",
            tier=Tier.SEVERE,
            longest_months=60,
            term_months=months,
            certainty=Certainty.CONFIRMED,
            valid_from=Date(20150101),
        )
        for name, months in terms.items()
    }
    edition = Edition(
        id="national-2015",
        series="national",
        layer=Layer.NATIONAL,
        name="全国（试）",
        valid_from=Date(20150101),
        lists=items,
        measures={},
    )
    return Catalog([edition])


def city(
    folder: Path, databases: Callable[[str], str] | None = None, region: str = "510500"
) -> Federation:
    """A city that may publish the lists of the tables, and a hub that mirrors them."""
    rights = tuple(
        ListRight(list_type=name, authorities=tuple(AUTHORITIES.values())) for name in LISTS
    )
    entitlements = Entitlements(kinds=build.ALL_KINDS, lists=rights)
    members = [build.make_member(region, entitlements=entitlements)]
    url = databases or (lambda name: f"sqlite:///{folder / name}.db")
    return Federation(folder, (region,), [build.make_chain(members)], url)


def as_seen(intake: Intake, path: Path, chosen: dict[str, Any]) -> dict[str, Any]:
    """With the rows tried first, where persons say a word about them that name no try."""
    words: RowWords = chosen.get("words", NO_WORDS)
    unseen = words.of_rows and words.shown is None and not words.seen
    if chosen["dry_run"] or not unseen or chosen["kind"] not in ("", "list"):
        return chosen
    tried = intake.publish_file(path, **chosen | {"words": NO_WORDS, "dry_run": True})
    return chosen | {"words": replace(words, seen=tried["shown"])}


class TableDesk:
    """Has tables taken, for one source that speaks for all authorities and lists."""

    def __init__(
        self,
        node: SimNode,
        folder: Path,
        *,
        mapping: str = "",
        terms: Mapping[str, int] = TERMS,
        sources: Mapping[str, SourceSection] = MappingProxyType({}),
        known: Catalog | None = None,
        sharing: Literal["", "none"] = "",
        subjects: Subjects = lambda _scheme, _codes: {},
        second: Literal["no", "by-hand", "all"] = "no",
    ) -> None:
        """Wire the intake.

        `sources` come beside the one that speaks for all; `known` is the node's catalog where not
        only its terms matter; `sharing` is what the source says of its data.
        """
        self.node = node
        self.folder = folder
        self.writer = Writer(node.publisher, node.exchange.published, 64)
        source = SourceSection(
            authorities=AUTHORITIES, list_types=LISTS, mapping=mapping, sharing=sharing
        )
        adopted = catalog(terms) if known is None else known
        self.intake = Intake(
            directory=folder,
            files=FilesSection(sources={"desk": source, **sources}, second_person=second),
            limits=DEFAULT_LIMITS,
            store=node.store,
            writer=self.writer,
            registry=node.registry,
            statements=node.statements,
            tagger=node.keyring,
            now=node.clock.now,
            token=token,
            today=node.clock.today,
            failpoints=node.failpoints,
            hearing=RowHearing(
                persons=node.persons, store=node.store, writer=self.writer, now=node.clock.now
            ),
            catalog=lambda: adopted,
            subjects=subjects,
        )

    def publish(self, path: Path | str, list_type: str = "", **options: Any) -> dict[str, Any]:
        """Have a file taken: one of `TABLES` by its name, or any by its path."""
        if isinstance(path, str):
            copy = self.folder / path
            copy.write_bytes((TABLES / path).read_bytes())
            path = copy
        chosen: dict[str, Any] = {
            "kind": "",
            "list_type": list_type,
            "mapping": "",
            "dry_run": False,
            "full_snapshot": False,
            "source": "desk",
            "progress": lambda _: None,
        } | options
        return self.intake.publish_file(path, **as_seen(self.intake, path, chosen))

    def take(
        self, *rows: Mapping[str, str], name: str = "list.csv", **options: Any
    ) -> dict[str, Any]:
        """Write a table and have it taken."""
        return self.publish(self.write(name, *rows), **options)

    def write(self, name: str, *rows: Mapping[str, str]) -> Path:
        """Write a table; the columns are those of the first row."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def faults(self, result: dict[str, Any]) -> list[tuple[int, str, str]]:
        """Row, column and code of each fault of a result."""
        if not result["errors_file"]:
            return []
        with Path(result["errors_file"]).open(encoding="utf-8-sig", newline="") as file:
            return [(int(f["row"]), f["column"], f["code"]) for f in csv.DictReader(file)]

    def states(self) -> list[State]:
        """States of our own listings, in the order of the log."""
        return [state for _, state in sorted(self.node.states().items())]
