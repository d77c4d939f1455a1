"""Work on several processors: one function, called for many numbers by forked processes.

Each of them takes every n-th number and sends what the function returned through a pipe of its
own, from which it is read in the order of the numbers. A full pipe lets its process wait, so that
what is ahead stays bounded; a closed one ends it, so that none outlives whoever reads, whatever
became of that one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar, cast

from adapters.errors import ProcessError

T = TypeVar("T")


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0))


def spread(function: Callable[[int], T], numbers: range, *, processes: int) -> Iterator[T]:
    """Call a function for each number, in processes of their own; gives the results in order.

    The processes are forked, so that the function is taken over as it is: call this only while no
    other thread of this process holds anything that the function needs. They end with this
    generator.

    Args:
        function: what it returns, and what it may raise, can be pickled.
        numbers: what it is called for.
        processes: how many, at least 1; with one the work is done here.

    Raises:
        ProcessError: one of them was ended from outside.
        Exception: whatever the function raised, in its place in the order.
    """
    if min(processes, len(numbers)) < 2:
        yield from map(function, numbers)
        return
    forking = get_context("fork")
    with ExitStack() as stack:
        pipes: list[Connection] = []
        for first in range(min(processes, len(numbers))):
            ours, theirs = forking.Pipe(duplex=False)
            share = numbers[first::processes]
            # None of the pipes' other ends may stay open in the child: see above.
            work = forking.Process(
                target=_work, args=(function, share, theirs, (*pipes, ours)), daemon=True
            )
            work.start()
            theirs.close()
            pipes.append(ours)
            stack.callback(work.join)
            stack.callback(ours.close)
        for turn in range(len(numbers)):
            yield cast("T", _received(pipes[turn % processes]))


def _received(pipe: Connection) -> object:
    try:
        error, result = pipe.recv()
    except (EOFError, ConnectionError) as ended:
        message = (
            "a process that did part of the work was ended, perhaps for want of memory; "
            "try again with one process"
        )
        raise ProcessError(message) from ended
    if error is not None:
        raise error
    return cast("object", result)


def _work(
    function: Callable[[int], T],
    numbers: range,
    results: Connection,
    others: tuple[Connection, ...],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is our reader's, whose end is ours
    for pipe in others:
        pipe.close()
    try:
        for number in numbers:
            try:
                told = (None, function(number))
            except Exception as error:  # noqa: BLE001 - raised again by the reader
                results.send((error, None))
                return
            results.send(told)
    except BrokenPipeError:
        return  # nobody reads any more
