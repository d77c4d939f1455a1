"""What a monitor remembers: one file, whole or not there, about the pins that it was begun with.

    MO6 a state of other pins, one that is a link, that others may write, or that is not of the form
        is refused, and nothing is written over it
    MO7 it is written whole before anything is told of it, so that what a killed monitor told stands
        in it, and what it has not told is told by the next one

There is nothing secret in it; who can change it can make the monitor forget what it saw.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from adapters.files.atomic import write_atomically
from crypto.checkpoint import peek_checkpoint
from crypto.errors import CryptoError
from crypto.fork import parse_fork
from crypto.merkle import Frontier
from crypto.strict import b64, b64_strict
from crypto.strict_json import load_json
from federation.audit.watching import SEEN_MAX, Watched
from federation.charters.chain import CharterChain, advance, begin_chain
from federation.errors import CharterError, RefusedError
from federation.ids import CharterId, Origin, Timestamp

FORMAT: Final = "huxin/monitor@v1"
SEEN_FORMAT: Final = "huxin/seen@v1"
MAX_STATE: Final = 64 * 2**20
ALERTS_MAX: Final = 1000
"""Findings of leaves that are kept; more of them say nothing new about whom to ask."""
_WRONG: Final = (CryptoError, CharterError, KeyError, TypeError, ValueError, AttributeError)
"""What reading JSON of another form raises."""
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that is wrong with a leaf, and stays so.

    Attributes:
        kind: of the leaf; 0 where it is about none.
        at: when it was seen, by the monitor's clock.
    """

    code: str
    message: str
    origin: Origin
    index: int | None
    kind: int
    at: Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two histories of a log; `file` proves it to everyone."""

    origin: Origin
    file: bytes
    at: Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorState:
    """Everything that is remembered.

    Attributes:
        pins: what it was begun with.
        chains: of the alliances whose charters were found, each verified from its pin.
        more: findings beyond those that are kept.
    """

    pins: tuple[CharterId, ...]
    chains: Mapping[CharterId, CharterChain] = field(default_factory=dict)
    logs: Mapping[Origin, Watched] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()
    more: int = 0
    forks: tuple[Fork, ...] = ()


def load_state(path: Path, pins: Sequence[CharterId]) -> MonitorState:
    """Read a state; a new one where there is no file.

    Raises:
        RefusedError: `monitor.state`, `monitor.pin`.
        OSError: it cannot be read.
    """
    data = _read(path)
    if data is None:
        return MonitorState(pins=tuple(pins))
    try:
        state = _parse(load_json(data))
    except _WRONG as error:
        message = f"{path}: expected the state of a monitor: {str(error)[:200]}"
        raise RefusedError("monitor.state", message) from error
    if set(state.pins) != set(pins):
        told = ", ".join(pin.hex() for pin in state.pins)
        message = f"{path} is the state of a monitor of other alliances: {told}"
        raise RefusedError("monitor.pin", message)
    return state


def save_state(path: Path, state: MonitorState) -> None:
    """Write a state durably, for its owner alone.

    Raises:
        OSError: the old one still stands.
    """
    write_atomically(path, format_state(state), mode=0o600)


def format_state(state: MonitorState) -> bytes:
    """Write a state; the same bytes for the same state."""
    document = {
        "format": FORMAT,
        "pins": [pin.hex() for pin in state.pins],
        "charters": {
            pin.hex(): [b64(one) for one in chain.envelopes] for pin, chain in state.chains.items()
        },
        "logs": {origin: _log(one) for origin, one in state.logs.items()},
        "alerts": [
            {
                "code": one.code,
                "message": one.message,
                "origin": one.origin,
                "index": one.index,
                "kind": one.kind,
                "at": one.at,
            }
            for one in state.alerts
        ],
        "more": state.more,
        "forks": [
            {"origin": one.origin, "file": one.file.decode(), "at": one.at} for one in state.forks
        ],
    }
    return _json(document)


def format_seen(state: MonitorState) -> bytes:
    """Write what another monitor compares with: the checkpoints seen of each log."""
    logs = {origin: [note.decode() for note in notes_of(one)] for origin, one in state.logs.items()}
    return _json({"format": SEEN_FORMAT, "logs": logs})


def parse_seen(data: bytes) -> dict[Origin, list[bytes]]:
    """Read the checkpoints that another monitor saw, from its state or what it publishes.

    Raises:
        RefusedError: `monitor.seen`: it is neither.
    """
    try:
        document: Any = load_json(data)
        logs: dict[str, Any] = document["logs"]
        known: dict[str, Callable[[Any], list[str]]] = {FORMAT: _notes_of_state, SEEN_FORMAT: list}
        notes_of_log = known[document["format"]]
        return {
            Origin(origin): [note.encode() for note in notes_of_log(one)[: 2 * SEEN_MAX] if note]
            for origin, one in logs.items()
        }
    except _WRONG as error:
        message = f"expected what a monitor saw: {str(error)[:200]}"
        raise RefusedError("monitor.seen", message) from error


def _notes_of_state(log: Any) -> list[str]:  # noqa: ANN401 - JSON; whatever is wrong raises
    return [*log["seen"], log["note"]]


def notes_of(watched: Watched) -> tuple[bytes, ...]:
    """The checkpoints seen of a log, the newest last."""
    return (*watched.seen, watched.note) if watched.note else watched.seen


def _read(path: Path) -> bytes | None:
    try:
        descriptor = os.open(path, _OPEN)
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path}: expected a file, and no link: {error.strerror}"
        raise RefusedError("monitor.state", message) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_mode & 0o022:
            message = f"{path}: expected a file of one name that nobody else may write"
            raise RefusedError("monitor.state", message)
        if status.st_size > MAX_STATE:
            message = f"{path}: expected at most {MAX_STATE} bytes, got {status.st_size}"
            raise RefusedError("monitor.state", message)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read()
    finally:
        os.close(descriptor)


def _log(one: Watched) -> dict[str, Any]:
    return {
        "size": one.size,
        "frontier": [b64(node) for node in one.frontier.hashes],
        "note": one.note.decode(),
        "seen": [note.decode() for note in one.seen],
        "vouched": one.vouched,
        "latest": one.latest,
        "missing": one.missing,
    }


def _parse(document: Any) -> MonitorState:  # noqa: ANN401 - JSON; whatever is wrong raises
    if document["format"] != FORMAT:
        raise KeyError(document["format"])
    pins = tuple(CharterId(bytes.fromhex(pin)) for pin in document["pins"])
    return MonitorState(
        pins=pins,
        chains={pin: _chain(pin, document["charters"][pin.hex()]) for pin in _held(document, pins)},
        logs={Origin(name): _watched(name, one) for name, one in document["logs"].items()},
        alerts=tuple(
            Alert(
                code=str(one["code"]),
                message=str(one["message"]),
                origin=Origin(one["origin"]),
                index=None if one["index"] is None else int(one["index"]),
                kind=int(one["kind"]),
                at=Timestamp(one["at"]),
            )
            for one in document["alerts"]
        ),
        more=int(document["more"]),
        forks=tuple(
            Fork(origin=Origin(one["origin"]), file=_fork(one["file"]), at=Timestamp(one["at"]))
            for one in document["forks"]
        ),
    )


def _held(document: Any, pins: Sequence[CharterId]) -> list[CharterId]:  # noqa: ANN401 - likewise
    return [pin for pin in pins if pin.hex() in document["charters"]]


def _chain(pin: CharterId, envelopes: Sequence[str]) -> CharterChain:
    first, *later = map(b64_strict, envelopes)
    chain = begin_chain(first, pin)
    for envelope in later:
        chain = advance(chain, envelope)
    return chain


def _watched(name: str, one: Any) -> Watched:  # noqa: ANN401 - likewise
    frontier = Frontier(size=one["size"], hashes=tuple(map(b64_strict, one["frontier"])))
    note = one["note"].encode()
    if note:
        point = peek_checkpoint(note)
        if (point.origin, point.size, point.root) != (name, frontier.size, frontier.root()):
            message = f"{name}: the checkpoint is not of the leaves seen"
            raise ValueError(message)
    elif frontier.size:
        message = f"{name}: expected the checkpoint of the leaves seen"
        raise ValueError(message)
    seen = tuple(text.encode() for text in one["seen"])
    for other in seen:
        peek_checkpoint(other)
    return Watched(
        origin=Origin(name),
        frontier=frontier,
        note=note,
        seen=seen,
        vouched=Timestamp(one["vouched"]),
        latest=Timestamp(one["latest"]),
        missing=int(one["missing"]),
    )


def _fork(text: str) -> bytes:
    data = text.encode()
    parse_fork(data)
    return data


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
