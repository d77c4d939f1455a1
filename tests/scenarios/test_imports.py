"""Imports: brought and tried, said by two persons a day apart, published as the very bytes.

Covers node/intake/imports.py, node/intake/import_folder.py, node/intake/import_words.py,
node/intake/imported.py, node/intake/import_rows.py, node/intake/seen_rows.py.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.files.errors import MappingError
from adapters.files.mapping import built_in_mappings
from crypto.keys import KeyType, Signer
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.life.life import SIMILAR
from federation.persons import Sort, join_word, read_word, sign_word, word_of_text
from federation.screening.roles import Asker, Role
from node.intake import import_rows
from node.intake.files import Intake
from node.intake.import_folder import FOLDER, ImportFolder
from node.intake.import_rows import ImportRows, Wanted
from node.intake.import_words import ImportWords
from node.intake.imported import Brought, Import
from node.intake.imports import SECONDS, Imports
from node.intake.row_words import RowHearing
from node.intake.signed_mappings import SignedMappings
from node.persons.roster import Persons
from node.system.entropy import token
from tests.scenarios.test_intake import POISONED, Desk, cells, code, desk, federation
from tests.support import charters as build
from tests.support.catalogs import catalog_of

__all__ = ["desk", "federation"]

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

LISTED = Brought(kind="list", list_type=build.COURT_LIST)
SIGNERS = {
    name: Signer(name=name, type=KeyType.NOTE, seed=bytes([at]) * 32)
    for at, name in enumerate(("张某（演示）", "李某（演示）"), 1)
}
FIRST, SECOND = SIGNERS
DAY = 86_400


def asker(credential: str, unit: str = "信用办（演示）") -> Asker:
    return Asker(credential=credential, department=unit, roles=frozenset({Role.OPERATOR}))


OPERATOR, OTHER = asker("0a0a0a0a"), asker("0b0b0b0b")
LOCAL = Asker(credential="", department="", roles=frozenset(Role), local=True)


class Office:
    """A desk of imports over a node; started again it is another object over the same folder."""

    def __init__(self, desk: Desk, *, keys: bool = True, second: str = "no") -> None:
        self.desk = desk
        node = desk.node
        configured = {name: str(one.verifier) for name, one in SIGNERS.items()} if keys else {}
        self.persons = Persons(origin=node.origin, configured=configured, now=node.clock.now)
        self.trusted = node.clock.now
        desk.intake = Intake(
            directory=desk.folder,
            files=desk.files.model_copy(update={"second_person": second}),
            limits=desk.limits,
            store=node.store,
            writer=desk.writer,
            registry=node.registry,
            statements=node.statements,
            tagger=node.keyring,
            now=node.clock.now,
            token=token,
            today=node.clock.today,
            failpoints=node.failpoints,
            hearing=RowHearing(
                persons=self.persons, store=node.store, writer=desk.writer, now=node.clock.now
            ),
            signed=SignedMappings(persons=self.persons, store=node.store, writer=desk.writer),
            catalog=catalog_of,
        )
        self.folder = ImportFolder(desk.folder, lambda _: None)
        self.imports = Imports(
            folder=self.folder,
            intake=desk.intake,
            words=ImportWords(persons=self.persons, origin=node.origin, now=node.clock.now),
            rows=ImportRows(
                folder=self.folder,
                spool=desk.intake.spool,
                store=node.store,
                statements=node.statements,
            ),
            now=node.clock.now,
            trusted=self._trusted,
            token=token,
        )

    def _trusted(self) -> Timestamp:
        return self.trusted()

    def bring(
        self, *rows: dict[str, str], brought: Brought = LISTED, **more: Any
    ) -> dict[str, Any]:
        path = self.desk.folder / more.pop("name", "court.csv")
        self.desk.write(path, *rows)
        brought = replace(brought, called=more.pop("called", ""))
        return self.imports.bring(more.pop("asker", OPERATOR), path, brought, lambda _: None)

    def rows(self, number: str, **wanted: Any) -> dict[str, Any]:
        return self.imports.rows(number, Wanted(**wanted))

    def publish(self, number: str, request: str = "a") -> dict[str, Any]:
        return self.imports.publish(number, request, lambda _: None)

    def sign(self, one: dict[str, Any], person: str, sort: Sort = Sort.ROWS) -> str:
        """What a person signs: the bytes that are shown."""
        (text,) = [word["text"] for word in one["words"] if word["sort"] == sort.value]
        return sign_word(word_of_text(text), SIGNERS[person])

    def say(self, one: dict[str, Any], person: str, sort: Sort = Sort.ROWS) -> dict[str, Any]:
        note = self.sign(one, person, sort)
        return self.imports.say(OPERATOR, one["import"], sort.value, person, note)

    def refuse(self, one: dict[str, Any], person: str) -> dict[str, Any]:
        return self.imports.say(
            OTHER, one["import"], "rows", person, "", refusal=" 与原件不符 ", signed_in=True
        )


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


@pytest.fixture
def nameless(desk: Desk) -> Office:
    """A node that names no persons."""
    return Office(desk, keys=False)


def refused(code: str, call: Callable[[], object]) -> None:
    with pytest.raises(RefusedError) as caught:
        call()
    assert caught.value.code == code


def one_subject(office: Office) -> dict[str, Any]:
    """Bring rows that nearly all go to one subject."""
    rows = [cells(n) | {"统一社会信用代码": code(999)} for n in range(1, 21)]
    return office.bring(*rows)


def begun(office: Office) -> dict[str, Any]:
    number = one_subject(office)["import"]
    return office.imports.word(number, "rows", ["one-subject"], "已核对")


def test_a_file_is_tried_and_published_with_the_errors_of_its_rows(office: Office) -> None:
    tried = office.bring(cells(1), cells(2, 统一社会信用代码="x"))
    assert (tried["state"], tried["result"]["dry_run"], tried["awaited"]) == ("tried", True, [])
    assert tried["sha256"]
    assert tried["errors"][0]["row"] == "3"
    assert office.desk.size() == 0
    done = office.publish(tried["import"])
    assert (done["state"], done["result"]["published"]) == ("published", 1)
    assert done["result"]["refused_rows"] == 1
    assert b"identity.code" in office.imports.errors(tried["import"])
    assert [one["state"] for one in office.imports.list()] == ["published"]
    assert not (office.desk.folder / FOLDER / tried["import"] / "file" / "court.csv").exists()


def test_its_rows_say_who_is_in_them_and_then_what_became_of_them(office: Office) -> None:
    tried = office.bring(cells(1), cells(2, 统一社会信用代码="x"), cells(3))
    found = office.rows(tried["import"])
    assert (found["good"], found["next"], [one["row"] for one in found["rows"]]) == (2, 0, [2, 4])
    listed = {
        "row": 2,
        "decision": "listed",
        "statement_id": "",
        "act_id": "",
        "known": "",
        "name": "示例企业1有限公司（演示）",
        "code": code(1),
        "scheme": "uscc",
        "list_type": build.COURT_LIST,
        "document": "（2026）川05执1号",
        "listing_document": "",
        "decided_on": 20260621,
        "publish_until": 20280621,
    }
    assert found["rows"][0] == listed
    assert office.desk.size() == 0
    office.publish(tried["import"])
    rows = office.rows(tried["import"])["rows"]
    with office.desk.node.store.read() as session:
        ids = [row.statement_id.hex() for row in session.rows_at([(1, 0), (1, 1)])]
    assert rows[0] == listed | {"statement_id": ids[0]}
    assert [one["statement_id"] for one in rows] == ids


def test_rows_come_by_the_page_and_by_what_they_lead_to(office: Office) -> None:
    office.publish(office.bring(*map(cells, range(1, 6)))["import"])
    number = office.bring(*map(cells, range(1, 11)), name="more.csv")["import"]
    first = office.rows(number, limit=4)
    assert ([one["row"] for one in first["rows"]], first["next"]) == ([2, 3, 4, 5], 4)
    rest = office.rows(number, limit=9, after=4)
    assert ([one["row"] for one in rest["rows"]], rest["next"]) == ([6, 7, 8, 9, 10, 11], 0)
    new = office.rows(number, limit=3, decision="listed")
    assert ([one["row"] for one in new["rows"]], new["next"]) == ([7, 8, 9], 8)
    last = office.rows(number, limit=3, decision="listed", after=8)
    assert ([one["row"] for one in last["rows"]], last["next"]) == ([10, 11], 0)
    assert office.rows(number, after=99)["rows"] == []


def test_more_rows_than_are_sealed_together_are_all_there(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "_PAGE", 3)
    number = office.bring(*map(cells, range(1, 9)))["import"]
    for after in range(8):
        found = office.rows(number, after=after)["rows"]
        assert [one["row"] for one in found] == list(range(after + 2, 10))


def test_rows_of_repairs_name_whom_they_are_about_and_lead_to_the_repair(office: Office) -> None:
    office.publish(office.bring(cells(1), cells(2))["import"])
    path = office.desk.write_reliefs(1, 3)
    brought = Brought(kind="repair")
    number = office.imports.bring(OPERATOR, path, brought, lambda _: None)["import"]
    (row,) = office.rows(number)["rows"]
    assert (row["row"], row["decision"], row["name"]) == (
        2,
        "relieved",
        "示例企业1有限公司（演示）",
    )
    assert (row["document"], row["listing_document"]) == (
        "泸信修决〔2026〕1号",
        "（2026）川05执1号",
    )
    assert (row["decided_on"], row["act_id"]) == (20261120, "")
    done = office.publish(number)
    (row,) = office.rows(number)["rows"]
    assert [row["act_id"]] == done["result"]["statement_ids"]
    assert (row["code"], row["listing_document"]) == (code(1), "（2026）川05执1号")


def test_rows_of_other_files_say_what_they_would_lead_to(office: Office) -> None:
    office.publish(office.bring(cells(1), cells(2))["import"])
    path = office.desk.folder / "noted.csv"
    row = cells(1)
    said = {
        "统一社会信用代码": code(1),
        "名单类型": "失信被执行人",
        "认定单位": row["执行法院"],
        "列入文书号": row["案号"],
        "标注类型": "异议受理",
        "受理文书号": "泸信异〔2026〕1号",
        "标注日期": "2026-11-20",
    }
    office.desk.write(path, said)
    brought = Brought(kind="annotation")
    number = office.imports.bring(OPERATOR, path, brought, lambda _: None)["import"]
    (row,) = office.rows(number)["rows"]
    assert (row["decision"], row["code"], row["document"]) == (
        "annotated",
        code(1),
        "泸信异〔2026〕1号",
    )
    office.publish(number)
    (row,) = office.rows(number)["rows"]
    assert (row["name"], len(row["act_id"])) == ("示例企业1有限公司（演示）", 32)
    number = office.imports.bring(OPERATOR, path, brought, lambda _: None)["import"]
    assert [one["decision"] for one in office.rows(number)["rows"]] == ["annotated-before"]


def test_im8_what_was_tried_is_shown_after_a_restart_too(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    again = Office(office.desk)
    assert [one["name"] for one in again.rows(number)["rows"]] == ["示例企业1有限公司（演示）"]


def test_im8_no_name_is_kept_in_clear_of_what_was_published(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    office.publish(number)
    kept = [path for path in (office.desk.folder / FOLDER / number).rglob("*") if path.is_file()]
    assert any(path.name == "rows.jsonl" for path in kept)
    for path in kept:
        said = path.read_text("utf-8")
        assert code(1) not in said
        assert "示例企业1" not in said


@pytest.mark.parametrize(
    ("called", "kept"),
    [
        ("/home/王/欠薪名单11月.xlsx", "欠薪名单11月.xlsx"),
        ("C:\\名单\\示例企业1有限公司(演示).csv", ""),
        (f"{code(1).lower()}.csv", ""),
        ("示例企业2有限公司（演示）.csv", "示例企业2有限公司（演示）.csv"),
    ],
)
def test_im8_what_the_file_is_called_is_kept_where_it_names_nobody_of_its_rows(
    office: Office, called: str, kept: str
) -> None:
    number = office.bring(cells(1))["import"]
    named = office.imports.name(number, called)["called"]
    assert named == re.split(r"[/\\]", called)[-1]
    assert Office(office.desk).imports.get(number)["called"] == named
    assert [one["called"] for one in office.imports.list()] == [named]
    office.publish(number)
    assert office.imports.get(number)["called"] == kept
    with pytest.raises(RefusedError) as caught:
        office.imports.name(number, "other.csv")
    assert caught.value.code == "import.published"


def test_im8_where_it_cannot_be_told_whom_a_name_names_it_is_not_kept(office: Office) -> None:
    named = office.bring(cells(1), called="示例企业1.csv")
    assert named["called"] == "示例企业1.csv"
    plain = office.bring(cells(2), called="欠薪名单.csv")["import"]
    again = Office(office.desk)  # what its rows say was sealed by the process that has ended
    again.imports.name(plain, "欠薪名单11月.csv")
    assert again.publish(plain)["called"] == ""
    third = again.bring(cells(3), called="欠薪名单.csv")["import"]
    assert again.publish(third)["called"] == "欠薪名单.csv"


def test_what_was_dropped_shows_nothing_more(office: Office) -> None:
    tried = office.bring(cells(1))
    office.imports.drop(tried["import"])
    refused("import.unknown", lambda: office.rows(tried["import"]))


def test_rows_are_not_kept_where_there_is_no_room_and_the_try_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise RefusedError("disk.reserve", "no room")

    office.publish(office.bring(cells(1))["import"])
    path = office.desk.write_reliefs(1)
    monkeypatch.setattr(office.desk.intake, "_need", full)
    tried = office.imports.bring(OPERATOR, path, Brought(kind="repair"), lambda _: None)
    refused("disk.reserve", lambda: office.rows(tried["import"]))
    assert office.publish(tried["import"])["result"]["published"] == 1
    assert len(office.rows(tried["import"])["rows"]) == 1


def test_only_so_many_imports_keep_their_rows(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "KEPT", 1)
    numbers = [office.bring(cells(at), name=f"{at}.csv")["import"] for at in (1, 2)]
    for number in numbers:
        assert len(office.rows(number)["rows"]) == 1


def test_im1_other_bytes_are_not_shown_either(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    office.desk.write(office.desk.folder / FOLDER / number / "file" / "court.csv", cells(2))
    refused("import.changed", lambda: office.rows(number))


def test_the_same_request_publishes_once_and_another_not_at_all(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    first = office.publish(number)
    assert office.publish(number) == first
    refused("import.published", lambda: office.publish(number, "b"))
    assert office.desk.size() == 1


def test_the_same_file_from_the_same_hands_is_the_same_import(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    assert office.bring(cells(1))["import"] == number
    assert office.bring(cells(2))["import"] != number
    assert office.bring(cells(1), asker=asker("0a0a0a0a", "另一处"))["import"] != number


def test_im1_other_bytes_than_those_that_were_tried_are_published_in_nothing(
    office: Office,
) -> None:
    number = office.bring(cells(1))["import"]
    path = office.desk.folder / FOLDER / number / "file" / "court.csv"
    office.desk.write(path, cells(2))
    refused("import.changed", lambda: office.publish(number))
    path.unlink()
    refused("import.changed", lambda: office.publish(number))
    assert office.desk.size() == 0


def test_two_persons_say_it_a_day_apart_over_a_restart(office: Office) -> None:
    tried = one_subject(office)
    (awaited,) = tried["awaited"]
    assert awaited == {
        "word": "one-subject",
        "code": "mapping.one-subject",
        "rows": 20,
        "first": [],
        "stops": True,
    }
    refused("mapping.one-subject", lambda: office.publish(tried["import"]))
    asked = office.imports.word(tried["import"], "rows", ["one-subject"], "已核对")
    assert asked["state"] == "waits"
    said = json.loads(asked["words"][0]["text"].split("\n")[4])
    assert (said["file"], said["says"]) == (tried["sha256"], ["one-subject"])
    once = office.say(asked, FIRST)
    assert (once["state"], once["words"][0]["needed"]) == ("waits", 1)
    refused("import.waits", lambda: office.publish(tried["import"]))
    office.desk.node.clock.advance(DAY)
    again = Office(office.desk)  # the node was started anew
    (listed,) = again.imports.list()
    assert listed["words"] == [{"sort": "rows", "persons": [FIRST]}]
    both = again.say(again.imports.get(tried["import"]), SECOND)
    assert both["state"] == "ready"
    done = again.publish(tried["import"])
    assert done["result"]["published"] == 20
    with again.desk.node.store.read() as session:
        entry = session.last_entry("rows-said")
        words = list(session.words())
    assert entry is not None
    assert json.loads(entry.body)["by"] == [FIRST, SECOND]
    assert len(words) == 1
    assert words[0].count("\n— ") == 2


def test_a_signature_that_joins_the_first_ones_note_is_taken(office: Office) -> None:
    once = office.say(begun(office), FIRST)
    joined = join_word(once["words"][0]["note"], SIGNERS[SECOND])
    both = office.imports.say(OPERATOR, once["import"], "rows", SECOND, joined)
    assert both["words"][0]["persons"] == [FIRST, SECOND]
    assert office.publish(both["import"])["result"]["published"] == 20


@pytest.mark.parametrize(
    ("asker", "keys", "who"), [(OTHER, True, ""), (OTHER, False, ""), (OPERATOR, True, "")]
)
def test_im9_a_no_in_a_name_that_nobody_vouches_for_is_the_offices(
    desk: Desk, asker: Asker, who: str, *, keys: bool
) -> None:
    office = Office(desk, keys=keys)
    one = begun(office)
    back = office.imports.say(asker, one["import"], "rows", SECOND, "", refusal="与原件不符")
    assert back["returned"] == {"sort": "rows", "person": who, "reason": "与原件不符"}


def test_im9_who_works_at_a_node_without_keys_says_no_by_name(nameless: Office) -> None:
    one = begun(nameless)
    here = replace(OPERATOR, local=True)
    back = nameless.imports.say(here, one["import"], "rows", SECOND, "", refusal="与原件不符")
    assert back["returned"]["person"] == SECOND


def test_im9_the_second_may_say_no_and_why_and_it_begins_anew(office: Office) -> None:
    once = office.say(begun(office), FIRST)
    number = once["import"]
    refused("import.said-before", lambda: office.refuse(once, FIRST))
    back = office.refuse(once, SECOND)
    assert (back["state"], back["words"]) == ("returned", [])
    assert back["returned"] == {"sort": "rows", "person": SECOND, "reason": "与原件不符"}
    refused("mapping.one-subject", lambda: office.publish(number))
    again = Office(office.desk)  # the node was started anew
    assert again.imports.list()[0]["returned"] == back["returned"]
    anew = again.imports.word(number, "rows", ["one-subject"], "已更正")
    assert (anew["state"], anew["returned"], anew["words"][0]["persons"]) == ("waits", {}, [])


def test_im3_what_was_signed_before_a_word_was_begun_is_not_said_of_it(office: Office) -> None:
    """Who said it before the no has not heard why: the signature is not handed in for them."""
    once = office.say(begun(office), FIRST)
    number, old = once["import"], once["words"][0]["note"]
    office.refuse(once, SECOND)
    office.desk.node.clock.advance(60)
    office.imports.word(number, "rows", ["one-subject"], "已核对")
    say = partial(office.imports.say, OTHER)
    refused("person.time", lambda: say(number, "rows", FIRST, old))
    office.imports.drop(number)
    other = begun(office)
    refused("person.time", lambda: say(other["import"], "rows", FIRST, old))
    assert office.say(other, FIRST)["words"][0]["persons"] == [FIRST]


def test_im3_nobody_says_a_word_twice(office: Office) -> None:
    once = office.say(begun(office), FIRST)
    refused("import.said-before", lambda: office.say(once, FIRST))
    note, say = office.sign(once, FIRST), office.imports.say
    for name in (f" {FIRST}", FIRST.replace("（", "(").replace("）", ")")):
        refused("import.said-before", partial(say, OTHER, once["import"], "rows", name, note))


def test_im3_each_signs_the_own_and_the_same_bytes(office: Office) -> None:
    asked = begun(office)
    by_other = office.sign(asked, SECOND)
    refused(
        "person.signature",
        lambda: office.imports.say(OPERATOR, asked["import"], "rows", FIRST, by_other),
    )
    refused(
        "person.unsigned", lambda: office.imports.say(OPERATOR, asked["import"], "rows", FIRST, "")
    )
    refused(
        "person.unknown",
        lambda: office.imports.say(OPERATOR, asked["import"], "rows", "王某（演示）", by_other),
    )
    once = office.say(asked, FIRST)
    office.desk.node.clock.advance(60)
    word = read_word(once["words"][0]["note"])
    later = sign_word(
        type(word)(origin=word.origin, sort=word.sort, at=Timestamp(word.at + 30), body=word.body),
        SIGNERS[SECOND],
    )
    refused(
        "person.other-words",
        lambda: office.imports.say(OPERATOR, asked["import"], "rows", SECOND, later),
    )


def test_v3_a_word_about_another_file_is_refused(office: Office) -> None:
    asked = begun(office)
    text = asked["words"][0]["text"].replace(asked["sha256"], "0" * 64)
    other = sign_word(word_of_text(text), SIGNERS[FIRST])
    refused(
        "person.other-words",
        lambda: office.imports.say(OPERATOR, asked["import"], "rows", FIRST, other),
    )


def test_im3_without_keys_one_credential_speaks_for_one_person(nameless: Office) -> None:
    asked = begun(nameless)
    say = nameless.imports.say
    say(OPERATOR, asked["import"], "rows", FIRST, "")
    refused("import.same-credential", lambda: say(OPERATOR, asked["import"], "rows", SECOND, ""))
    assert say(OTHER, asked["import"], "rows", SECOND, "")["state"] == "ready"
    assert nameless.publish(asked["import"])["result"]["published"] == 20


def test_im7_who_saw_another_word_says_none(nameless: Office) -> None:
    """The first has not said it: it may be begun anew while the second one reads."""
    asked = begun(nameless)
    (word,) = asked["words"]
    nameless.imports.word(asked["import"], "rows", ["one-subject"], "另一理由")

    def say(text: str) -> dict[str, Any]:
        shown = sha256(text.encode()).hexdigest()
        return nameless.imports.say(OPERATOR, asked["import"], "rows", FIRST, "", shown)

    refused("import.word", lambda: say(word["text"]))
    (now,) = nameless.imports.get(asked["import"])["words"]
    assert say(now["text"])["words"][0]["persons"] == [FIRST]


def test_the_same_file_brought_twice_at_once_is_one_import(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[dict[str, Any]] = []
    run = office.desk.intake.publish_file

    def tried(path: Path, **said: Any) -> dict[str, Any]:
        monkeypatch.undo()
        again.append(office.bring(cells(1)))
        return run(path, **said)

    monkeypatch.setattr(office.desk.intake, "publish_file", tried)
    first = office.bring(cells(1))
    assert [one["import"] for one in again] == [first["import"]]
    assert [one["import"] for one in office.imports.list()] == [first["import"]]


def test_a_file_is_brought_while_another_one_is_published(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are counted, and gone when they are looked at."""
    number = office.bring(cells(1))["import"]
    found = list((office.desk.folder / FOLDER / number).rglob("*"))
    office.publish(number)
    monkeypatch.setattr(Path, "rglob", lambda _path, _pattern: iter(found))
    assert office.bring(cells(2))["state"] == "tried"


