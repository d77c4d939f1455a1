"""The processes that answer checks beside the node: begun, served, begun again, ended.

    CW4  a worker that dies, or says nothing for `SILENT_SECONDS`, costs the questions that it
         holds: their callers may ask again under their request id, and what was kept is told under
         its number. It is begun again, after growing waits; while none is there the node answers
         itself
    CW5  who may begin a connection and whose calls count is asked of the node, at each handshake
         and each call; soon after a credential's end (AC18) its connections are shut in workers too

A worker gets no key file and writes nothing: the keys that read, and that of TLS, come over
inherited sockets, and it answers nothing that the node did not keep first. It is this interpreter
executed anew, as those of `node.workers` are, and for their reasons.
"""

from __future__ import annotations

import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from node.access.together import THREADS
from node.app.worker_door import BOUND, READY, Door, Served
from node.screening.lane import Lane
from node.screening.lane_form import Form, error_to_json, written
from node.system.clock import monotonic
from node.workers.form import FormError
from node.workers.messages import receive, send

_log = structlog.get_logger()

START_SECONDS: Final = 30.0
"""Until a worker that was begun counts as one that cannot be; it takes two on a busy machine."""
SILENT_SECONDS: Final = 15.0
"""A worker asks something every second."""
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
"""Seconds before a worker is begun again: each in turn that does not last doubles them."""
LASTING_SECONDS: Final = 60.0
END_SECONDS: Final = 8.0
"""A worker that is to end has calls to end first; then it is killed."""
_ROOT: Final = str(Path(__file__).resolve().parents[2])
COMMAND: Final = (
    sys.executable,
    "-I",
    "-c",
    f"import sys; sys.path.insert(0, {_ROOT!r}); from node.app.check_worker import main; main()",
)


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    links: Sequence[socket.socket]
    since: float
    heard: float
    ready: bool = False


@dataclass(slots=True, kw_only=True)
class _Place:
    """Where a worker is, or is to be."""

    worker: _Worker | None = None
    begins: float = 0.0
    wait: float = FIRST_WAIT
    ended: int = field(default=0)


class CheckWorkers:
    """Keeps so many workers; `tend` and `close` on one thread at a time."""

    def __init__(self, *, count: int, door: Door, lane: Callable[[], Lane]) -> None:
        """Begin none yet.

        Args:
            count: how many there are to be.
            door: answers what they ask beside questions.
            lane: makes the node's side of a lane.
        """
        self._door = door
        self._lane = lane
        self._places = [_Place() for _ in range(count)]

    @property
    def wanted(self) -> int:
        """How many there are to be."""
        return len(self._places)

    @property
    def ready(self) -> int:
        """How many answer."""
        return sum(one.worker is not None and one.worker.ready for one in self._places)

    def report(self) -> dict[str, Any]:
        """What the status says."""
        away = any(
            one.ended and (one.worker is None or not one.worker.ready) for one in self._places
        )
        ended = sum(one.ended for one in self._places)
        return {"wanted": self.wanted, "ready": self.ready, "ended": ended, "away": away}

    def tend(self, served: Served) -> None:
        """Look after all of them: who has died is begun again once it is time."""
        for place in self._places:
            worker = place.worker
            if worker is not None and (why := _trouble(worker)):
                self._lost(place, worker, why)
            if place.worker is None and monotonic() >= place.begins:
                try:
                    place.worker = self._begun(served)
                except OSError as error:  # no process, or no descriptor, is left
                    self._again_later(place, type(error).__name__, 0.0)

    def close(self) -> None:
        """End all of them; their calls may end first."""
        workers = [one.worker for one in self._places if one.worker is not None]
        for worker in workers:
            worker.process.send_signal(signal.SIGTERM)
        ends = monotonic() + END_SECONDS
        for worker in workers:
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(max(ends - monotonic(), 0.0))
            _end(worker)
        for place in self._places:
            place.worker = None

    def _lost(self, place: _Place, worker: _Worker, why: str) -> None:
        _end(worker)
        self._again_later(place, why, monotonic() - worker.since)

    @staticmethod
    def _again_later(place: _Place, why: str, lasted: float) -> None:
        """Begin another one after a while; how long it is, is of how long this one lasted."""
        wait = FIRST_WAIT if lasted > LASTING_SECONDS else place.wait
        place.worker, place.begins = None, monotonic() + wait
        place.wait = min(wait * 2, LONGEST_WAIT)
        place.ended += 1
        _log.warning("check worker lost", code="check-workers.lost", why=why, again_in=wait)

    def _begun(self, served: Served) -> _Worker:
        pairs = [socket.socketpair() for _ in range(1 + THREADS)]
        links = [ours for ours, _ in pairs]
        theirs = [other.fileno() for _, other in pairs]
        try:
            process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                (*COMMAND, *map(str, theirs)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={},
                pass_fds=theirs,
            )
        except OSError:
            for ours in links:
                ours.close()
            raise
        finally:
            for _, other in pairs:
                other.close()
        worker = _Worker(process=process, links=links, since=monotonic(), heard=monotonic())
        lanes = [partial(serve_lane, link, self._lane()) for link in links[1:]]
        door = partial(self._serve_door, links[0], served, worker)
        for link, serve in zip(links, (door, *lanes), strict=True):
            threading.Thread(
                target=_until_ended, args=(link, serve), name="check-worker", daemon=True
            ).start()
        return worker

    def _serve_door(self, link: socket.socket, served: Served, worker: _Worker) -> None:
        while True:
            said = Form.of(receive(link))
            worker.heard = monotonic()
            what = said["do"].text()
            if what == BOUND:
                worker.ready = True
            elif what == READY:
                send(link, pickle.dumps(served))
            else:
                send(link, self._door.answer(said))


def serve_lane(link: socket.socket, lane: Lane) -> None:
    """Answer a worker on a lane.

    Raises:
        OSError, EOFError: an end of it is closed.
        FormError: the worker's fault (CW3).
    """
    while True:
        said = Form.of(receive(link))
        try:
            reply = lane.admit(said) if said["do"].text() == "admit" else lane.keep(said)
        except FormError:
            raise
        except Exception as error:  # noqa: BLE001 - callers are told, whatever it is
            reply = (written(error_to_json(error)), b"")
        for part in reply:
            send(link, part)


def _until_ended(link: socket.socket, serve: Callable[[], None]) -> None:
    """Serve a link until either side ends it; a fault of the worker's ends the worker."""
    try:
        serve()
    except (OSError, EOFError):
        pass
    except FormError as error:
        _log.error("check worker ended", code="check-workers.form", error=str(error))
    finally:
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)


def _trouble(worker: _Worker) -> str:
    """Why a worker has to be begun again; empty where it has not."""
    if worker.process.poll() is not None:
        return "ended"
    if not worker.ready:
        return "late" if monotonic() - worker.since > START_SECONDS else ""
    return "silent" if monotonic() - worker.heard > SILENT_SECONDS else ""


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.wait()
    for link in worker.links:
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
        link.close()
