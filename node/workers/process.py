"""A worker: reads proved leaves for the node that started it (`node.workers.pool.COMMAND`).

    node                                worker
    starts it, its socket as fd 0   →   loads everything, then shuts itself in
                                    ←   READY
    the keys                        →
    a question                      →   checks, reads, tags, seals
                                    ←   its answer, or FAILED
    closes the socket, or asks
    nothing for a minute            →   ends

It gets the keys when it can open nothing more: no file, no socket (limit of descriptors: none),
writes no core, and has only so much memory. Its standard streams lead nowhere, so that no trace of
an error shows what it read. It ends with its socket, whatever became of the node. What it has
read is gone from memory with it, as an erasure and a rotation want it.
"""

from __future__ import annotations

import resource
import signal
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

from adapters.state.lent_keys import LentKeys, Sealing
from crypto.vault import KEY_SIZE
from federation.life.reading import StatementReading
from federation.peers.openings import check_openings
from federation.rows import OpeningStatus
from node.codec import ProtobufPayloads
from node.system.entropy import token
from node.system.hardening import forbid_core_files
from node.system.interpreter import tune
from node.workers.form import Answer, Question, answer_to_bytes, question_from_bytes
from node.workers.messages import receive, send

READY: Final = b"ready"
FAILED: Final = b""
"""Instead of an answer: an error that is no lack of memory; the node does it itself."""
MAX_MEMORY: Final = 256 * 2**20
"""Bytes that a worker may take beyond those with which it starts. A batch has at most 1 MiB."""
IDLE_SECONDS: Final = 60.0
"""Asked nothing for so long a worker ends: what it read, and the keys, are not left in memory."""
_NUMBER: Final = 4


def keys_to_bytes(keys: LentKeys) -> bytes:
    """Write the keys for a worker."""
    return keys.number.to_bytes(_NUMBER, "little") + keys.opening + keys.lookup


def _keys_from_bytes(data: bytes) -> LentKeys:
    number = int.from_bytes(data[:_NUMBER], "little")
    opening, lookup = data[_NUMBER : _NUMBER + KEY_SIZE], data[_NUMBER + KEY_SIZE :]
    return LentKeys(number=number, opening=opening, lookup=lookup)


class Preparing:
    """Does of a batch what needs keys and no charters, no store."""

    def __init__(self, sealing: Sealing) -> None:
        """Take the lent keys."""
        self._sealing = sealing
        self._payloads = ProtobufPayloads()

    def answer(self, question: Question) -> Answer:
        """Check openings (R7, E1-E3), read the statements (S1-S11 but S7), seal what opened."""
        origin, first, leaves = question.origin, question.first, question.leaves
        openings, misopened = check_openings(
            origin, first, leaves, question.openings, by_origin=question.by_origin
        )
        reading = StatementReading(
            origin=origin, payloads=self._payloads, tagger=self._sealing, rights=None
        )
        present = [
            (index, salt, payload)
            for index, (status, salt, payload, _) in enumerate(openings, first)
            if status == OpeningStatus.PRESENT
        ]
        return Answer(
            key=self._sealing.number,
            openings=openings,
            examined=reading.examine(first, leaves, openings),
            sealed=self._sealing.seal(origin, present),
            misopened=misopened,
        )


def main() -> None:
    """Serve the node at the other end of fd 0 until it closes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's, for the node
    forbid_core_files()
    tune()
    node = socket.socket(fileno=0)
    # By the kernel: where no descriptor may be opened, `poll` may not be asked for one either.
    idle = struct.pack("ll", *divmod(int(IDLE_SECONDS * 1e6), 10**6))
    node.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, idle)
    _shut_in()
    with suppress(OSError, EOFError):
        send(node, READY)
        preparing = Preparing(Sealing(_keys_from_bytes(receive(node)), token=token))
        while True:
            send(node, _answered(preparing, receive(node)))


def _answered(preparing: Preparing, data: bytes) -> bytes:
    try:
        question = question_from_bytes(data)
        return answer_to_bytes(question.first, preparing.answer(question))
    except MemoryError:
        raise SystemExit(1) from None
    except Exception:  # noqa: BLE001 - the node meets it again, and says whose fault it is
        return FAILED


def _shut_in() -> None:
    """Let this process open nothing more, and take only so much memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    memory = pages * resource.getpagesize() + MAX_MEMORY
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (value, value))
