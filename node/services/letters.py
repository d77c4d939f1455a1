"""The register of letters 公文 for the operator (`huxin letters`), on the Unix socket only."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Protocol

from huxin.v1 import letters_pb2 as pb
from huxin.v1.letters_pb2_grpc import LettersServicer

from federation.screening.roles import Asker
from node.letters.desk import Issuing
from node.network.errors import answering, check_request
from node.services.askers import Askers
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.letters_pb2_grpc import _ServicerContext


class LetterAnswers(Protocol):
    """What the service needs of `node.letters.desk.LetterDesk`; blocks."""

    def get(self, kind: str, about: str) -> dict[str, Any]:
        """What an office gives a letter."""
        ...

    def page(self, page_size: int, page_token: str) -> tuple[list[dict[str, Any]], str]:
        """A page of the register."""
        ...

    def issue(self, asked: Issuing) -> dict[str, Any]:
        """Give a letter its number."""
        ...


class LettersService(LettersServicer):
    """Letters."""

    def __init__(
        self,
        *,
        desk: LetterAnswers,
        askers: Askers,
        account: Callable[[str], str],
        readers: Executor,
    ) -> None:
        """Wire the service.

        Args:
            desk: has the register.
            askers: say who calls.
            account: the name of the account that has a credential; empty: none.
            readers: the threads in which all this runs.
        """
        self._desk = desk
        self._askers = askers
        self._account = account
        self._readers = readers

    async def GetLetter(  # noqa: N802 - the name in the .proto file
        self, request: pb.GetLetterRequest, context: _ServicerContext
    ) -> pb.GetLetterResponse:
        """What an office gives a letter."""
        async with answering(context, operator=True):
            check_request(request)
            found = await in_thread(self._readers, self._desk.get, request.kind, request.about)
            return pb.GetLetterResponse(json=_json(found))

    async def IssueLetter(  # noqa: N802 - the name in the .proto file
        self, request: pb.IssueLetterRequest, context: _ServicerContext
    ) -> pb.IssueLetterResponse:
        """Give a letter its number."""
        async with answering(context, operator=True):
            check_request(request)
            asker = self._askers.of(context)
            issued = await in_thread(self._readers, self._issue, request, asker)
            return pb.IssueLetterResponse(json=_json(issued))

    async def ListLetters(  # noqa: N802 - the name in the .proto file
        self, request: pb.ListLettersRequest, context: _ServicerContext
    ) -> pb.ListLettersResponse:
        """A page of the register."""
        async with answering(context, operator=True):
            check_request(request)
            found, token = await in_thread(
                self._readers, self._desk.page, request.page_size, request.page_token
            )
            return pb.ListLettersResponse(letters_json=map(_json, found), next_page_token=token)

    def _issue(self, request: pb.IssueLetterRequest, asker: Asker) -> dict[str, Any]:
        """Whoever asks from an account is who prepared it, whatever name came with the request."""
        account = "" if asker.local else self._account(asker.credential)
        return self._desk.issue(
            Issuing(
                kind=request.kind,
                about=request.about,
                number=request.number,
                person=request.person,
                note=request.note,
                prepared=account or request.prepared.strip(),
            )
        )


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
