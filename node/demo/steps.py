"""A step of the demo's story, as it stands in `story.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from federation.ids import StatementId


@dataclass(slots=True, kw_only=True)
class Step:
    """One step of the story, as it stands in `story.json`; times in seconds."""

    name: str
    title: str
    region: str = ""
    statement_ids: list[str] = field(default_factory=list)
    subject: dict[str, str] | None = None
    started_s: float = 0.0
    took_s: float = 0.0
    to_last_node_s: float | None = None
    """From the act itself until the last node showed it."""
    results: dict[str, Any] = field(default_factory=dict)


def name_subject(step: Step, listing: Mapping[str, Any], *reliefs: StatementId) -> None:
    """Say of which listing a step is, and what ended it."""
    step.statement_ids = [listing["statement_id"], *(relief.hex() for relief in reliefs)]
    step.subject = {"code": listing["subject"]["code"], "name": listing["subject"]["name"]}
