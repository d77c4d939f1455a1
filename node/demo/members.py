"""Who takes part in the demo, and where its data lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

import node
from federation.errors import RefusedError
from federation.ids import Origin

DATA: Final = Path(node.__file__).parent.parent / "deploy" / "demo"
"""List files and authorities, in a checkout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMember:
    """One node.

    Attributes:
        region: its code.
        name: as people call it.
        english: likewise, in English; empty for those that the demo does not show.
        role: `city` or `hub`.
        apart: members with which it has no direct line; that one side says so suffices.
        supplements: the supplements of catalogs that it has adopted beside its own city's.
        attests: of a hub, prefixes of the regions whose subjects it attests.
    """

    region: str
    name: str
    english: str = ""
    role: str = "city"
    apart: tuple[str, ...] = ()
    supplements: tuple[str, ...] = ("sichuan", "sichuan-chongqing")
    attests: tuple[str, ...] = ()

    @property
    def origin(self) -> Origin:
        """Its log."""
        return Origin(f"{self.region}.huxin.example/1")


ZIGONG: Final = DemoMember(region="510300", name="自贡", english="Zigong", apart=("511500",))
LUZHOU: Final = DemoMember(region="510500", name="泸州", english="Luzhou")
NEIJIANG: Final = DemoMember(region="511000", name="内江", english="Neijiang")
YIBIN: Final = DemoMember(region="511500", name="宜宾", english="Yibin")
HUB: Final = DemoMember(
    region="510000", name="四川", english="Sichuan", role="hub", attests=("5103", "5115")
)
"""It answers for the two that cannot ask each other."""
CHENGDU: Final = DemoMember(region="510100", name="成都", english="Chengdu")
TONGNAN: Final = DemoMember(
    region="500152", name="潼南", english="Tongnan", supplements=("chongqing",)
)

CITIES: Final = (ZIGONG, LUZHOU, NEIJIANG, YIBIN)
"""Those of 川南, whose departments bring list files."""
MEMBERS: Final = (*CITIES, HUB, CHENGDU, TONGNAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAlliance:
    """An alliance and the file of its charter in the demo's directory."""

    name: str
    file: str
    members: tuple[DemoMember, ...]


SOUTH: Final = DemoAlliance(name="川南", file="charter.json", members=(*CITIES, HUB))
WEST: Final = DemoAlliance(
    name="成渝", file="charter-510100.json", members=(LUZHOU, CHENGDU, TONGNAN)
)
ALLIANCES: Final = (SOUTH, WEST)


def lineless(one: DemoMember, other: DemoMember) -> bool:
    """Whether two members have no direct line: one of them says so."""
    return other.region in one.apart or one.region in other.apart


def known_to(member: DemoMember) -> tuple[DemoMember, ...]:
    """The nodes that hold a member's log: itself, and all with which it shares an alliance."""
    near = [one for one in ALLIANCES if member in one.members]
    return tuple(other for other in MEMBERS if any(other in one.members for one in near))


SCENARIO_FEED: Final = "scenarios"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A determining authority 认定单位 and the feeds that may speak for it."""

    code: str
    name: str
    feeds: tuple[str, ...]


def read_authorities(data: Path) -> dict[str, tuple[Authority, ...]]:
    """Read `authorities.yaml`: the authorities of each region.

    Raises:
        RefusedError: `demo.data-missing`: the demo's data are not here.
    """
    path = data / "authorities.yaml"
    try:
        document: Mapping[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError as error:
        message = f"{path} is not there: the demo runs from a checkout, which has its lists"
        raise RefusedError("demo.data-missing", message) from error
    return {
        region: tuple(
            Authority(code=entry["code"], name=entry["name"], feeds=tuple(entry["feeds"]))
            for entry in entries
        )
        for region, entries in document.items()
    }


def list_types(authorities: tuple[Authority, ...]) -> tuple[str, ...]:
    """The list types for which a region has an authority, in the order of the file."""
    feeds = (feed for authority in authorities for feed in authority.feeds)
    return tuple(dict.fromkeys(feed for feed in feeds if feed != SCENARIO_FEED))
