"""One way in for add-checkpoint (C2SP tlog-witness), over gRPC and over HTTP.

Logs of statements are cosigned on the writer's thread, query logs beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future

from node.access.witnessing import is_query_log
from node.log.writer import WriteThread


class WitnessDoor:
    """Hands a request to what may cosign it.

    Both ways raise `WitnessError` with the status of the specification, and what else
    `node.peers.witnessing` and `node.access.witnessing` do.
    """

    def __init__(
        self,
        *,
        statements: Callable[[bytes], bytes],
        writer: WriteThread,
        query_logs: Callable[[bytes], bytes] | None,
    ) -> None:
        """Wire it.

        Args:
            statements: checks, persists and cosigns; on the writer's thread.
            writer: that thread.
            query_logs: the same for query logs, on any thread; None: nobody's are cosigned.
        """
        self._statements = statements
        self._writer = writer
        self._query_logs = query_logs

    def submit(self, body: bytes, readers: Executor) -> Future[bytes]:
        """The signature lines, as soon as they are there; `readers` are threads that may block."""
        if self._query_logs is not None and is_query_log(body):
            return readers.submit(self._query_logs, body)
        return self._writer.submit(lambda: self._statements(body))

    def answer(self, body: bytes) -> bytes:
        """The signature lines; blocks."""
        if self._query_logs is not None and is_query_log(body):
            return self._query_logs(body)
        return self._writer.submit(lambda: self._statements(body)).result()
