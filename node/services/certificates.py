"""Certificates of repair (`huxin repairs certificate`), on the Unix socket only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from huxin.v1 import certificates_pb2 as pb
from huxin.v1.certificates_pb2_grpc import CertificatesServicer

from federation.ids import StatementId
from node.network.errors import answering, check_request
from node.system.threads import in_thread

if TYPE_CHECKING:
    from huxin.v1.certificates_pb2_grpc import _ServicerContext

PIECE: Final = 256 * 1024
"""Bytes in one message; a certificate may be larger than any message."""


class Made(Protocol):
    """A certificate."""

    @property
    def number(self) -> str:
        """Its number."""
        ...

    @property
    def pdf(self) -> bytes:
        """The sealed document."""
        ...

    @property
    def html(self) -> bytes:
        """The page for reading."""
        ...


class CertificateMaking(Protocol):
    """What the service needs of `node.relief.certificates.Certificates`; blocks."""

    def certificate(
        self, statement: StatementId, subject: str, check: str = "", report: bytes = b""
    ) -> Made:
        """Make, set and seal a certificate."""
        ...


class CertificatesService(CertificatesServicer):
    """Certificates of repair."""

    def __init__(self, *, making: CertificateMaking, readers: Executor) -> None:
        """Wire the service; `readers` are the threads in which all this runs."""
        self._making = making
        self._readers = readers

    async def MakeCertificate(  # noqa: N802 - the name in the .proto file
        self, request: pb.MakeCertificateRequest, context: _ServicerContext
    ) -> AsyncIterator[pb.MakeCertificateResponse]:
        """Make one, piece by piece."""
        async with answering(context, operator=True):
            check_request(request)
            ask = partial(
                self._making.certificate,
                StatementId(request.statement_id),
                request.subject,
                request.check,
                request.report,
            )
            made = await in_thread(self._readers, ask)
            yield pb.MakeCertificateResponse(number=made.number)
            for start in range(0, len(made.pdf), PIECE):
                yield pb.MakeCertificateResponse(pdf=made.pdf[start : start + PIECE])
            for start in range(0, len(made.html), PIECE):
                yield pb.MakeCertificateResponse(html=made.html[start : start + PIECE])
