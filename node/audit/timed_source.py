"""A source of a monitor within its time of a round (MO11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from adapters.errors import AdapterError
from federation.audit.following import Source


class SlowError(AdapterError):
    """A source has had its time of this round; `source` is its name."""

    code = "source.slow"

    def __init__(self, source: str, seconds: float) -> None:
        """Of which source, and what it had."""
        super().__init__(f"expected what it has within {seconds:g} s of a round")
        self.source = source


@dataclass(frozen=True, slots=True)
class TimedSource:
    """The files of a source, within its time of a round (MO11)."""

    name: str
    source: Source
    spent: defaultdict[str, float]
    seconds: float
    monotonic: Callable[[], float]

    def read(self, path: str, limit: int) -> bytes | None:
        """Read a file.

        Raises:
            SlowError: the source has had its time.
        """
        if self.spent[self.name] >= self.seconds:
            raise SlowError(self.name, self.seconds)
        begun = self.monotonic()
        try:
            return self.source.read(path, limit)
        finally:
            self.spent[self.name] += self.monotonic() - begun