def test_what_was_brought_while_leftovers_were_looked_for_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.bring(cells(1))["import"]
    monkeypatch.setattr(ImportFolder, "left", lambda _: iter([number]))
    assert office.imports.expire() == 0
    assert office.imports.get(number)["state"] == "tried"


def test_on_the_nodes_own_socket_names_count_as_they_are_typed(nameless: Office) -> None:
    asked = begun(nameless)
    for name in (FIRST, SECOND):
        nameless.imports.say(LOCAL, asked["import"], "rows", name, "")
    assert nameless.publish(asked["import"])["result"]["published"] == 20


def test_im4_only_what_the_try_found_is_said(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    word = office.imports.word
    refused("import.word", lambda: word(number, "rows", ["one-subject"], "x"))
    refused("import.word", lambda: word(number, "mapping", [], ""))
    refused("import.word", lambda: office.imports.say(OPERATOR, number, "rows", FIRST, ""))
    found = one_subject(office)["import"]
    refused("import.word", lambda: word(found, "rows", ["one-subject", "two-records"], "x"))
    refused("rows.two-persons", lambda: word(found, "rows", ["one-subject"], " "))


def test_im4_what_somebody_said_is_not_changed(office: Office) -> None:
    asked = begun(office)
    word = office.imports.word
    assert word(asked["import"], "rows", [], "")["words"] == []
    asked = word(asked["import"], "rows", ["one-subject"], "另一理由")
    once = office.say(asked, FIRST)
    refused("import.said", lambda: word(asked["import"], "rows", ["one-subject"], "再改"))
    refused("import.said", lambda: word(asked["import"], "rows", [], ""))
    assert word(asked["import"], "rows", ["one-subject"], "另一理由") == once


def test_im2_after_seven_days_nothing_is_published_and_then_it_is_gone(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    clock = office.desk.node.clock
    clock.advance(SECONDS)
    assert office.imports.expire() == 0
    clock.advance(1)
    refused("import.over", lambda: office.publish(number))
    office.trusted = lambda: Timestamp(0)  # no time is trusted yet
    assert office.imports.expire() == 0
    office.trusted = clock.now
    assert office.imports.expire() == 1
    refused("import.unknown", lambda: office.imports.get(number))
    assert list((office.desk.folder / FOLDER).iterdir()) == []


def test_im2_the_folder_of_the_first_import_is_on_the_disk_before_it_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(
        os,
        "fsync",
        lambda descriptor: synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink())),
    )
    number = office.bring(cells(1))["import"]
    folder = office.desk.folder.resolve() / FOLDER
    named = len(synced) - 1 - synced[::-1].index(str(folder / number))
    made = {folder.parent, folder, folder / number, folder / number / "file"}
    assert {str(one) for one in made} <= set(synced[:named])


