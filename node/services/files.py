"""Files and mappings: calls of the operator (part of `huxin.v1.Admin`)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import admin_pb2 as pb
from huxin.v1.admin_pb2_grpc import AdminServicer

from federation.errors import StatementError
from federation.names import STOPPING
from node.intake.mapping_trial import TrialInput
from node.intake.row_words import NO_WORDS, RowWords
from node.network.errors import answering, check_request
from node.system.threads import watched

if TYPE_CHECKING:
    from huxin.v1.admin_pb2_grpc import _ServicerContext


class FileIntake(Protocol):
    """Takes files; blocks."""

    def publish_file(
        self,
        path: Path,
        *,
        kind: str,
        list_type: str,
        mapping: str,
        dry_run: bool,
        full_snapshot: bool,
        source: str,
        progress: Callable[[int], None],
        words: RowWords = NO_WORDS,
    ) -> dict[str, Any]:
        """Take a file; `progress` is told the rows read so far, from this thread."""
        ...

    @property
    def trial(self) -> Trial:
        """Shows what rows would become."""
        ...


class Trial(Protocol):
    """Tries mappings; blocks."""

    def run(
        self,
        tried: TrialInput,
        *,
        mapping: str,
        source: str,
        rows: int,
        progress: Callable[[int], None],
    ) -> dict[str, Any]:
        """Try a mapping; `progress` is told the rows read so far, from this thread."""
        ...


class TrialInputs(Protocol):
    """Finds what a mapping is tried on; `node.platform.desk.PlatformDesk`."""

    def file(self, path: Path) -> TrialInput:
        """Return a file."""
        ...

    def table(self, address: str, table: str, password_file: str) -> TrialInput:
        """Return a table of a database."""
        ...


class FileCalls(AdminServicer):
    """Takes files, and tries mappings on them."""

    _readers: Executor
    _intake: FileIntake
    _platforms: TrialInputs
    _answered: Callable[[], Awaitable[None]]

    async def PublishFile(  # noqa: N802 - the name in the .proto file
        self, request: pb.PublishFileRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.PublishFileResponse]:
        """Take a file; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            path = _absolute(request.path)

            def take(progress: Callable[[int], None]) -> dict[str, Any]:
                return self._intake.publish_file(
                    path,
                    kind=request.kind,
                    list_type=request.list_type,
                    mapping=request.mapping,
                    dry_run=request.dry_run,
                    full_snapshot=request.full_snapshot,
                    source=request.source,
                    progress=progress,
                    words=RowWords(
                        one_subject=request.one_subject,
                        two_records=request.two_records,
                        other_subjects=request.other_subjects,
                        other_names=request.other_names,
                        much_absent=request.much_absent,
                        confirmed=request.confirmed,
                        by=tuple(request.by),
                        reason=request.reason,
                        note=request.note,
                        seen=request.shown,
                    ),
                )

            if request.kind not in STOPPING and not request.dry_run:
                await self._answered()
            async for answer in self._told(take):
                yield answer

    async def TryMapping(  # noqa: N802 - the name in the .proto file
        self, request: pb.TryMappingRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.PublishFileResponse]:
        """Try a mapping; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            path = None if request.address else _absolute(request.path)

            def take(progress: Callable[[int], None]) -> dict[str, Any]:
                tried = (
                    self._platforms.table(request.address, request.table, request.password_file)
                    if path is None
                    else self._platforms.file(path)
                )
                return self._intake.trial.run(
                    tried,
                    mapping=request.mapping,
                    source=request.source,
                    rows=request.rows,
                    progress=progress,
                )

            async for answer in self._told(take):
                yield answer

    async def _told(
        self, take: Callable[[Callable[[int], None]], dict[str, Any]]
    ) -> AsyncIterator[pb.PublishFileResponse]:
        rows = 0
        async for step in watched(self._readers, take):
            if isinstance(step, int):
                rows = step
                yield pb.PublishFileResponse(rows_read=rows)
            else:
                result = json.dumps(step, ensure_ascii=False)
                yield pb.PublishFileResponse(rows_read=rows, result_json=result)


def _absolute(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise StatementError("request.invalid", f"path: expected absolute, got {path}")
    return path
