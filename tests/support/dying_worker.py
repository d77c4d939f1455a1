"""A worker that ends at a stage, as often as its file has bytes; started as its path.

    dying_worker.py STAGE FILE [STATE]

Stages: `start` before it is ready, `question` when it has one, `half` in the middle of its answer,
`silent` instead of it, `other` an answer that is none, `memory` for want of it, `error` an error
of ours, `idle` soon when it is asked nothing.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from node.workers import messages, process

STAGE, FILE = sys.argv[1], Path(sys.argv[2])
left = FILE.stat().st_size
dies = left > 0
if dies:
    FILE.write_bytes(bytes(left - 1))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def send(to: socket.socket, message: bytes) -> None:
    if message == process.READY:
        if STAGE == "start":
            die()
    elif STAGE == "half":
        to.sendall(len(message).to_bytes(4, "little") + message[: len(message) // 2])
        die()
    elif STAGE == "other":
        message = message[:-1]
    elif STAGE == "silent":
        signal.pause()
    messages.send(to, message)


class Preparing(process.Preparing):
    def answer(self, question: Any) -> Any:
        if STAGE == "question":
            die()
        if STAGE == "memory":
            bytearray(2**33)
        if STAGE == "error":
            raise ZeroDivisionError
        return super().answer(question)


if dies:
    if STAGE == "idle":
        setattr(process, "IDLE_SECONDS", 0.1)  # noqa: B010
    setattr(process, "send", send)  # noqa: B010 - not what it is to be, by its type
    setattr(process, "Preparing", Preparing)  # noqa: B010
process.main()
