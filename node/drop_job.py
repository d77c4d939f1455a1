"""Files that departments drop into `inbox/<source>/` are taken without a hand.

The name of a file says what it is: `repair…` and `withdrawal…` are relief files, `scenario…` and
`recognition…` open statements, any other name a list, unless it speaks of removal or of what is
not decided (F18: such a file is refused, and a drop folder has no word for it); `<list type>…`
names the list where the source has several.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import structlog

from adapters.errors import AdapterError, HighWaterError, StoreError
from adapters.files.dropfolder import DropFolder, DroppedFile
from federation.errors import FederationError
from node.config import SourceSection
from node.disk import Reserve
from node.intake import Intake
from node.intake_acts import RELIEFS
from node.refusals import of_the_node

LONGEST_SECONDS: Final = 300.0
"""A file that must wait is read again so often, where nothing says that it need not wait."""
LONGEST_OF_RELIEF_SECONDS: Final = 10.0
_RELIEFS: Final = tuple(RELIEFS)
_KINDS: Final = (*_RELIEFS, "scenario", "recognition")
_log = structlog.get_logger()


class DropJob:
    """Looks into the folders of all sources; runs in a thread of its own."""

    def __init__(
        self,
        *,
        inbox: Path,
        sources: Mapping[str, SourceSection],
        settle_seconds: float,
        clock: Callable[[], float],
        intake: Intake,
        reserve: Reserve,
        waiting: Callable[[], bool],
        refusal: Callable[[], str],
    ) -> None:
        """Make the folders of the sources and watch them.

        While the disk has no more than its reserve, or while `waiting` (`node.asking`), all files
        but reliefs lie where they are. A file that must wait is not read again and again: only
        when it or one of these changes, or `refusal`, the code of why nothing is signed at all.
        """
        self._refusal = refusal
        self._kept_by: tuple[bool, str] = (False, "")
        self._reserve = reserve
        self._waiting = waiting
        self._intake = intake
        self._sources = sources
        self._folders: dict[str, DropFolder] = {}
        for source in sources:
            folder = inbox / source
            folder.mkdir(mode=0o770, parents=True, exist_ok=True)
            self._folders[source] = DropFolder(folder, settle_seconds, clock)

    def run(self) -> int:
        """Take every file that is ready.

        Returns:
            The number of files taken or refused.
        """
        count = 0
        kept_by = (self._held_up, self._refusal())
        for source, folder in self._folders.items():
            if kept_by != self._kept_by:
                folder.recall()
            for dropped in folder.ready():
                if self._held_up and not dropped.path.name.startswith(_RELIEFS):
                    _leave(folder, dropped)
                    continue
                self._take(source, folder, dropped)
                count += 1
        self._kept_by = kept_by
        return count

    @property
    def _held_up(self) -> bool:
        return self._reserve.short or self._waiting()

    def _take(self, source: str, folder: DropFolder, dropped: DroppedFile) -> None:
        name = dropped.path.name
        if dropped.fault:
            _log.warning("file refused", code=dropped.fault, source=source, file=name)
            folder.refuse(dropped.path)
            return
        kind, list_type = self._meaning(source, name)
        try:
            result = self._intake.publish_file(
                dropped.path,
                kind=kind,
                list_type=list_type,
                mapping="",
                dry_run=False,
                full_snapshot=False,
                source=source,
                progress=lambda _: None,
            )
        except (StoreError, HighWaterError) as error:
            _log.warning(
                "file waits", code="store.failed", source=source, file=name, error=str(error)
            )
            _leave(folder, dropped)
            return
        except (FederationError, AdapterError) as error:
            code = getattr(error, "code", "file.refused")
            if isinstance(error, FederationError) and of_the_node(error):
                _log.warning("file waits", code=code, source=source, file=name, error=str(error))
                _leave(folder, dropped)
                return
            _log.warning("file refused", code=code, source=source, file=name, error=str(error))
            folder.refuse(dropped.path)
            return
        folder.take(dropped.path)
        _log.info(
            "file taken",
            source=source,
            file=name,
            rows=result["rows"],
            published=result["published"],
            refused=result["refused_rows"],
            ignored_columns=result.get("ignored_columns", []),
        )

    def _meaning(self, source: str, name: str) -> tuple[str, str]:
        """Kind and list type of a file by its name."""
        for kind in _KINDS:
            if name.startswith(kind):
                return kind, ""
        list_types = self._sources[source].list_types
        named = [list_type for list_type in list_types if name.startswith(list_type)]
        return "", (named or [*list_types, ""])[0]


def _leave(folder: DropFolder, dropped: DroppedFile) -> None:
    relief = dropped.path.name.startswith(_RELIEFS)
    folder.leave(dropped.path, LONGEST_OF_RELIEF_SECONDS if relief else LONGEST_SECONDS)
