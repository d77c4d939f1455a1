"""A child process that floods a node, again and again, until it is ended.

`python -m tests.support.flooding_child PORT DIRECTORY FLOOD` says `begun` once it is connected for
the first time; DIRECTORY takes its key. A process of its own, so that what it does costs whoever
measures nothing but processor time; and of the lowest priority, so that it costs as little of that
as can be where both share a machine, which in earnest they do not.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from node.system import tls12_off  # isort: skip - before grpc

import grpc

from tests.support import raw_h2 as raw
from tests.support.flooded_child import LIAR
from tests.support.floods import FLOODS, attack, shown
from tests.support.liar import HostileLog
from tests.support.served_child import identity

CHECKPOINTS = "checkpoints without end"
NAMES = (*FLOODS, CHECKPOINTS)
MANY = 1_000_000
"""Checkpoints on one stream: more than can be shown while something is measured."""


LOWEST = 19
"""Priority."""


def main() -> None:
    """Flood without a break, over a new connection whenever one is cut."""
    os.nice(LOWEST)
    port, directory, name = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    context = raw.client_context(identity(LIAR), directory)
    with raw.connected(port, context):
        sys.stdout.write("begun\n")
        sys.stdout.flush()
    while True:
        if name == CHECKPOINTS:
            with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
                asyncio.run(shown(port, HostileLog(), range(1, MANY)))
        else:
            with suppress(*raw.GONE):
                attack(port, FLOODS[name], context)


if __name__ == "__main__":
    tls12_off.require()
    main()
