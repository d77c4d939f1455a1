"""`huxin check --file`: ask about all subjects of a table 批量核查; results go to a directory.

    DIR/result.csv     a line for each row: result, number of its check, records, measures, codes
    DIR/errors.csv     rows that were no questions, with why
    DIR/summary.json   number, as of when, what was counted
    DIR/.progress/     while it goes on: results so far by row number; no code and no name

What is told is written down part by part. A call that was cut off, by whatever, goes on with the
next part when the same is asked into the same directory; an input that has changed since is
refused, and so is one that changes while it is read. What was refused before any row was asked
leaves nothing behind, so that it is mended and asked again there. `result.csv` appears whole, last
of the three.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final, cast

import grpc
from huxin.v1 import screening_pb2 as pb

from adapters.files.atomic import sync_directory, write_atomically
from adapters.files.faults import BOM
from adapters.files.subjects import Subjects, read_subjects
from federation.errors import EntitlementError, RefusedError, StatementError
from federation.screening.batches import PART_CHARACTERS, PART_ROWS
from node.cli import render
from node.cli.client import Services
from node.network.errors import error_of
from node.system.entropy import token

RESULT, ERRORS, SUMMARY = "result.csv", "errors.csv", "summary.json"
_PROGRESS, _STATE = ".progress", "state.json"
_COLUMNS: Final = ("row", "result", "number", "records", "measures", "codes")
_ERROR_COLUMNS: Final = ("row", "column", "code", "message")
_AHEAD: Final = 2
"""Parts that are asked before the first of them is answered: what is held stays bounded."""
_REQUEST_SIZE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is asked of all rows."""

    matter: str
    case_no: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """How far a batch is: what was told stands in the first bytes of two files."""

    input: str
    head: dict[str, str]
    request_id: str
    parts: int = 0
    results: int = 0
    """Bytes of `result.csv` that count; likewise `errors`."""
    errors: int = 0
    faults: int = 0
    """Rows that could not be read, so that the node was not asked."""


def check_file(node: Services, file: Path, head: Head, out: Path, request: str) -> dict[str, Any]:
    """Ask about all subjects of a table.

    Args:
        node: its services.
        file: the table.
        head: what is asked of all of them.
        out: the directory for the results; made where it is not there.
        request: id of the request; empty for a new one.

    Returns:
        What `summary.json` has.

    Raises:
        TableError: it is no table.
        RefusedError: `batch.input-changed`, `batch.done`; and what the node refuses.
        OSError: a file cannot be read or written.
    """
    out.mkdir(exist_ok=True)
    progress = out / _PROGRESS
    if (out / RESULT).exists() and not progress.exists():
        message = f"{out} 已有结果，请另用一个目录 / {out} has a result: name another directory"
        raise RefusedError("batch.done", message)
    progress.mkdir(mode=0o700, exist_ok=True)
    writing = _Writing(progress, _begun(progress, _digest(file), head, request))
    reading = _Reading(file, skipped=writing.state.parts)
    summary: dict[str, Any] = {}
    with render.rows_read() as shown:
        task = shown.add_task(file.name, total=None, rows=reading.rows)
        opening = pb.BatchOpening(
            request_id=writing.state.request_id, input=writing.state.input, **asdict(head)
        )
        answers = _documents(node.screening.CheckBatch(reading.requests(opening)))
        try:
            _open(answers, writing)
            for answer in answers:
                if "closed" in answer:
                    summary = answer
                    break
                writing.add(reading.answered(), answer["others"])
                shown.update(task, rows=reading.rows)
        finally:
            reading.stop()
    if reading.fault is not None:
        if not reading.rows:
            writing.forget()
        raise reading.fault
    if not summary:
        raise RefusedError("batch.cut-off", "节点没有答完 / the node did not answer to the end")
    if _digest(file) != writing.state.input:
        raise _changed(file)
    return writing.finish(out, summary)


def _open(answers: Iterator[dict[str, Any]], writing: _Writing) -> None:
    """Wait until the node begins.

    A refusal of the opening is forgotten where nothing was told before; a line that broke is not:
    the node may have begun.
    """
    try:
        next(answers)
    except grpc.RpcError as failure:
        refused = error_of(cast("grpc.aio.AioRpcError", failure))
        kinds = (RefusedError, EntitlementError, StatementError)
        if isinstance(refused, kinds) and not writing.state.parts:
            writing.forget()
        raise


