"""Refusals that speak of the node's own state, and not of what it was asked to publish."""

from __future__ import annotations

from typing import Final

from federation.errors import FederationError

_OF_THE_NODE: Final = frozenset({"disk", "high-water", "own-log"})
"""What their codes begin with: no room, or nothing may be signed."""


def of_the_node(error: FederationError) -> bool:
    """Whether the same request may be taken later: a file lies where it is, a row is no fault."""
    return getattr(error, "code", "").partition(".")[0] in _OF_THE_NODE
