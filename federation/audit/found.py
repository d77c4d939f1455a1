"""What an audit says: what is wrong, what could not be seen, and what nobody looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from federation.ids import Origin


class Weight(StrEnum):
    """How a sentence of a report is to be taken."""

    FINDING = "finding"
    """Something is wrong, and the export proves it."""
    INCOMPLETE = "incomplete"
    """Something is not there, or too old, to say: an accusation of nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One sentence of a report.

    Attributes:
        code: stable.
        export: number of the export in which it was seen, from 1; 0 for what several show together.
        origin: of the log that it is about; empty for none.
        index: of the leaf; None for none.
        path: of the file; empty for none.
        member: the city that it names; empty for none.
    """

    weight: Weight
    code: str
    message: str
    export: int = 0
    origin: Origin = Origin("")
    index: int | None = None
    path: str = ""
    member: str = ""
