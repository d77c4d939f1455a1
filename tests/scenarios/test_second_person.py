"""What lists somebody waits for a second person, where a city asks for one; relief never (F58)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from federation.errors import RefusedError
from federation.intake.feed import RELEASABLE, SECOND_PERSON, Word
from federation.rows import State
from federation.statements import Kind
from node.directory.config import FilesSection
from node.intake.imported import Brought
from node.intake.row_words import RowWords
from node.intake.second_person import SecondPerson
from tests.scenarios.test_imports import FIRST, OPERATOR, OTHER, SECOND, Office, refused
from tests.scenarios.test_intake import Desk, cells, desk, federation
from tests.support import charters as build
from tests.support.simulation import listing

__all__ = ["desk", "federation"]

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

BOTH = RowWords(confirmed=True, by=("张某", "李某"), reason="已与原件核对")
HELD = "held-second-person"


@pytest.fixture
def office(desk: Desk) -> Office:
    """Of a node that names two persons, and says nothing of who publishes."""
    return Office(desk, second="auto")


@pytest.fixture
def nameless(desk: Desk) -> Office:
    """Of a node that names nobody, and asks for two all the same."""
    return Office(desk, keys=False, second="by-hand")


def states(office: Office) -> list[State]:
    return [state for _, state in sorted(office.desk.node.states().items())]


def begun(office: Office, number: str, *says: str) -> dict[str, Any]:
    return office.imports.word(number, "rows", says or ("confirmed",), "已与原件核对")


def test_f58_one_person_publishes_no_clean_file_where_the_roster_names_two(office: Office) -> None:
    tried = office.bring(cells(1), cells(2))
    assert tried["result"]["decisions"] == {HELD: 2}
    (awaited,) = tried["awaited"]
    assert (awaited["word"], awaited["code"], awaited["stops"]) == (
        "confirmed",
        SECOND_PERSON,
        True,
    )
    number = tried["import"]
    refused("import.waits", lambda: office.publish(number))
    refused("import.word", lambda: begun(office, number, "other-names"))
    one = begun(office, number)
    refused("import.waits", lambda: office.publish(number))
    one = office.say(one, FIRST)
    refused("import.waits", lambda: office.publish(number))
    assert states(office) == []
    office.say(one, SECOND)
    done = office.publish(number)
    assert (done["state"], done["result"]["decisions"]) == ("published", {"listed": 2})
    assert states(office) == [State.ACTIVE] * 2


def test_f58_without_keys_two_credentials_confirm(nameless: Office) -> None:
    number = nameless.bring(cells(1))["import"]
    begun(nameless, number)
    nameless.imports.say(OPERATOR, number, "rows", "张某", "")
    refused(
        "import.same-credential", lambda: nameless.imports.say(OPERATOR, number, "rows", "李", "")
    )
    nameless.imports.say(OTHER, number, "rows", "李某", "")
    assert nameless.publish(number)["result"]["published"] == 1


def test_f58_a_correction_waits_and_what_is_unchanged_does_not(office: Office) -> None:
    path = office.desk.folder / "court.csv"
    office.desk.write(path, cells(1), cells(2))
    office.desk.publish(path, by_hand=False)
    changed = cells(2, 履行情况="部分未履行")
    assert office.bring(cells(1), changed)["result"]["decisions"] == {HELD: 1, "unchanged": 1}


def test_f58_what_relieves_and_ends_is_published_at_once_and_the_rest_waits(office: Office) -> None:
    path = office.desk.folder / "first.csv"
    known = [cells(n) for n in range(1, 8)]
    office.desk.write(path, *known)
    office.desk.publish(path, by_hand=False)
    full = Brought(kind="list", list_type=build.COURT_LIST, full_snapshot=True)
    tried = office.bring(*known[1:], cells(9), brought=full)
    assert (tried["result"]["paused_count"], tried["result"]["decisions"][HELD]) == (1, 1)
    assert tried["awaited"][0]["stops"] is False
    left = office.publish(tried["import"])
    assert (left["state"], states(office).count(State.PAUSED), len(states(office))) == (
        "tried",
        1,
        7,
    )
    refused("import.waits", lambda: office.publish(tried["import"], "b"))
    one = begun(office, tried["import"])
    for person in (FIRST, SECOND):
        one = office.say(one, person)
    assert office.publish(tried["import"], "c")["state"] == "published"
    assert states(office).count(State.ACTIVE) == 7


@pytest.mark.parametrize("kind", ["repair", "withdrawal", "annotation"])
def test_f58_reliefs_and_annotations_wait_for_nobody(office: Office, kind: str) -> None:
    path = office.desk.folder / "first.csv"
    office.desk.write(path, cells(1))
    office.desk.publish(path, by_hand=False)
    path = office.desk.write_reliefs(1)
    if kind == "annotation":
        head, row = path.read_text("utf-8").splitlines()
        path.write_text(
            f"{head},标注类型\n{row},异议受理\n".replace("修复决定文书号", "受理文书号").replace(
                "修复日期", "受理日期"
            ),
            "utf-8",
        )
    tried = office.imports.bring(OPERATOR, path, Brought(kind=kind), lambda _: None)
    assert tried["awaited"] == []
    done = office.publish(tried["import"])
    assert (done["state"], done["result"]["published"]) == ("published", 1)


# ---------------------------------------------------------------------------- other doors


def test_f58_a_file_given_by_command_waits_until_two_confirm(nameless: Office) -> None:
    taken = nameless.desk.take(cells(1))
    assert (taken["decisions"], taken["published"]) == ({HELD: 1}, 0)
    assert taken["held"] == [{"row": 2, "code": SECOND_PERSON, "statement_id": ""}]
    with pytest.raises(RefusedError, match="2 persons"):
        nameless.desk.take(cells(1), words=replace(BOTH, by=("张某",)))
    assert nameless.desk.take(cells(1), words=BOTH)["decisions"] == {"listed": 1}


def test_f58_what_two_said_of_a_row_confirms_it_and_no_other(nameless: Office) -> None:
    said = RowWords(
        other_names=True, by=BOTH.by, reason="已核对", shown={"other-names": frozenset({2})}
    )
    taken = nameless.desk.take(cells(1), cells(2), words=said)
    assert taken["decisions"] == {HELD: 1, "listed": 1}


@pytest.mark.parametrize(("mode", "waits"), [("by-hand", False), ("all", True)])
def test_f58_what_systems_bring_waits_where_a_city_says_so(
    desk: Desk, mode: str, *, waits: bool
) -> None:
    office = Office(desk, keys=False, second=mode)
    path = desk.folder / "dropped.csv"
    desk.write(path, cells(1))
    taken = desk.publish(path, by_hand=False)
    assert taken["decisions"] == ({HELD: 1} if waits else {"listed": 1})

    def row(said: Word | None = None) -> str:
        rows = {1: cells(2)}
        found = office.desk.intake.rows.take("b1", "court", "list", "", rows, said=said)[1]
        assert found is not None
        return found.code or found.outcome

    assert row() == (SECOND_PERSON if waits else "listed")
    if waits:
        assert SECOND_PERSON in RELEASABLE
        assert row(Word(code=SECOND_PERSON, persons=BOTH.by)) == "listed"


def test_f58_the_registry_asks_before_it_drafts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = desk.node
    second = SecondPerson(FilesSection(second_person="by-hand"), lambda: 0)
    monkeypatch.setattr(node.registry._plausibility, "check_drafts", second.check_drafts)
    said = [(Kind.LISTING, 0, b"", listing(1, audience=node.audience()))]
    refused(SECOND_PERSON, lambda: node.registry.publish("0" * 32, said, ""))