class _Reading:
    """The table, read ahead of the answers by as much as may wait.

    The transport asks for the next message on a thread of its own; what fails there is kept in
    `fault` and ends the call without a closing.
    """

    def __init__(self, file: Path, *, skipped: int) -> None:
        self._file = file
        self._skipped = skipped
        self._free = threading.Semaphore(_AHEAD)
        self._waiting: deque[Subjects] = deque()
        self._stopped = False
        self.rows = 0
        self.fault: Exception | None = None

    def requests(self, opening: pb.BatchOpening) -> Iterator[pb.CheckBatchRequest]:
        """Everything that is said to the node."""
        yield pb.CheckBatchRequest(open=opening)
        try:
            for number, part in enumerate(_parts(read_subjects(self._file)), 1):
                self.rows += len(part)
                if number <= self._skipped:
                    continue
                self._free.acquire()
                if self._stopped:
                    return
                self._waiting.append(part)
                yield pb.CheckBatchRequest(rows=_rows(number, part))
        except Exception as error:  # noqa: BLE001 - raised by `check_file`, whatever it is
            self.fault = error
            return
        yield pb.CheckBatchRequest(close=pb.BatchClosing())

    def answered(self) -> Subjects:
        """The part that has been answered now."""
        self._free.release()
        return self._waiting.popleft()

    def stop(self) -> None:
        """Read no further."""
        self._stopped = True
        self._free.release()


class _Writing:
    """The two files, part by part; what counts of them is what the state says."""

    def __init__(self, progress: Path, state: _State) -> None:
        self._progress = progress
        self.state = state

    def add(self, part: Subjects, others: Sequence[Mapping[str, Any]]) -> None:
        """Write down a part."""
        faults = part.faults
        said = {one["row"]: _csv(_line(one)) for one in others}
        said |= {one.row: _csv((one.row, "refused", "", "", "", one.code)) for one in faults}
        rows = sorted([*part.rows, *(one.row for one in faults)]) if faults else part.rows
        lines = [said.get(row) or f"{row},clear,,,,\r\n" for row in rows]
        told = [(one.row, one.column, one.code, one.message) for one in faults] + [
            (one["row"], "", one["codes"][0]["code"], one["codes"][0]["message"])
            for one in others
            if one["result"] == "refused"
        ]
        results = self._append(RESULT, self.state.results, "".join(lines))
        errors = self._append(ERRORS, self.state.errors, "".join(map(_csv, sorted(told))))
        self.state = replace(
            self.state,
            parts=self.state.parts + 1,
            results=results,
            errors=errors,
            faults=self.state.faults + len(faults),
        )
        _keep(self._progress, self.state)

    def forget(self) -> None:
        """Leave nothing behind of a batch of which no row was asked."""
        shutil.rmtree(self._progress)

    def finish(self, out: Path, summary: dict[str, Any]) -> dict[str, Any]:
        """Put the results in their places, with what is otherwise since."""
        changed = {one["row"]: _csv(_line(one)) for one in summary.pop("changed")}
        summary |= {
            "rows": summary["rows"] + self.state.faults,
            "refused": summary["refused"] + self.state.faults,
            "changed": len(changed),
            "input": self.state.input,
        }
        write_atomically(
            out / SUMMARY, json.dumps(summary, ensure_ascii=False, indent=1).encode(), mode=0o600
        )
        self._place(out / ERRORS, _ERROR_COLUMNS, self.state.errors, {}, BOM)
        self._place(out / RESULT, _COLUMNS, self.state.results, changed, "")
        shutil.rmtree(self._progress)
        return summary

    def _append(self, name: str, size: int, text: str) -> int:
        """Add to a file behind what counts of it; returns what counts then."""
        path = self._progress / name
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.truncate(size)
            file.seek(size)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def _place(
        self, target: Path, columns: Sequence[str], size: int, changed: Mapping[int, str], bom: str
    ) -> None:
        """Write a file of lines into its place, whole, a line at a time."""
        source, whole = self._progress / target.name, self._progress / f"{target.name}.whole"
        source.touch(mode=0o600)
        os.truncate(source, size)
        with (
            source.open(encoding="utf-8", newline="") as lines,
            whole.open("w", encoding="utf-8", newline="") as file,
        ):
            file.write(bom + _csv(columns))
            if changed:
                file.writelines(changed.get(int(line.partition(",")[0]), line) for line in lines)
            else:
                shutil.copyfileobj(lines, file)
            file.flush()
            os.fsync(file.fileno())
        whole.chmod(0o600)
        whole.replace(target)
        sync_directory(target.parent)