def test_im2_a_crash_leaves_no_file_of_an_import_that_was_published(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    (waiting,) = (office.desk.folder / FOLDER).glob("*/file/court.csv")
    data = waiting.read_bytes()
    office.publish(number)
    waiting.write_bytes(data)  # the node ended between noting that it is published and this
    assert office.imports.expire() == 0
    assert not waiting.exists()
    assert office.imports.get(number)["state"] == "published"


def test_im2_what_a_crash_left_of_an_import_is_removed(office: Office) -> None:
    number = office.bring(cells(1))["import"]
    left = office.desk.folder / FOLDER / ("0" * 32)
    left.mkdir()
    (left / "court.csv").write_text("x")
    assert [one["import"] for one in office.imports.list()] == [number]
    assert office.imports.expire() == 1
    assert not left.exists()


@pytest.mark.parametrize("name", ["import.json", "mapping-.yaml"])
def test_a_file_may_have_the_name_of_what_lies_beside_it(office: Office, name: str) -> None:
    path = office.desk.folder / name
    path.write_text("{}", "utf-8")
    one = Import(
        number="1" * 32,
        at=Timestamp(1),
        until=Timestamp(2),
        by="",
        file=name,
        sha256=office.folder.new("1" * 32, path, "scenario")[1],
        kind="scenario",
    )
    office.folder.put(one)
    office.folder.put_mapping(one, b"format: 1")
    assert office.folder.file_of(one).read_text("utf-8") == "{}"
    assert office.folder.get(one.number) == one


@pytest.mark.parametrize("number", ["", "../..", "0" * 32, "A" * 32])
def test_there_is_no_import_of_another_number(office: Office, number: str) -> None:
    refused("import.unknown", lambda: office.imports.get(number))
    refused("import.unknown", lambda: office.publish(number))


def test_im2_so_many_imports_wait_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.intake.import_folder.MOST", 1)
    number = office.bring(cells(1))["import"]
    refused("import.full", lambda: office.bring(cells(2)))
    assert office.imports.drop(number) == {"import": number, "state": "dropped"}
    office.bring(cells(2))


def test_im2_a_relief_waits_behind_no_list_and_goes_into_the_reserve(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.desk.take(cells(1))["published"] == 1
    monkeypatch.setattr("node.intake.import_folder.MOST", 1)
    office.bring(cells(2))

    def need(_: int) -> None:
        raise RefusedError("disk.reserve", "no room")

    monkeypatch.setattr(office.imports._folder, "_need", need)
    path = office.desk.write_reliefs(1)
    relief = office.imports.bring(OPERATOR, path, Brought(kind="repair"), lambda _: None)
    assert office.publish(relief["import"])["result"]["published"] == 1
    monkeypatch.setattr("node.intake.import_folder.MOST", 2)
    refused("disk.reserve", lambda: office.bring(cells(3)))


def test_what_was_interrupted_is_published_by_the_words_that_were_heard(office: Office) -> None:
    both = office.say(office.say(begun(office), FIRST), SECOND)
    publish_file = office.desk.intake.publish_file

    def stopped(*args: Any, **more: Any) -> dict[str, Any]:
        publish_file(*args, **more)
        raise OSError("cut")

    office.desk.intake.publish_file = stopped  # type: ignore[method-assign]
    with pytest.raises(OSError, match="cut"):
        office.publish(both["import"])
    again = Office(office.desk)
    assert again.imports.get(both["import"])["state"] == "ready"
    done = again.publish(both["import"])
    assert done["result"]["decisions"] == {"unchanged": 20}
    with again.desk.node.store.read() as session:
        assert len(list(session.words())) == 1


# ---------------------------------------------------------------------- mappings


HEADS = {
    "统一社会信用代码": "单位代码",
    "被执行人姓名/名称": "单位",
    "执行法院": "法院全称",
    "案号": "文号一栏",
    "失信决定日期": "哪天定的",
    "失信行为具体情形": "具体事由",
    "法定代表人或者负责人姓名": "负责人",
    "记录编号": "流水",
}


def foreign(*numbers: int) -> list[dict[str, str]]:
    """Rows whose columns nobody knows."""
    return [{new: cells(n)[old] for old, new in HEADS.items()} for n in numbers]


CHOSEN = {
    "单位代码": "code",
    "单位": "name",
    "法院全称": "authority_name",
    "文号一栏": "document",
    "哪天定的": "decided_on",
    "具体事由": "reason",
    "负责人": "persons",
    "流水": "key",
}


def mapped(office: Office) -> dict[str, Any]:
    one = office.bring(*foreign(1, 2, 3))
    assert one["state"] == "columns"
    made = office.imports.propose(one["import"], "", CHOSEN, "court-own")
    return office.imports.map(one["import"], made["text"], lambda _: None)


def test_a_mapping_is_proposed_chosen_signed_saved_and_used(office: Office) -> None:
    one = office.bring(*foreign(1, 2, 3))
    assert (one["state"], one["fault"]["code"]) == ("columns", "header.missing")
    seen = office.imports.propose(one["import"], "", {}, "")
    columns = {column["name"]: column for column in seen["columns"]}
    assert seen["lacking"] == ("authority_name",)
    assert columns["单位代码"]["target"] == "code"
    assert columns["单位代码"]["samples"][0] == code(1)
    assert columns["负责人"]["samples"] == ()
    tried = mapped(office)
    assert (tried["state"], tried["result"]["decisions"]) == ("tried", {"listed": 3})
    assert tried["own_mapping"]
    read = {one["name"]: one["target"] for one in tried["mapping_columns"]}
    assert read == {name: target for name, target in CHOSEN.items() if target}
    refused("import.waits", lambda: office.publish(tried["import"]))
    asked = office.imports.word(tried["import"], "mapping", [], "")
    office.say(asked, FIRST, Sort.MAPPING)
    saved = office.desk.folder / "mappings" / "court-own.yaml"
    assert not saved.exists()
    both = office.say(office.imports.get(tried["import"]), SECOND, Sort.MAPPING)
    assert both["state"] == "ready"
    assert saved.read_text("utf-8") == both["mapping_text"]
    first, *others = office.imports.mappings()
    assert (first["mapping"], first["saved"]) == ("court-own", True)
    assert {one["mapping"] for one in others if not one["saved"]} == {*built_in_mappings()}
    assert office.publish(tried["import"])["result"]["published"] == 3
    # the next file of these columns names it
    by_name = Brought(kind="list", list_type=build.COURT_LIST, mapping="court-own")
    after = office.bring(*foreign(4), brought=by_name)
    assert office.publish(after["import"])["result"]["published"] == 1
    # and so is one that comes with the program
    built_in = Brought(kind="list", list_type=build.COURT_LIST, mapping="judgment-defaulter")
    assert office.bring(cells(5), brought=built_in)["result"]["decisions"] == {"listed": 1}


@pytest.mark.parametrize("bad", ["format: 1", "court"])
def test_im1_a_mapping_that_is_refused_takes_no_other_ones_place(
    nameless: Office, bad: str
) -> None:
    tried = mapped(nameless)
    number, text = tried["import"], tried["mapping_text"]
    nameless.imports.word(number, "mapping", [], "")
    # Not valid, or under the id of one that comes with the program.
    other = bad if bad == "format: 1" else text.replace("id: court-own", "id: judgment-defaulter")
    code_of_it = "mapping.invalid" if bad == "format: 1" else "mapping.exists"
    said = ""
    try:
        nameless.imports.map(number, other, lambda _: None)
    except (RefusedError, MappingError) as error:
        said = error.code
    assert said == code_of_it
    assert nameless.imports.get(number)["mapping_text"] == text
    for credential, person in ((OPERATOR, FIRST), (OTHER, SECOND)):
        nameless.imports.say(credential, number, "mapping", person, "")
    assert nameless.publish(number)["result"]["published"] == 3
    saved = nameless.desk.folder / "mappings" / "court-own.yaml"
    assert saved.read_text("utf-8") == text


def test_im1_a_mapping_whose_bytes_changed_publishes_nothing(nameless: Office) -> None:
    tried = mapped(nameless)
    (laid,) = (nameless.desk.folder / FOLDER / tried["import"]).glob("mapping*.yaml")
    laid.write_bytes(laid.read_bytes() + b"# more\n")
    assert nameless.imports.get(tried["import"])["mapping_text"] == ""
    refused("import.changed", lambda: nameless.imports.word(tried["import"], "mapping", [], ""))


def test_im5_without_keys_a_mapping_takes_two_credentials_all_the_same(nameless: Office) -> None:
    tried = mapped(nameless)
    refused("import.waits", lambda: nameless.publish(tried["import"]))
    nameless.imports.word(tried["import"], "mapping", [], "")
    nameless.imports.say(OPERATOR, tried["import"], "mapping", FIRST, "")
    refused("import.waits", lambda: nameless.publish(tried["import"]))
    nameless.imports.say(OTHER, tried["import"], "mapping", SECOND, "")
    assert nameless.publish(tried["import"])["result"]["published"] == 3


def test_im5_the_id_of_another_mapping_is_refused(office: Office) -> None:
    one = office.bring(*foreign(1))
    saved = office.desk.folder / "mappings"
    saved.mkdir()
    (saved / "court-own.yaml").write_text("another")
    for name in ("court-own", "judgment-defaulter", "a.b", "Ä"):
        text = office.imports.propose(one["import"], "", CHOSEN, name)["text"]
        refused("mapping.exists", partial(office.imports.map, one["import"], text, print))


def test_im1_a_mapping_that_is_no_longer_what_was_signed_publishes_nothing(
    office: Office,
) -> None:
    tried = mapped(office)
    asked = office.imports.word(tried["import"], "mapping", [], "")
    office.say(office.say(asked, FIRST, Sort.MAPPING), SECOND, Sort.MAPPING)
    saved = office.desk.folder / "mappings" / "court-own.yaml"
    saved.write_text(saved.read_text("utf-8") + "# other\n", "utf-8")
    refused("person.other-words", lambda: office.publish(tried["import"]))
    assert office.desk.size() == 0


def test_a_mapping_is_not_changed_once_somebody_said_something(office: Office) -> None:
    tried = mapped(office)
    text = tried["mapping_text"]
    asked = office.imports.word(tried["import"], "mapping", [], "")
    office.say(asked, FIRST, Sort.MAPPING)
    refused("import.said", lambda: office.imports.map(tried["import"], text, lambda _: None))
    refused("import.said", lambda: office.imports.map(tried["import"], "", lambda _: None))


def test_a_poisoned_mapping_takes_both_words(office: Office) -> None:
    rows = [cells(n) | {"执行法院统一社会信用代码": code(999)} for n in range(1, 21)]
    number = office.bring(*rows)["import"]
    tried = office.imports.map(number, POISONED, lambda _: None)
    assert [one["word"] for one in tried["awaited"]] == ["one-subject"]
    office.imports.word(number, "mapping", [], "")
    asked = office.imports.word(number, "rows", ["one-subject"], "已核对")
    for sort in (Sort.MAPPING, Sort.ROWS):
        for name in (FIRST, SECOND):
            asked = office.say(asked, name, sort)
    assert office.publish(number)["result"]["published"] == 20


def test_im6_what_may_be_somebodys_is_not_shown(office: Office) -> None:
    rows = [
        row | {"某列": who, "另列": number}
        for row, who, number in zip(
            foreign(1, 2, 3),
            ("示例甲", "欧阳示例", "示例企业有限公司（演示）"),
            ("51050219800101123X", "x", ""),
            strict=True,
        )
    ]
    one = office.bring(*rows)
    columns = {
        column["name"]: column
        for column in office.imports.propose(one["import"], "", {}, "")["columns"]
    }
    assert columns["某列"]["samples"] == ("示***", "欧***", "示例企业有限公司（演示）")
    assert columns["另列"]["samples"] == ("***", "x")
    assert columns["负责人"]["filled"] == 3


def test_what_no_mapping_helps_with_is_refused_and_leaves_nothing(office: Office) -> None:
    other = Brought(kind="list", list_type="unpaid-migrant-wages")
    with pytest.raises(RefusedError):
        office.bring(cells(1), brought=other)
    assert list((office.desk.folder / FOLDER).iterdir()) == []


def similar(row: int) -> dict[str, str]:
    """A row under another number, whose record is spelt like that of another row."""
    return cells(row, 案号=f"（2026）川05执{row:03}号", 记录编号=f"R{row}9")


def test_im10_a_word_about_rows_is_about_those_that_waited_when_they_were_shown(
    office: Office,
) -> None:
    """One row waited, and two persons said that it is right; then another record was repaired."""
    desk = office.desk
    desk.take(cells(1), cells(2))
    desk.relieve(1)
    tried = office.bring(similar(1), similar(2))
    number = tried["import"]
    assert tried["result"]["decisions"] == {"held-similar-relieved": 1, "listed": 1}
    asked = office.imports.word(number, "rows", ["two-records"], "两份文书")
    office.say(office.say(asked, FIRST), SECOND)
    desk.relieve(2)
    done = Office(desk).publish(number)["result"]
    assert done["decisions"] == {"held-similar-relieved": 1, "listed": 1}
    assert [(one["row"], one["code"]) for one in done["held"]] == [(3, SIMILAR)]
