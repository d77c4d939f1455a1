"""Catalogs and base library for the operator (`huxin catalog`), on the Unix socket only.

AC25  with a credential an edition is adopted, and an entry confirmed, only where the node names
      persons with keys: names that one caller types are not two persons
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import catalogs_pb2 as pb
from huxin.v1.catalogs_pb2_grpc import CatalogsServicer

from federation.errors import RefusedError, StatementError
from node.network.errors import answering, check_request
from node.services.askers import Askers, Context
from node.system.threads import in_thread, watched

if TYPE_CHECKING:
    from huxin.v1.catalogs_pb2_grpc import _ServicerContext


class CatalogAnswers(Protocol):
    """What the service needs of `node.reconcile.catalog_desk.CatalogDesk`; blocks."""

    @property
    def signed(self) -> bool:
        """Whether persons sign what is adopted and confirmed."""
        ...

    def take(
        self,
        text: str,
        persons: Sequence[str],
        progress: Callable[[int], None],
        note: str = "",
        *,
        shown: str = "",
    ) -> dict[str, Any]:
        """Try an edition, or let it take effect."""
        ...

    def show(self, list_type: str, on: int) -> dict[str, Any]:
        """The catalog as of a day."""
        ...

    def deadlines(self, on: int) -> dict[str, Any]:
        """The deadlines in force on a day."""
        ...

    def matters(self, on: int) -> dict[str, Any]:
        """The matters of editions in force on a day."""
        ...

    def diff(self, old: str, new: str) -> dict[str, Any]:
        """What differs between two editions."""
        ...

    def check(self) -> dict[str, Any]:
        """What waits for a person."""
        ...

    def confirm(self, entries: Sequence[str], person: str, note: str) -> None:
        """A person compared entries with the official text."""
        ...

    def take_library(
        self, path: Path, progress: Callable[[int], None], *, anyway: bool = False
    ) -> dict[str, Any]:
        """Replace the base library."""
        ...


class CatalogsService(CatalogsServicer):
    """Editions, confirmations, base library."""

    def __init__(self, *, desk: CatalogAnswers, askers: Askers, readers: Executor) -> None:
        """Wire the service.

        Args:
            desk: does it.
            askers: who makes a call.
            readers: threads in which all this runs.
        """
        self._desk = desk
        self._askers = askers
        self._readers = readers

    async def ImportEdition(  # noqa: N802 - the name in the .proto file
        self, request: pb.ImportEditionRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ImportEditionResponse]:
        """Try an edition or adopt it; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            if request.persons:
                self._check_signed(context)

            def take(progress: Callable[[int], None]) -> dict[str, Any]:
                persons = list(request.persons)
                return self._desk.take(
                    request.text, persons, progress, request.note, shown=request.shown
                )

            judged = 0
            async for step in watched(self._readers, take):
                if isinstance(step, int):
                    judged = step
                    yield pb.ImportEditionResponse(judged=judged)
                else:
                    yield pb.ImportEditionResponse(judged=judged, result_json=_json(step))

    async def ShowCatalog(  # noqa: N802 - the name in the .proto file
        self, request: pb.ShowCatalogRequest, context: _ServicerContext
    ) -> pb.ShowCatalogResponse:
        """The catalog as of a day."""
        async with answering(context, operator=True):
            check_request(request)
            shown = await in_thread(self._readers, self._desk.show, request.list_type, request.on)
            return pb.ShowCatalogResponse(json=_json(shown))

    async def ShowDeadlines(  # noqa: N802 - the name in the .proto file
        self, request: pb.ShowDeadlinesRequest, context: _ServicerContext
    ) -> pb.ShowDeadlinesResponse:
        """The deadlines in force on a day."""
        async with answering(context, operator=True):
            check_request(request)
            shown = await in_thread(self._readers, self._desk.deadlines, request.on)
            return pb.ShowDeadlinesResponse(json=_json(shown))

    async def ShowMatters(  # noqa: N802 - the name in the .proto file
        self, request: pb.ShowMattersRequest, context: _ServicerContext
    ) -> pb.ShowMattersResponse:
        """The matters of editions in force on a day."""
        async with answering(context, operator=True):
            check_request(request)
            shown = await in_thread(self._readers, self._desk.matters, request.on)
            return pb.ShowMattersResponse(json=_json(shown))

    async def DiffEditions(  # noqa: N802 - the name in the .proto file
        self, request: pb.DiffEditionsRequest, context: _ServicerContext
    ) -> pb.DiffEditionsResponse:
        """What differs between two editions."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.diff, request.old, request.new)
            return pb.DiffEditionsResponse(json=_json(found))

    async def CheckCatalog(  # noqa: N802 - the name in the .proto file
        self, request: pb.CheckCatalogRequest, context: _ServicerContext
    ) -> pb.CheckCatalogResponse:
        """What waits for a person."""
        async with answering(context, operator=True):
            check_request(request)
            return pb.CheckCatalogResponse(
                json=_json(await in_thread(self._readers, self._desk.check))
            )

    async def ConfirmEntries(  # noqa: N802 - the name in the .proto file
        self, request: pb.ConfirmEntriesRequest, context: _ServicerContext
    ) -> pb.ConfirmEntriesResponse:
        """A person compared entries with the official text."""
        async with answering(context, operator=True):
            check_request(request)
            self._check_signed(context)
            await in_thread(
                self._readers,
                self._desk.confirm,
                list(request.entries),
                request.person,
                request.note,
            )
            return pb.ConfirmEntriesResponse()

    def _check_signed(self, context: Context) -> None:
        """Refuse words of persons that nobody signs, from who is not at the node (AC25).

        Raises:
            RefusedError: `person.unsigned`.
        """
        if not (self._askers.of(context).local or self._desk.signed):
            message = (
                "经 HTTP 采用或核实须有签名：请先在 huxin.toml 的 [persons] 中写明人员及其公钥，"
                "或在节点本机办理 / expected persons with keys in [persons] of huxin.toml, or the "
                "act at the node itself; got names alone"
            )
            raise RefusedError("person.unsigned", message)

    async def ImportLibrary(  # noqa: N802 - the name in the .proto file
        self, request: pb.ImportLibraryRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.ImportLibraryResponse]:
        """Replace the base library; messages with progress, the last one with the result."""
        async with answering(context, operator=True):
            check_request(request)
            path = Path(request.path)
            if not path.is_absolute():
                raise StatementError("request.invalid", f"path: expected absolute, got {path}")

            def take(progress: Callable[[int], None]) -> dict[str, Any]:
                return self._desk.take_library(path, progress, anyway=request.anyway)

            subjects = 0
            async for step in watched(self._readers, take):
                if isinstance(step, int):
                    subjects = step
                    yield pb.ImportLibraryResponse(subjects=subjects)
                else:
                    yield pb.ImportLibraryResponse(subjects=subjects, result_json=_json(step))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
