"""Scenarios that later ones replaced or closed, whatever came first."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from federation.life.chains import Chains
from federation.life.scenarios import superseded
from federation.ports.store import ReadSession
from federation.rows import State, StatementRow
from federation.statements import Kind, ScenarioAction
from tests.contracts.examples import row

OWN, DELEGATE, STRANGER = 1, 2, 3
SPEAKS = {OWN: {OWN}, DELEGATE: {DELEGATE, OWN}, STRANGER: {STRANGER}}
CHAINS = cast("Chains", SimpleNamespace(speaks_for=lambda log, _: frozenset(SPEAKS[log])))


def scenario(log: int, index: int, about: bytes | None = None, **said: Any) -> StatementRow:
    """A scenario in force, the first one unless it is about another."""
    action = ScenarioAction.OPENED if about is None else ScenarioAction.AMENDED
    fields: dict[str, Any] = {"kind": Kind.SCENARIO, "action": action, "state": State.IN_FORCE}
    return row(log, index, about=about, **(fields | said))


FIRST = scenario(OWN, 0)
ID = FIRST.statement_id


def over(*held: StatementRow) -> set[tuple[int, int]]:
    """The places that are superseded where these rows are held."""

    def rows_about(ids: Sequence[bytes]) -> list[StatementRow]:
        return [one for one in held if one.about in ids]

    session = cast("ReadSession", SimpleNamespace(rows_about=rows_about))
    return set(superseded(session, held, CHAINS))


@pytest.mark.parametrize("action", [ScenarioAction.AMENDED, ScenarioAction.CLOSED])
@pytest.mark.parametrize("log", [OWN, DELEGATE])
def test_what_is_amended_or_closed_by_who_may_is_superseded(log: int, action: int) -> None:
    later = scenario(log, 5, ID, action=action)
    assert over(FIRST, later) == over(later, FIRST) == {(OWN, 0)}


def test_of_three_versions_the_last_is_in_force() -> None:
    second = scenario(OWN, 5, ID)
    third = scenario(OWN, 6, second.statement_id)
    assert over(FIRST, second, third) == {(OWN, 0), (OWN, 5)}


@pytest.mark.parametrize(
    "said",
    [
        scenario(STRANGER, 5, ID),
        scenario(OWN, 5, ID, state=State.SET_ASIDE),
        scenario(OWN, 5, ID, action=ScenarioAction.OPENED),
        row(OWN, 5, about=ID, kind=Kind.ERASURE, state=State.IN_FORCE),
    ],
    ids=["stranger", "set-aside", "opened", "erasure"],
)
def test_what_is_said_otherwise_changes_nothing(said: StatementRow) -> None:
    assert over(FIRST, said) == set()


def test_what_is_no_scenario_in_force_is_not_asked_about() -> None:
    aside = scenario(OWN, 0, state=State.SET_ASIDE)
    listing = row(OWN, 0)
    later = scenario(OWN, 5, ID)
    assert over(aside, later) == over(listing, later) == set()
