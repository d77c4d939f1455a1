"""The job of the drop folder: files of `inbox/<source>/` are taken without a hand.

    F28 what is wrong with one file, or with one source's folder or mapping, is its own: the others
        go on. Reliefs of all sources have a job of their own and never wait for a list. Sources
        take turns, a file each, so that many files of one starve no other
    F29 a file refused whole has its reason beside it, `FILE.errors.csv`; one that waits, or is a
        relief and was refused, is told in the status
    F30 a relief file with rows that find no listing is read again while lists lie in the inbox, for
        an hour: the listing may be among them

What a file is, its name says (F25): a relief, an open statement, else a list; a name that speaks of
removal or of what is not decided is no list (F18), and a drop folder has no word for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from adapters.errors import AdapterError, FullError, HighWaterError, StoreError
from adapters.files.dropfolder import DropFolder, DroppedFile, Stuck, UnfinishedError
from adapters.files.dropped_names import FIRST, kind_of
from adapters.files.errors import FileAdapterError
from adapters.files.faults import RowFault, errors_path, fault_bytes
from adapters.files.nation_export import KIND as COMPARISON
from federation.errors import FederationError
from node.directory.config import Config, SourceSection
from node.intake.files import Intake
from node.log.refusals import of_the_node
from node.system.disk import Reserve

LONGEST_SECONDS: Final = 300.0
"""A file that must wait is read again so often, where nothing says that it need not wait."""
LONGEST_OF_RELIEF_SECONDS: Final = 10.0
BEHIND_SECONDS: Final = 3600.0
"""For so long a relief that finds no listing waits for the lists that lie here."""
FULL: Final = "全量"
"""In the name of an export that has everything that is shown (NE4)."""
ROUNDS: Final = 8
"""Files of a source between two looks at all folders."""
RUN_SECONDS: Final = 10.0
"""After which a run ends, and the next one begins, though files are left."""
_OF_THE_MAPPING: Final = frozenset(
    {"mapping.unknown", "mapping.invalid", "mapping.other-list", "mapping.unreadable"}
)
"""The operator's to mend: no file is refused for them."""
_log = structlog.get_logger()


