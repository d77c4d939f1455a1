"""Whether members were asked for our own log before it is signed on (ADR 0015).

Mark and database of a machine that was set back as a whole agree; only other members know that
more was signed. After each start they say by themselves, in the first exchange, how much of our
log they hold (`node.peers.own_log_claims`). Until one has said so, relief is signed and everything
else waits:

    no other member                         go
    one answer, none beyond what we hold    go
    nobody for `PATIENCE_SECONDS`           go
    an operator's word (`huxin recover --go-on`)    go

After the mark went missing, two answers are needed (one where there is only one other member),
and until then nothing at all is signed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from federation.errors import RefusedError
from federation.ids import MemberId, Timestamp
from federation.rows import RELIEF_KINDS
from federation.statements import AnnotationAction, Kind

PATIENCE_SECONDS: Final = 86_400
"""Listings wait so long for an answer; as long as other nodes take a silent log for fresh."""
ANSWERS_WITHOUT_MARK: Final = 2
PERSONS_WITHOUT_MARK: Final = 2

_SPARES: Final = (AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED)


class Awaited(Protocol):
    """`Asking`: whether members were asked for our own log."""

    @property
    def expected(self) -> bool:
        """Whether an answer may come any moment."""
        ...

    @property
    def over(self) -> bool:
        """Whether everything may be signed."""
        ...

    def expect(self, seconds: float) -> None:
        """Peers are being dialled."""
        ...

    def end(self) -> None:
        """Ask no longer in this run."""
        ...


class StartupCheck:
    """What members have answered since this start; used on the writer thread, read on any."""

    def __init__(
        self,
        *,
        others: Callable[[], frozenset[MemberId]],
        now: Callable[[], Timestamp],
        clock: Callable[[], float],
    ) -> None:
        """Begin to ask.

        Args:
            others: the other members of all our charters; asked anew each time.
            now: seconds UTC; the wait is counted from this moment.
            clock: seconds that only go forward.
        """
        self._others = others
        self._now = now
        self._clock = clock
        self._expected_until = 0.0
        self._began = now()
        self._needed = 1
        self._answers: set[MemberId] = set()
        self._over = False

    @property
    def answered(self) -> bool:
        """Whether as many members have answered as are needed; True where there is no other."""
        others = self._others()
        return len(self._answers & others) >= min(self._needed, len(others))

    @property
    def over(self) -> bool:
        """Whether everything may be signed."""
        waited = self._now() - self._began >= PATIENCE_SECONDS
        return self._over or self.answered or waited

    @property
    def expected(self) -> bool:
        """Whether an answer may come any moment, so that a request had better wait for it."""
        return not self.over and self._clock() < self._expected_until

    def expect(self, seconds: float) -> None:
        """Peers are being dialled: answers are expected within so many seconds."""
        self._expected_until = self._clock() + seconds

    def without_mark(self) -> None:
        """The mark was found missing: one answer is not enough."""
        self._needed = ANSWERS_WITHOUT_MARK

    def answer(self, peer: MemberId) -> None:
        """A member has said what it holds, and it is not more than we hold."""
        self._answers.add(peer)

    def end(self) -> None:
        """Ask no longer in this run: persons said go on, or the first signature was made."""
        self._over = True

    def refusal(self) -> RefusedError:
        """Why listings wait."""
        return RefusedError(
            "own-log.unanswered",
            f"{len(self._answers & self._others())} of {len(self._others())} other members have "
            "said since the start how much of our log they hold; relief is signed, all else waits "
            "until one is connected (huxin serve), for 24 h, or for huxin recover --go-on",
        )


def waits(kind: int, action: int) -> bool:
    """Whether a statement waits for the answer: all but what relieves or spares a subject."""
    spares = kind == Kind.ANNOTATION and action in _SPARES
    return kind not in RELIEF_KINDS and not spares
