"""Files of departments that have done their work, and what a crash left of files, are removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from adapters.files.retention import remove_done, remove_parts
from federation.ids import Timestamp
from node.system.item_errors import ItemErrors

_DAY: Final = 86_400


class Retention:
    """Looks into inbox and outbox; runs in a thread of its own."""

    def __init__(
        self,
        *,
        outbox: Path | None,
        inbox: Path,
        sources: Iterable[str],
        keep_days: int,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire the job.

        Args:
            outbox: of the node; None where it writes no files.
            inbox: of the node; the folders of the sources are made by `node.intake.drop_job`.
            sources: names of the sources, asked at each run.
            keep_days: how long a file taken or refused is kept.
            now: trusted time (SPEC §3.6), 0 while none is known: no file is old then.
        """
        self._inbox = inbox
        self._sources = sources
        self._outbox = outbox
        self._keep = keep_days * _DAY
        self._now = now

    def run(self) -> int:
        """Remove what is old enough; returns the number of files.

        Raises:
            OSError: something may not be read or deleted; all else was, the next run goes on.
        """
        now, count, items = self._now(), 0, ItemErrors()
        if self._outbox is not None:
            with items.each("outbox"):
                count += remove_parts(self._outbox.resolve(), now)
        for folder in [self._inbox / source for source in self._sources]:
            with items.each(folder.name):
                count += remove_parts(folder, now)
            with items.each(f"{folder.name}, done"):
                count += remove_done(folder, now, self._keep)
        items.settle()
        return count
