"""The chain of epochs of a node, put together from what several charters name (design §4).

Each charter names a part of the chain, oldest first; charters learn of a new epoch at different
times, and one that a node joined late may not know the first ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from federation.ids import Origin


def merge_epochs(parts: Iterable[tuple[Origin, ...]]) -> dict[Origin, tuple[Origin, ...]]:
    """Merge parts that share an origin into one chain each.

    Args:
        parts: per charter and member, its origins, oldest first.

    Returns:
        For every origin the whole chain it belongs to, oldest first. Where charters contradict
        each other about the order, the order in which they were given.
    """
    chains: dict[Origin, list[tuple[Origin, ...]]] = {}
    for part in parts:
        together = [part]
        for origin in part:
            for other in chains.get(origin, []):
                if other not in together:
                    together.append(other)
        for origin in {origin for one in together for origin in one}:
            chains[origin] = together
    return {origin: _in_order(together) for origin, together in chains.items()}


def _in_order(parts: list[tuple[Origin, ...]]) -> tuple[Origin, ...]:
    given = tuple(dict.fromkeys(origin for part in reversed(parts) for origin in part))
    sorter: TopologicalSorter[Origin] = TopologicalSorter(dict.fromkeys(given, ()))
    for part in parts:
        for before, after in pairwise(part):
            sorter.add(after, before)
    try:
        return tuple(sorter.static_order())
    except CycleError:
        return given