class DropJob:
    """Looks into the folders of all sources for reliefs, or for all else; a thread of its own."""

    def __init__(
        self,
        *,
        reliefs: bool,
        inbox: Path,
        sources: Mapping[str, SourceSection],
        settle_seconds: float,
        clock: Callable[[], float],
        intake: Intake,
        reserve: Reserve,
        waiting: Callable[[], bool],
        refusal: Callable[[], str],
    ) -> None:
        """Watch the folders of the sources, which are made where there are none.

        While the disk has no more than its reserve, or while `waiting` (`node.log.startup_check`),
        all files but reliefs lie where they are. A file that must wait is not read again and again:
        only when it or one of these changes, or `refusal`, the code of why nothing is signed at
        all.
        """
        self._reliefs = reliefs
        self._refusal = refusal
        self._kept_by: tuple[bool, str] = (False, "")
        self._reserve = reserve
        self._waiting = waiting
        self._intake = intake
        self._clock = clock
        self._inbox = inbox
        self._settle_seconds = settle_seconds
        self._sources = sources
        self._folders: dict[str, DropFolder] = {}
        self._comparing: frozenset[str] = frozenset()
        self._unreadable: dict[str, str] = {}
        self._look_at_sources()

    def run(self) -> int:
        """Take every file that is ready, for `RUN_SECONDS`.

        Returns:
            The number of files taken or refused.
        """
        self._look_at_sources()
        began = self._clock()
        kept_by = (self._held_up, self._refusal())
        if kept_by != self._kept_by:
            for folder in self._folders.values():
                folder.recall()
        self._kept_by = kept_by
        count, met = 0, set[tuple[str, str]]()
        while True:
            queues = {
                source: deque(one for one in found if (source, one.name) not in met)
                for source, found in self._ready()
            }
            for _ in range(ROUNDS):
                for source, queue in queues.items():
                    if queue:
                        met.add((source, queue[0].name))
                        count += self._one(source, queue.popleft())
            if not any(queues.values()) or self._clock() - began > RUN_SECONDS:
                return count

    def problems(self) -> Iterator[tuple[str, Stuck]]:
        """What is stuck: each source with a folder that cannot be read, or with the first file.

        A relief file that was refused is told while it lies there (F29).

        Any thread.
        """
        for source, folder in self._folders.items():
            if message := self._unreadable.get(source):
                yield source, Stuck(title="", code="inbox.folder", message=message)
            if stuck := folder.stuck():
                first = stuck[0]
                yield source, replace(first, title=_and_more(first.title, len(stuck)))
            if self._reliefs and (refused := folder.refused()):
                message = (
                    "修复、撤销文件未被受理，原因在旁 / a relief file was refused, its reason lies "
                    "beside it in refused/: mend it, send it again, and remove the refused one"
                )
                title = _and_more(refused[0], len(refused))
                yield source, Stuck(title=title, code="relief.refused", message=message)

    def _look_at_sources(self) -> None:
        """Watch the folders of today's sources; what is known of a folder's files is kept."""
        sections = dict(self._sources)
        comparing = frozenset(name for name, section in sections.items() if section.comparison)
        if sections.keys() == self._folders.keys() and comparing == self._comparing:
            return
        kept = self._folders.keys() - (comparing ^ self._comparing)
        self._comparing = comparing
        self._folders = {
            name: self._folders[name] if name in kept else self._folder(name) for name in sections
        }

    def _folder(self, source: str) -> DropFolder:
        comparison = source in self._comparing
        meant = partial(_is_meant, reliefs=self._reliefs, comparison=comparison)
        return DropFolder(self._inbox / source, self._settle_seconds, self._clock, meant)

    def _ready(self) -> Iterator[tuple[str, list[DroppedFile]]]:
        for source, folder in self._folders.items():
            try:
                found = folder.ready()
            except OSError as error:
                message = f"{type(error).__name__}: {error}"
                if self._unreadable.get(source) != message:
                    _log.error("folder waits", code="inbox.folder", source=source, error=message)
                self._unreadable[source] = message
                continue
            self._unreadable.pop(source, None)
            yield source, found

    @property
    def _held_up(self) -> bool:
        return not self._reliefs and (self._reserve.short or self._waiting())

    def _one(self, source: str, dropped: DroppedFile) -> int:
        """Take, refuse or leave one file; whatever is wrong with it stays with it (F28)."""
        folder = self._folders[source]
        if dropped.fault:
            return self._refused(source, dropped, dropped.fault, dropped.message)
        if self._held_up:
            self._leave(folder, dropped)
            return 0
        try:
            return self._take(source, folder, dropped)
        except UnfinishedError:
            self._leave(folder, dropped)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other files go on
            code = _code(error)
            if _of_the_file(error, code):
                return self._refused(source, dropped, code, str(error))
            self._wait(source, dropped, code, error)
        return 0

    def _take(self, source: str, folder: DropFolder, dropped: DroppedFile) -> int:
        kind = COMPARISON if source in self._comparing else kind_of(dropped.title)
        if not self._reliefs:
            self._reserve.check_room(dropped.identity.size)
        with folder.copied(dropped, self._intake.room) as copy:
            list_type = ""
            if not kind:
                list_type = self._intake.list_meant(copy.path, dropped.title, source)
            result = self._intake.publish_file(
                copy.path,
                kind=kind,
                list_type=list_type,
                mapping="",
                dry_run=False,
                full_snapshot=kind == COMPARISON and FULL in dropped.title,
                source=source,
                progress=lambda _: None,
                private=copy,
                by_hand=False,
            )
            beside = errors_path(copy.path)
            errors = beside.read_bytes() if beside.exists() else b""
        if self._behind(folder, dropped, result):
            message = "未找到名单，待名单文件处理后再读 / no listing yet: lists lie in the inbox"
            folder.leave(dropped, LONGEST_SECONDS, "relief.no-listing", message)
            return 0
        folder.take(dropped, errors)
        _log.info(
            "file taken",
            source=source,
            file=dropped.title,
            rows=result["rows"],
            published=result["published"],
            refused=result["refused_rows"],
            ignored_columns=result.get("ignored_columns", []),
        )
        return 1

    def _behind(self, folder: DropFolder, dropped: DroppedFile, result: dict[str, Any]) -> bool:
        """Whether a relief may be of a listing in a list that lies here still (F30)."""
        return (
            self._reliefs
            and "relief.no-listing" in result["faults"]
            and any(each.others for each in self._folders.values())
            and folder.waits(dropped) < BEHIND_SECONDS
        )

    def _refused(self, source: str, dropped: DroppedFile, code: str, message: str) -> int:
        _log.warning("file refused", code=code, source=source, file=dropped.title, error=message)
        fault = RowFault(row=0, column="", code=code, value="", expected="", message=message)
        self._folders[source].refuse(dropped, fault_bytes([fault]))
        return 1

    def _wait(self, source: str, dropped: DroppedFile, code: str, error: Exception) -> None:
        message = str(error) if isinstance(error, FederationError | AdapterError) else repr(error)
        trace = {"exc_info": error} if code == "file.failed" else {}
        _log.warning(
            "file waits", code=code, source=source, file=dropped.title, error=message, **trace
        )
        self._leave(self._folders[source], dropped, code, message)

    def _leave(
        self, folder: DropFolder, dropped: DroppedFile, code: str = "", message: str = ""
    ) -> None:
        longest = LONGEST_OF_RELIEF_SECONDS if self._reliefs else LONGEST_SECONDS
        folder.leave(dropped, longest, code, message)


class Inbox:
    """The drop folders of a node: a job for reliefs, and one for all else."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Callable[[], float],
        intake: Intake,
        reserve: Reserve,
        waiting: Callable[[], bool],
        refusal: Callable[[], str],
    ) -> None:
        """Wire both; see `DropJob`."""
        self.reliefs, self.others = (
            DropJob(
                reliefs=reliefs,
                inbox=config.inbox,
                sources=config.files.sources,
                settle_seconds=config.files.settle_seconds,
                clock=clock,
                intake=intake,
                reserve=reserve,
                waiting=waiting,
                refusal=refusal,
            )
            for reliefs in (True, False)
        )

    def problems(self) -> list[tuple[str, Stuck]]:
        """What is stuck in the folders, by source, each once."""
        found = (*self.reliefs.problems(), *self.others.problems())
        return list(dict.fromkeys(found))


def _is_meant(title: str, *, reliefs: bool, comparison: bool) -> bool:
    """Whether a file is for this job; an export may stop a use, so that it waits for no list."""
    return (comparison or kind_of(title) in FIRST) is reliefs


def _and_more(title: str, number: int) -> str:
    return title if number == 1 else f"{title} (+ {number - 1})"


def _code(error: Exception) -> str:
    match error:
        case FullError():
            return "disk.full"
        case StoreError() | HighWaterError():
            return "store.failed"
        case FederationError() | AdapterError():
            return getattr(error, "code", "file.refused")
        case OSError():
            return "file.unreadable"
        case _:
            return "file.failed"


def _of_the_file(error: Exception, code: str) -> bool:
    """Whether a file is refused for it, and not left until somebody else has mended something."""
    if isinstance(error, FileAdapterError):
        return code not in _OF_THE_MAPPING
    if isinstance(error, FederationError):
        return not (of_the_node(error) or code.startswith("person."))
    return False
