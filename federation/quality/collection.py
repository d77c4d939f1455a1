"""Collection state 归集情况: which items of the catalog were reported, and who owes the rest.

CS1 an item is a list type that the adopted editions in force on a day describe together and
    none strikes; the grades of penalties 行政处罚 are one item
CS2 it is owed by the department 责任单位 that the editions name; where they name none, or
    several for one item, it is not known who owes it
CS3 it is collected where our own log published one of it in the period; the last day is that
    of the last publication there is, up to the period's end
CS4 a district 区县 is the seat of the determining authority, by its code; those of authorities
    bound to the item stand there with zeros
CS5 an item of which nothing came is missing 应归未归 only where it is known who owes it, and
    where it stands and is confirmed (B1, B2, B4); else it is unknown 未知. Whether there was
    anything to report is in no record, and nobody is said to have concealed it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from federation.ids import Date
from federation.payloads import PENALTY_LIST_TYPE
from federation.reconcile.catalog import Catalog, Entry, Ground
from federation.regions import seat_of

NOT_SAID: Final = ""
"""District of an authority whose code names no seat; department where nobody says who owes."""


class Collected(StrEnum):
    """What is known of an item."""

    COLLECTED = "collected"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Delivery(NamedTuple):
    """What our log holds of one list of one authority, up to the period's end."""

    number: int
    """Published in the period."""
    last_day: Date
    """Of the last publication, also before the period; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """What came of one item from the authorities of one district."""

    region: str
    """GB/T 2260, six digits; empty: the authorities' codes do not say."""
    number: int
    last_day: Date


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the catalog, and what came of it."""

    list_type: str
    name: str
    department: str
    """Who owes it; empty: the catalog does not say."""
    authority: str
    """Who determines it, in the catalog's words."""
    state: Collected
    number: int
    last_day: Date
    districts: tuple[District, ...]


Deliveries = Mapping[tuple[str, str], Delivery]
"""By list type and authority."""


def collection(
    catalog: Catalog, day: Date, delivered: Deliveries, bound: Iterable[tuple[str, str]]
) -> list[Item]:
    """The items of a day, by list type, and what came of each.

    Args:
        catalog: all editions that were adopted.
        day: last of the period, or today where it is not over.
        delivered: what our own log holds.
        bound: list type and authority of the configuration, for which something may come.
    """
    entries: dict[str, list[Entry]] = {}
    types = {name for edition in catalog.in_force(day) for name in edition.lists}
    for list_type in sorted(types):
        entry = catalog.entry(list_type, day)
        if entry is not None:
            entries.setdefault(_item_of(list_type), []).append(entry)
    came: dict[str, dict[str, Delivery]] = {item: {} for item in entries}
    nothing = dict.fromkeys(bound, Delivery(0, Date(0)))
    for (list_type, authority), one in {**nothing, **delivered}.items():
        if (item := _item_of(list_type)) in came:
            district = seat_of(authority)
            before = came[item].get(district, Delivery(0, Date(0)))
            came[item][district] = Delivery(
                before.number + one.number, max(before.last_day, one.last_day)
            )
    return [_item(name, entries[name], came[name]) for name in sorted(entries)]


def _item_of(list_type: str) -> str:
    return PENALTY_LIST_TYPE if list_type.startswith(PENALTY_LIST_TYPE) else list_type


def _item(list_type: str, entries: list[Entry], came: Mapping[str, Delivery]) -> Item:
    departments = {entry.item.department for entry in entries}
    department = departments.pop() if len(departments) == 1 else NOT_SAID
    number = sum(one.number for one in came.values())
    owed = all(entry.ground is Ground.STANDS and entry.confirmed for entry in entries)
    if number:
        state = Collected.COLLECTED
    else:
        state = Collected.MISSING if department and owed else Collected.UNKNOWN
    return Item(
        list_type=list_type,
        name="行政处罚" if list_type == PENALTY_LIST_TYPE else entries[0].item.name,
        department=department,
        authority="、".join(dict.fromkeys(entry.item.authority for entry in entries)),
        state=state,
        number=number,
        last_day=max((one.last_day for one in came.values()), default=Date(0)),
        districts=tuple(
            District(region=region, number=one.number, last_day=one.last_day)
            for region, one in sorted(came.items())
        ),
    )
