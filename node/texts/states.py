"""The states of records as people and platforms read them, and in which stored ones they may be."""

from __future__ import annotations

from typing import Final

from federation.errors import StatementError
from federation.life.life import STANDING
from federation.reconcile.findings import RULES, Outcome
from federation.rows import State

STATE_WORDS: Final = {state: state.name.lower().replace("_", "-") for state in State}
_FOUND: Final = {Outcome.HELD: "held", Outcome.REJECTED: "rejected"}
FOUND_WORDS: Final = frozenset(_FOUND.values())
"""Those that come of a finding."""


UNDO: Final = "withdrawn-undo"
"""What a platform is told of a withdrawn listing that it was told of before: 撤销; what was done
because of it is to be undone."""
_UNDO_NUMBER: Final = 12
TOLD_NUMBERS: Final = {
    **{word: int(state) for state, word in STATE_WORDS.items()},
    UNDO: _UNDO_NUMBER,
}
"""Numbers under which the store keeps what a platform was told; 0 is a state that nobody noted."""
TOLD_WORDS: Final = {number: word for word, number in TOLD_NUMBERS.items()}

INSTRUCTIONS: Final = {UNDO: "撤销：请撤回已采取的措施"}
"""What a platform is asked to do, beside the state."""


def state_word(state: State, finding: int | None) -> str:
    """The state as people and platforms read it: `held` and `rejected` where a finding says so."""
    found = found_word(finding)
    return found if found and state in STANDING else STATE_WORDS[state]


def found_word(finding: int | None) -> str:
    """The state that a finding makes of a standing listing, or empty."""
    if not finding:
        return ""
    return _FOUND.get(RULES[finding].outcome, "")


def stored_states(word: str) -> tuple[int, ...]:
    """Stored states in which records with this state word may be.

    `expired` is mostly given by the clock; it is stored where the origin's ERASURE says so (L15).
    `superseded` is found out when a scenario is shown (`federation.life.scenarios`).
    """
    if word == STATE_WORDS[State.SUPERSEDED]:
        return (State.IN_FORCE,)
    if word == STATE_WORDS[State.EXPIRED]:
        return (*STANDING, State.EXPIRED)
    if word in FOUND_WORDS:
        return (*STANDING, State.HELD)
    for state, known in STATE_WORDS.items():
        if known == word:
            return (state,)
    message = f"no state {word!r}; expected one of {', '.join(STATE_WORDS.values())}"
    raise StatementError("state.unknown", message)