def _begun(progress: Path, given: str, head: Head, request: str) -> _State:
    """How far the batch is that goes on in a directory, else one that begins.

    Raises:
        RefusedError: `batch.input-changed`: another one goes on there.
    """
    path = progress / _STATE
    if not path.exists():
        new = request or token(_REQUEST_SIZE).hex()
        state = _State(input=given, head=asdict(head), request_id=new)
        _keep(progress, state)
        return state
    state = _State(**json.loads(path.read_bytes()))
    if state.input != given or state.head != asdict(head) or request not in ("", state.request_id):
        message = (
            f"{progress.parent} 中断的那一批输入、事项或办件不同，不能接着做 / in {progress.parent}"
            " another batch was cut off: give its input, matter, case and purpose, or another "
            "directory"
        )
        raise RefusedError("batch.input-changed", message)
    return state


def _keep(progress: Path, state: _State) -> None:
    write_atomically(progress / _STATE, json.dumps(asdict(state)).encode(), mode=0o600)


def _changed(file: Path) -> RefusedError:
    message = (
        f"{file} 在读取时变了，结果不作数 / {file} changed while it was read: begin again with a "
        "file that stays as it is, in another directory"
    )
    return RefusedError("batch.input-changed", message)


def _digest(file: Path) -> str:
    with file.open("rb") as raw:
        return file_digest(raw, "sha256").hexdigest()


def _parts(blocks: Iterable[Subjects]) -> Iterator[Subjects]:
    """Put rows that were read together into parts, the same whenever the same table is read."""
    waiting: list[Subjects] = []
    rows = characters = 0
    for block in blocks:
        for some in _bounded(block):
            size = sum(map(len, some.codes)) + sum(map(len, some.names))
            if waiting and (rows + len(some) > PART_ROWS or characters + size > PART_CHARACTERS):
                yield _joined(waiting)
                waiting, rows, characters = [], 0, 0
            waiting.append(some)
            rows, characters = rows + len(some), characters + size
    if waiting:
        yield _joined(waiting)


def _bounded(block: Subjects) -> Iterator[Subjects]:
    """A block, or pieces of one that has more rows than a part."""
    if len(block) <= PART_ROWS:
        yield block
        return
    every = sorted([*block.rows, *(one.row for one in block.faults)])
    for begin in range(0, len(every), PART_ROWS):
        some = frozenset(every[begin : begin + PART_ROWS])
        places = [at for at, row in enumerate(block.rows) if row in some]
        yield Subjects(
            rows=[block.rows[at] for at in places],
            codes=[block.codes[at] for at in places],
            names=[block.names[at] for at in places],
            faults=[one for one in block.faults if one.row in some],
        )


def _joined(blocks: Sequence[Subjects]) -> Subjects:
    return Subjects(
        rows=[row for one in blocks for row in one.rows],
        codes=[code for one in blocks for code in one.codes],
        names=[name for one in blocks for name in one.names],
        faults=[fault for one in blocks for fault in one.faults],
    )


def _rows(number: int, part: Subjects) -> pb.BatchRows:
    """A part as it is asked: as lines of two texts, but for what has lines itself."""
    rows, codes, names = part.rows, part.codes, part.names
    said = pb.BatchRows(
        part=number, lines=rows, line_codes="\n".join(codes), line_names="\n".join(names)
    )
    if said.line_codes.count("\n") + said.line_names.count("\n") == 2 * max(len(rows) - 1, 0):
        return said
    folded = [at for at in range(len(rows)) if "\n" in codes[at] + names[at]]
    apart = frozenset(folded)
    plain = [at for at in range(len(rows)) if at not in apart]
    return pb.BatchRows(
        part=number,
        rows=[rows[at] for at in folded],
        codes=[codes[at] for at in folded],
        names=[names[at] for at in folded],
        lines=[rows[at] for at in plain],
        line_codes="\n".join(codes[at] for at in plain),
        line_names="\n".join(names[at] for at in plain),
    )


def _documents(answers: Iterable[pb.CheckBatchResponse]) -> Iterator[dict[str, Any]]:
    """Documents out of their pieces."""
    pieces: list[str] = []
    for one in answers:
        pieces.append(one.json)
        if not one.more:
            yield json.loads("".join(pieces))
            pieces = []


def _line(one: Mapping[str, Any]) -> tuple[object, ...]:
    """A row that is not plainly clear, as a line of the result."""
    measures = [
        f"{measure['code']}:{measure['class']}"
        for match in one["matches"]
        for measure in match["measures"]
    ]
    codes = [code["code"] for code in one["codes"]]
    codes += [match["no_measure"] for match in one["matches"] if match["no_measure"]]
    return (
        one["row"],
        one["result"],
        one["number"],
        " ".join(f"{match['origin']}#{match['index']}" for match in one["matches"]),
        " ".join(dict.fromkeys(measures)),
        " ".join(dict.fromkeys(codes)),
    )


def _csv(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
