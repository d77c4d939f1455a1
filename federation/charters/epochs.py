"""The chain of epochs of a node, put together from what several charters name (SPEC §7.4).

Each charter names a part of the chain, oldest first; charters learn of a new epoch at different
times, and one that a node joined late may not know the first ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from federation.ids import Origin


def merge_epochs(parts: Iterable[tuple[Origin, ...]]) -> dict[Origin, tuple[Origin, ...]]:
    """Merge parts that share an origin into one chain each.

    Args:
        parts: per charter and member, its origins, oldest first.

    Returns:
        For every origin the whole chain it belongs to, oldest first (SPEC §2.4): each time the
        first in the order of appearance of which no part names one before it that is still left;
        where there is none, because parts contradict each other, the first that is left.
    """
    given = list(dict.fromkeys(parts))
    chains: dict[Origin, tuple[Origin, ...]] = {}
    for origin in dict.fromkeys(origin for part in given for origin in part):
        if origin not in chains:
            chain = _in_order(_joined(origin, given))
            chains |= dict.fromkeys(chain, chain)
    return chains


def _joined(origin: Origin, parts: list[tuple[Origin, ...]]) -> list[tuple[Origin, ...]]:
    """The parts that hang together with an origin, in their order."""
    within, before = {origin}, 0
    while len(within) > before:
        before = len(within)
        within = within.union(*(part for part in parts if not within.isdisjoint(part)))
    return [part for part in parts if not within.isdisjoint(part)]


def _in_order(parts: list[tuple[Origin, ...]]) -> tuple[Origin, ...]:
    left = list(dict.fromkeys(origin for part in parts for origin in part))
    earlier: dict[Origin, set[Origin]] = {origin: set() for origin in left}
    for part in parts:
        for before, after in pairwise(part):
            earlier[after].add(before)
    chain: list[Origin] = []
    while left:
        chain.append(next((o for o in left if earlier[o].isdisjoint(left)), left[0]))
        left.remove(chain[-1])
    return tuple(chain)
