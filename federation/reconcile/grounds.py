"""What an edition of a catalog may say beside the others: checked before it is adopted (B1, B3).

Only an edition of the nation, or one of a province for what its local regulation 地方性法规 says,
makes lists and measures. Of every other entry

    B5  the list or measure is made by an edition that is in force together with it
    B6  it says no more of a list than the entries that make it: no other kind of subject or
        authority, no longer longest period, no shorter shortest one, no longer period or one of its
        own where a decision states none, no higher tier, no measure besides theirs

What it may say of matters 事项 stands in `federation.reconcile.matter_grounds`, of lists of the
trustworthy in `federation.reconcile.trust_lists` (CM2).

An entry that breaks this would not count (`federation.reconcile.catalog`); the edition is refused,
so that nobody believes that it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from federation.errors import RefusedError
from federation.ids import Date
from federation.names import SUBJECT_KINDS, TIERS
from federation.reconcile.catalog import EVERY_KIND, Edition, ListItem, described
from federation.reconcile.matter_grounds import check_matters_beside
from federation.reconcile.trust_lists import check_trust

GROUND_MISSING: Final = "catalog.ground-missing"
NOT_IN_FORCE: Final = "catalog.list-not-in-force"
WIDENS: Final = "catalog.widens"


def check_edition(edition: Edition, others: Iterable[Edition]) -> None:
    """Check an edition beside those that are adopted.

    Args:
        edition: that would be adopted.
        others: those adopted, without one of its id.

    Raises:
        RefusedError: `catalog.ground-missing` (B5), `catalog.widens` (B6), `catalog.matter-…`,
            `catalog.list-both`;
            what was found, what is expected, and what to do.
    """
    beside = [
        one
        for one in (*others, edition)
        if one.valid_from <= edition.valid_to and edition.valid_from <= one.valid_to
    ]
    narrowing = [
        item for item in edition.lists.values() if not item.struck and not edition.makes(item)
    ]
    for item in narrowing:
        _check_list(edition, item, [one for one in beside if item.list_type in one.lists])
    made = {code for one in beside for code, m in one.measures.items() if one.makes(m)}
    told = {code for code, measure in edition.measures.items() if not edition.makes(measure)}
    named = {code for item in narrowing for code in item.measures or ()}
    for code in sorted((told | named) - made):
        raise _without_ground(edition, f"措施 {code}", f"the measure {code}")
    check_matters_beside(edition, beside)
    check_trust(edition, beside)


def _without_ground(edition: Edition, what: str, english: str) -> RefusedError:
    return RefusedError(
        GROUND_MISSING,
        f"{edition.id}（{edition.layer.value}）: {what}没有依据；应为：国家版本，或者写明地方性法规"
        "（regulation）的省级版本已有此项；其他版本只能收窄、分工，不得新设；"
        "请先采用设立此项的版本，或者删去此项 / "
        f"{english} has no ground; expected one that a national edition has, or a province's that "
        "names its local regulation; adopt that edition first, or strike the entry",
    )


def _check_list(edition: Edition, item: ListItem, speaking: Sequence[Edition]) -> None:
    name = item.list_type
    grounded = False
    for day in _days(edition, speaking):
        makers = [
            (one, one.lists[name])
            for one in speaking
            if one.in_force(day) and one.makes(one.lists[name]) and one.lists[name].counts_on(day)
        ]
        if not makers:
            continue
        grounded = True
        made = described(makers)
        for field, found, expected in _wider(item, made):
            raise RefusedError(
                WIDENS,
                f"{edition.id}（{edition.layer.value}）: 名单 {name} 的 {field} 为 {found}，"
                f"扩大了设立该名单的版本；应为：{expected}；请改小，或者删去此项 / "
                f"{field} of the list {name} is {found}, which widens it; expected {expected}; "
                "narrow it or leave it out",
            )
    if not grounded:
        raise _without_ground(edition, f"名单 {name} ", f"the list {name}")


def _days(edition: Edition, speaking: Iterable[Edition]) -> Sequence[Date]:
    """The days of an edition on which something that makes a list may begin."""
    starts = {edition.valid_from}
    for one in speaking:
        starts.add(one.valid_from)
        starts |= {item.valid_from for item in one.lists.values()}
    return sorted(day for day in starts if edition.in_force(day))


def _wider(item: ListItem, made: ListItem) -> Iterator[tuple[str, str, str]]:
    """In what an entry says more than those that make the list: field, found, expected."""
    if item.subjects != EVERY_KIND and not item.subjects <= made.subjects:
        yield "subjects", _kinds(item), _kinds(made)
    for field in ("authorities", "measures"):
        said, allowed = getattr(item, field), getattr(made, field)
        if said is not None and allowed is not None and not said <= allowed:
            yield field, _codes(said), f"⊆ {_codes(allowed)}"
    if made.longest_months and item.longest_months > made.longest_months:
        yield "longest_months", str(item.longest_months), f"≤ {made.longest_months}"
    if 0 < item.shortest_months < made.shortest_months:
        yield "shortest_months", str(item.shortest_months), f"≥ {made.shortest_months}"
    if item.term_months > made.term_months:
        yield "term_months", str(item.term_months), f"≤ {made.term_months}"
    if 0 < item.tier < made.tier:
        yield "tier", TIERS.name(item.tier), TIERS.name(made.tier)


def _codes(codes: Iterable[str]) -> str:
    return "、".join(sorted(codes)) or "—"


def _kinds(item: ListItem) -> str:
    return _codes(map(SUBJECT_KINDS.name, item.subjects))
