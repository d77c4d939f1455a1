"""Peers out of the status document: how far each log came, charters, and what is wrong there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_OF_A_LOG: Final = (
    "origin",
    "city",
    "state",
    "size",
    "verified_to",
    "reconciled_to",
    "delivered_to",
    "head_age_s",
    "waits_for_room",
)
_FAMILIES: Final = frozenset({"certificate", "charter", "log", "peer"})


def peers(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a status document says of other members.

    `behind` counts entries that have come here and are not judged yet; `connected` are the members
    to which a connection stands.
    """
    own = status["node"]["origin"]
    return {
        "node": status["node"],
        "peers": [
            {name: log[name] for name in _OF_A_LOG}
            | {"behind": max(0, log["size"] - log["reconciled_to"])}
            for log in status["logs"]
            if log["origin"] != own
        ],
        "connected": status["peers"],
        "charters": status["charters"],
        "problems": [
            one for one in status["problems"] if one["code"].partition(".")[0] in _FAMILIES
        ],
    }
