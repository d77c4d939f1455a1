"""What a department may still say of a measure of a match, the likeliest first (OC1)."""

from __future__ import annotations

from collections.abc import Sequence

from federation.screening.outcomes import EVENTS, TABLE, Event, MatchState, Result


def reportable(
    state: MatchState, reported: Sequence[Result], *, blocks: bool
) -> tuple[Result, ...]:
    """What `federation.screening.outcomes.take` takes, but for what it needs beside.

    Args:
        state: of the match.
        reported: what was said of the measure, the last word last.
        blocks: whether the measure blocks 拦截; else it prompts.
    """
    act = Result.APPLIED if blocks else Result.PROMPTED
    wanted: tuple[Result, ...] = (act, Result.NOT_APPLIED, Result.PROCEEDED)
    if state is MatchState.REOPENED:
        acted = bool(reported) and EVENTS[reported[-1]] is Event.ACTED
        wanted = (Result.UNDONE, Result.RE_EXAMINED) if acted else (*wanted[1:], act)
    found = (*wanted, Result.WRONG_SUBJECT)
    return tuple(one for one in found if isinstance(TABLE[state][EVENTS[one]], MatchState))
