"""Work in processes of its own: the same results in the same order, and nothing left behind."""

from __future__ import annotations

import os
import select
import signal
from functools import cache, partial
from itertools import islice
from multiprocessing import active_children, get_context

import pytest

from adapters.errors import ProcessError
from adapters.processes import processors, spread
from federation.audit.verification import STRETCH, Finding, LogAudit
from tests.support.exported_logs import SyntheticLog, TableOfFiles

ENDS_WITHIN = 20_000
"""Milliseconds; a hang, never a measure."""


def square(number: int) -> int:
    return number * number


def fails_at_five(number: int) -> int:
    if number == 5:
        message = "five"
        raise ValueError(message)
    return number


def is_ended_at_five(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 100])
def test_results_come_in_order(processes: int, count: int) -> None:
    numbers = range(count)
    assert list(spread(square, numbers, processes=processes)) == list(map(square, numbers))
    assert not active_children()


def test_work_is_done_in_other_processes() -> None:
    told = set(spread(lambda _: os.getpid(), range(9), processes=3))
    assert len(told) == 3
    assert os.getpid() not in told


def test_no_more_is_done_ahead_than_fits_a_pipe() -> None:
    results = spread(
        lambda number: bytes(100_000) + bytes([number % 2]), range(1 << 40), processes=2
    )
    assert [result[-1] for result in islice(results, 5)] == [0, 1, 0, 1, 0]
    results.close()  # type: ignore[attr-defined]
    assert not active_children()


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_an_error_is_raised_in_its_place(processes: int) -> None:
    results = spread(fails_at_five, range(9), processes=processes)
    assert list(islice(results, 5)) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="five"):
        next(results)
    assert not active_children()


def test_a_process_that_is_ended_is_no_success() -> None:
    results = spread(is_ended_at_five, range(9), processes=2)
    assert list(islice(results, 5)) == [0, 1, 2, 3, 4]
    with pytest.raises(ProcessError, match="try again with one process"):
        next(results)
    assert not active_children()


def test_none_outlives_its_reader() -> None:
    reading, held = os.pipe()
    begun, begin = os.pipe()
    reader = get_context("fork").Process(target=_read_some, args=(begin,))
    reader.start()
    assert os.read(begun, 1)
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGKILL)
    reader.join()
    for end in (held, begun, begin):
        os.close(end)
    # The other end of `reading` is held by whoever was forked, until the last of them has ended.
    waiting = select.poll()
    waiting.register(reading, select.POLLIN)
    assert waiting.poll(ENDS_WITHIN)
    assert os.read(reading, 1) == b""
    os.close(reading)


def _read_some(begin: int) -> None:
    results = spread(lambda _: bytes(100_000), range(1 << 40), processes=3)
    next(results)
    os.write(begin, b"x")
    signal.pause()


@pytest.mark.parametrize(
    ("changed", "missing", "codes"),
    [
        ((), (), set()),
        (("tile/0/070", "tile/0/071", "tile/1/000"), (), {"tile.mismatch"}),
        (("tile/entries/010", "tile/0/200"), (), {"entries.mismatch"}),
        (
            ("tile/0/063", "openings/x065/805"),
            ("tile/entries/064", "tile/entries/130", "tile/0/130"),
            {"file.missing", "opening.mismatch"},
        ),
    ],
)
def test_an_export_is_judged_alike_in_one_process_and_in_many(
    changed: tuple[str, ...], missing: tuple[str, ...], codes: set[str]
) -> None:
    files = dict(export())
    assert len([path for path in files if path.startswith("tile/0/")]) > 4 * STRETCH
    for path in changed:
        files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])
    for path in missing:
        del files[path]
    findings, openings = _judged(files, 1)
    assert {finding.code for finding in findings} == codes
    assert openings
    assert _judged(files, 2) == _judged(files, 3) == (findings, openings)


@cache
def export() -> dict[str, bytes]:
    return SyntheticLog.of_size(70_000).files(all_openings=True)


def _judged(files: dict[str, bytes], processes: int) -> tuple[list[Finding], int]:
    shared = partial(spread, processes=processes)
    audit = LogAudit(TableOfFiles(files), spread=shared)
    return list(audit.run()), audit.openings


def test_this_process_may_use_a_processor() -> None:
    assert processors() >= 1
