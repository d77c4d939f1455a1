"""A worker that answers checks beside a simulated node: its desk, and lanes to the node's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from federation.screening.roles import Asker
from node.access import together
from node.access.presented import Presented
from node.app.check_workers import serve_lane
from node.app.worker_state import Assumed, Fixed, WorkerJudging, WorkerStates
from node.screening.lane import Lane
from node.screening.lane_form import Moment
from node.screening.worker_desk import Call, WorkerDesk
from node.system.failpoints import Failpoints
from node.workers.form import FormError
from tests.support.screened import FINANCE, LOCAL, Screened, asked

TOKENS = {"finance": FINANCE, "local": LOCAL}


class Interrupted(Failpoints):
    """Does something around a step of the worker, once."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], None] | None = None
        self.after: Callable[[], None] | None = None

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """Surround a step."""
        judges = name == "worker.judge"
        if judges and self.before is not None:
            happens, self.before = self.before, None
            happens()
        yield
        if judges and self.after is not None:
            happens, self.after = self.after, None
            happens()


class Worked:
    """A worker of the node that a `Screened` asks; its answers are kept in that node's store."""

    def __init__(self, screened: Screened, directory: Path) -> None:
        self.screened, node = screened, screened.node
        self.interrupted = Interrupted()
        self.seen: list[str] = []
        self.faults: list[str] = []
        self.gone = threading.Event()
        fixed = Fixed(
            region=node.member,
            directory=directory,
            database="",
            stale_after=node.doubts._stale_after,
            restored=node.doubts._restored,
        )
        self.states = WorkerStates(fixed, self._assumed)
        pairs = [socket.socketpair() for _ in range(together.THREADS)]
        self._links = [link for pair in pairs for link in pair]
        self.lanes = [self._lane() for _ in pairs]
        for (ours, _), lane in zip(pairs, self.lanes, strict=True):
            threading.Thread(target=self._serve, args=(ours, lane), daemon=True).start()
        self.desk = WorkerDesk(
            lanes=[theirs for _, theirs in pairs],
            judging=lambda state, clock: WorkerJudging(lambda _: (node.store, node.library)).by(
                state, clock
            ),
            failpoints=self.interrupted,
            lost=self.gone.set,
        )

    def _assumed(self) -> Assumed:
        node, why = self.screened.node, self.screened.refusal
        return Assumed(
            trust=node.trust(),
            catalog=node.catalog,
            keys=node.keyring.reading,
            refusal=None if why is None else (why.code, str(why)),
            behind=node.doubts._behind(),
            library=(id(node.library), 0),
        )

    def _lane(self) -> Lane:
        clock = self.screened.node.clock
        return Lane(
            desk=self.screened.desk,
            asker=_asker,
            states=self.states,
            moment=lambda: Moment(now=clock.now(), today=clock.today(), wall=clock.now()),
            number=self.screened.judging().number,
        )

    def _serve(self, link: socket.socket, lane: Lane) -> None:
        try:
            serve_lane(link, lane)
        except (OSError, EOFError):
            pass
        except FormError as error:
            self.faults.append(str(error))
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)

    def check(self, number: int = 1, who: str = "local", **changed: Any) -> dict[str, Any]:
        """Ask the worker about an invented subject."""
        changed.setdefault("request_id", self.screened.node.tokens(8).hex())
        call = Call(
            presented=Presented(token=who), raw=asked(number, **changed), seen=self.seen.append
        )
        return self.desk.ask(call).result(30)

    def close(self) -> None:
        """End the lanes."""
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()


def _asker(presented: Presented) -> Asker:
    return TOKENS[presented.token]
