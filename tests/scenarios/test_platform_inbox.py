"""Rows of a platform's inbox through the intake into the log, and the answers beside them.

Covers node/intake/answers.py, node/intake/inbox_tally.py, node/intake/rows.py,
node/platform/desk.py, node/platform/inbox_job.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, make_url

from adapters.files.errors import MappingError
from adapters.platform.errors import PlatformError
from adapters.platform.inbox import Answer, InboxRow
from crypto.keys import KeyType, Signer
from federation.errors import RefusedError
from federation.ids import Date, MemberId, Timestamp
from federation.intake import feed
from federation.intake.feed import ONE_SUBJECT
from federation.persons import Sort, Word, inbox_body, join_word, read_word, sign_word
from federation.ports.journal import JournalEntry
from federation.rows import State
from federation.statements import Kind
from node.demo.members import LUZHOU, ZIGONG
from node.directory.config import ConfigError, parse_config
from node.intake.answers import refusal
from node.persons.roster import Persons
from node.platform import inbox_job
from node.platform.desk import PlatformDesk
from node.platform.inbox_job import InboxTaking
from node.reconcile.signature_check import check_words
from node.system.failpoints import Failpoints
from tests.support.crash_checks import rows_of
from tests.support.days import REPAIRED
from tests.support.exchange_tables import change, laid, lay, make_tables
from tests.support.federation_dirs import (
    COURT_NAME,
    LIST_TYPE,
    WiredNode,
    code_of,
    court_of,
    found,
    inbox_row,
    list_row,
    name_of,
    repair_row,
)

REGION = LUZHOU.region


@pytest.fixture
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node of each test's own: rows of an exchange database are known to it by their number."""
    made = tmp_path_factory.mktemp("inbox")
    found(made, (LUZHOU,))
    with (made / REGION / "huxin.toml").open("a") as config:
        config.write('\n[platform.city]\nurl = "sqlite:///city.db"\nsources = ["court"]\n')
    return made / REGION


@pytest.fixture
def platform(founded: Path) -> URL:
    """An empty exchange database."""
    path = founded / "city.db"
    url = make_url(f"sqlite:///{path}")
    make_tables(url)
    return url


@pytest.fixture
def node(founded: Path, platform: URL) -> Iterator[WiredNode]:
    assert platform
    opened = WiredNode(founded)
    yield opened
    opened.close()


def said(row: Mapping[str, str]) -> dict[str, str]:
    cells: dict[str, str] = json.loads(row["content"])
    return cells


def answers(platform: URL) -> list[tuple[Any, Any]]:
    return [(row["outcome"], row["code"]) for row in laid(platform)]


def test_rows_are_listed_changed_and_relieved(node: WiredNode, platform: URL) -> None:
    lay(platform, list_row(REGION, 1), list_row(REGION, 2))
    node.job("platform.city")
    assert answers(platform) == [("listed", ""), ("listed", "")]
    ids = [row["statement_id"] for row in laid(platform)]
    assert [row.statement_id.hex() for row in rows_of(node, node.origin)] == ids
    changed = said(list_row(REGION, 1)) | {"告知日期": "2025-12-19"}
    change(platform, 1, json.dumps(changed, ensure_ascii=False))
    lay(platform, repair_row(REGION, 2))
    node.job("platform.city")
    assert answers(platform) == [("corrected", ""), ("listed", ""), ("relieved", "")]
    assert [row["statement_id"] for row in laid(platform)] == [*ids, ids[1]]
    kinds = [row.kind for row in rows_of(node, node.origin)]
    assert kinds == [Kind.LISTING, Kind.LISTING, Kind.REPAIR, Kind.CORRECTION]
    change(platform, 3, repair_row(REGION, 2)["content"])
    change(platform, 2, list_row(REGION, 2)["content"])
    node.job("platform.city")
    assert answers(platform)[1:] == [("relieved-before", ""), ("relieved-before", "")]
    assert len(rows_of(node, node.origin)) == 4


def test_reliefs_are_taken_while_listings_wait_for_members(tmp_path: Path) -> None:
    """A listing that waits holds up nothing behind it, and is not refused."""
    found(tmp_path, (LUZHOU, ZIGONG))
    directory = tmp_path / REGION
    with (directory / "huxin.toml").open("a") as config:
        config.write('\n[platform.city]\nurl = "sqlite:///city.db"\nsources = ["court"]\n')
    platform = make_url(f"sqlite:///{directory / 'city.db'}")
    make_tables(platform)
    before = WiredNode(directory)
    lay(platform, list_row(REGION, 1))
    before.job("platform.city")
    before.close()
    node = WiredNode(directory, asks=True)
    try:
        lay(platform, list_row(REGION, 2), repair_row(REGION, 1))
        node.job("platform.city")
        assert answers(platform) == [("listed", ""), (None, None), ("relieved", "")]
        node.publisher.heard(MemberId(ZIGONG.region), 0)
        node.job("platform.city")
        assert answers(platform)[1] == ("listed", "")
    finally:
        node.close()


def test_f31_of_several_versions_of_a_row_the_newest_counts(node: WiredNode, platform: URL) -> None:
    """All are answered in the same round, however many there are; the others publish nothing."""
    older = list_row(REGION, 90, 记录编号="R11")  # another firm by mistake: never listed
    days = [f"2025-12-{day}" for day in range(10, 31)] * 30
    lay(platform, older, *(list_row(REGION, 11, 告知日期=day) for day in days))
    lay(platform, repair_row(REGION, 11))
    node.job("platform.city")
    *told, relief = laid(platform)
    assert (relief["outcome"], relief["code"]) == ("relieved", "")
    listed = [row for row in told if row["outcome"] != "superseded"]
    assert [row["outcome"] for row in listed] == ["listed", "corrected", "corrected"]
    assert {row["statement_id"] for row in told} == {relief["statement_id"]}
    assert "id 256 " in told[0]["message"] + " "
    kinds = [row.kind for row in rows_of(node, node.origin)]
    assert kinds == [Kind.LISTING, Kind.CORRECTION, Kind.CORRECTION, Kind.REPAIR]
    assert rows_of(node, node.origin)[0].state == State.REPAIRED


def test_f31_a_version_that_is_refused_hides_no_other(founded: Path, platform: URL) -> None:
    """Neither one that cannot be read nor one for which we have no right; each is answered."""
    config = founded / "huxin.toml"
    bound = f'"{COURT_NAME}" = "{court_of(REGION)}"'
    config.write_text(config.read_text().replace(bound, f'{bound}, "另一法院" = "{REGION}-other"'))
    unread = list_row(REGION, 11, 统一社会信用代码="91510500YY9999999Z")
    unentitled = list_row(REGION, 11, 执行法院="另一法院")
    lay(platform, unentitled, *[list_row(REGION, 11)] * 2, unread, unentitled)
    node = WiredNode(founded)
    try:
        node.job("platform.city")
        no_right = ("refused", "entitlement.authority")
        assert answers(platform) == [
            no_right,
            ("superseded", ""),
            ("listed", ""),
            ("refused", "identity.code-alphabet"),
            no_right,
        ]
    finally:
        node.close()


def test_f31_one_record_by_several_keys_stands_once(node: WiredNode, platform: URL) -> None:
    keys = ("R11", "R12", "R13", "R12")
    lay(platform, *(list_row(REGION, 11, 记录编号=key) for key in keys))
    node.job("platform.city")
    assert [outcome for outcome, _ in answers(platform)] == [
        "listed",
        "superseded",
        "exists",
        "exists",
    ]
    assert len(rows_of(node, node.origin)) == 1


def test_f31_a_relief_said_again_and_again_is_said_once(node: WiredNode, platform: URL) -> None:
    lay(platform, list_row(REGION, 12))
    node.job("platform.city")
    (listed,) = laid(platform)
    wrong = said(repair_row(REGION, 12)) | {"名称": "另一企业（演示）"}
    by_id = {
        "声明编号": listed["statement_id"],
        "修复决定文书号": "川修〔2026〕12号",
        "修复日期": REPAIRED.isoformat(),
    }
    lay(platform, inbox_row("repair", wrong), *[repair_row(REGION, 12)] * 3)
    lay(platform, inbox_row("repair", by_id))
    node.job("platform.city")
    assert answers(platform)[1:] == [
        ("refused", "relief.name-differs"),
        ("relieved", ""),
        ("relieved-before", ""),
        ("relieved-before", ""),
        ("relieved-before", ""),
    ]
    assert len(rows_of(node, node.origin)) == 2


def test_what_is_wrong_with_a_row_is_answered(node: WiredNode, platform: URL) -> None:
    size = len(rows_of(node, node.origin))
    lay(
        platform,
        list_row(REGION, 21, 统一社会信用代码="91510500YY9999999Z"),
        list_row(REGION, 22, 执行法院="别处的法院"),
        {**list_row(REGION, 23), "content": "[]"},
        {**list_row(REGION, 24), "source": "tax"},
        {**list_row(REGION, 25), "kind": "scenario"},
        {**list_row(REGION, 26), "list_type": "major-tax-violation"},
        repair_row(REGION, 27),
        inbox_row("list", {"名称": "无表头"}),
    )
    node.job("platform.city")
    assert [code for _, code in answers(platform)] == [
        "identity.code-alphabet",
        "authority.not-bound",
        "row.malformed",
        "source.not-of-platform",
        "kind.unknown",
        "source.list-not-bound",
        "relief.no-listing",
        "header.missing",
    ]
    assert {outcome for outcome, _ in answers(platform)} == {"refused"}
    assert code_of(22) not in "".join(row["message"] for row in laid(platform))
    assert len(rows_of(node, node.origin)) == size


def test_f12_holds_for_rows_too(node: WiredNode, platform: URL) -> None:
    size = len(rows_of(node, node.origin))
    lay(
        platform,
        *(list_row(REGION, number, 统一社会信用代码=code_of(31)) for number in range(31, 51)),
    )
    node.job("platform.city")
    assert set(answers(platform)) == {("refused", "mapping.one-subject")}
    assert len(rows_of(node, node.origin)) == size


def desk(node: WiredNode) -> PlatformDesk:
    assert isinstance(node.parts.platforms, PlatformDesk)
    return node.parts.platforms


BOTH = ("示例人甲", "示例人乙")
WHY = "已向法院核对"


def test_two_persons_say_that_rows_do_go_to_one_subject(node: WiredNode, platform: URL) -> None:
    size = len(rows_of(node, node.origin))
    one = {"统一社会信用代码": code_of(71), "被执行人名称": name_of(71)}
    many = [list_row(REGION, number, **one) for number in range(71, 92)]
    wrong = list_row(REGION, 92, 执行法院="别处的法院")
    lay(platform, *many, many[0], wrong)
    node.job("platform.city")
    refused = ("refused", "mapping.one-subject")
    assert answers(platform) == [refused] * 23
    found = desk(node).suspected("city")
    assert [(row["source"], row["count"], row["last"]) for row in found["rows"]] == [
        ("court", 23, 23)
    ]
    change(platform, 21, json.dumps(said(many[20]) | {"告知日期": "2025-12-19"}))
    heard = desk(node).release("city", "court", (" 示例人甲 ", "示例人乙"), WHY)
    assert heard["outcomes"] == {"listed": 20, "refused": 1, "superseded": 1}
    assert answers(platform) == [
        ("superseded", ""),
        *[("listed", "")] * 19,
        (*refused,),
        ("listed", ""),
        ("refused", "authority.not-bound"),
    ]
    assert len(rows_of(node, node.origin)) == size + 20
    (waits,) = [row for row in laid(platform) if row["answered_at"] is None]
    assert waits["id"] == 21
    node.job("platform.city")
    assert answers(platform)[20] == ("listed", "")
    after = desk(node).suspected("city")
    assert after["rows"] == []
    (word,) = after["said"]
    assert (word["persons"], word["source"], word["reason"]) == (list(BOTH), "court", WHY)
    assert word["rows"] == 22
    again = desk(node).release("city", "court", BOTH, WHY)
    assert again["outcomes"] == {}
    assert len(desk(node).suspected("city")["said"]) == len(after["said"])


HELD_ROWS = {
    "relief.similar": {"案号": "（2026）川05执001号", "记录编号": "R9"},
    "feed.relieved-row": {"案号": "（2026）川05执999号"},
}
HELD_WORDS = {
    "relief.similar": "held-similar-relieved",
    "feed.relieved-row": "held-relieved-row",
}


@pytest.mark.parametrize("code", HELD_ROWS)
def test_two_persons_release_rows_that_were_held_after_a_relief(
    node: WiredNode, platform: URL, code: str
) -> None:
    first = {"案号": "（2026）川05执1号", "记录编号": "R1"}
    lay(platform, list_row(REGION, 1, **first))
    node.job("platform.city")
    relief = said(repair_row(REGION, 1)) | {"列入文书号": first["案号"]}
    lay(platform, inbox_row("repair", relief))
    node.job("platform.city")
    lay(platform, list_row(REGION, 1, **first | HELD_ROWS[code]))
    node.job("platform.city")
    assert answers(platform)[1:] == [("relieved", ""), (HELD_WORDS[code], code)]
    (waits,) = desk(node).suspected("city")["rows"]
    assert (waits["code"], waits["count"], waits["first"]) == (code, 1, 3)
    assert desk(node).release("city", "court", BOTH, WHY)["outcomes"] == {}
    for by, why in ((("示例人甲", "示例人甲 "), WHY), (BOTH, " ")):
        with pytest.raises(RefusedError) as told:
            desk(node).release("city", "court", by, why, code=code)
        assert told.value.code == "rows.two-persons"
    assert answers(platform)[2] == (HELD_WORDS[code], code)
    assert desk(node).release("city", "court", BOTH, WHY, code=code)["outcomes"] == {"listed": 1}
    assert answers(platform)[2] == ("listed", "")
    (word,) = desk(node).suspected("city")["said"]
    assert (word["code"], word["persons"], word["rows"]) == (code, list(BOTH), 1)
    with node.store.read() as session:
        apart = session.last_entry("told-apart")
    assert apart is not None
    assert json.loads(apart.body)["by"] == sorted(BOTH)


def test_rows_are_signed_as_they_stand(
    node: WiredNode, platform: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """V9: what these persons have not seen, or what was changed since, is none of it."""
    signers = [Signer(name=n, type=KeyType.NOTE, seed=n.encode()[:1] * 32) for n in ("zhang", "li")]
    keys = {signer.name: str(signer.verifier) for signer in signers}
    clock = node.parts.clock
    persons = Persons(origin=node.origin, configured=keys, now=clock.now)
    monkeypatch.setattr(desk(node), "_persons", persons)
    one = {"统一社会信用代码": code_of(171), "被执行人名称": name_of(171)}
    many = [list_row(REGION, number, **one) for number in range(171, 215)]
    lay(platform, *many[:20])
    node.job("platform.city")

    def sign(digest: str, code: str = ONE_SUBJECT, why: str = WHY) -> str:
        body = inbox_body(platform="city", source="court", code=code, rows=digest, reason=why)
        word = Word(origin=node.origin, sort=Sort.INBOX, at=clock.now(), body=body)
        return join_word(sign_word(word, signers[0]), signers[1])

    def digest() -> str:
        (found,) = desk(node).suspected("city")["rows"]
        return str(found["digest"])

    def release(note: str) -> Mapping[str, int]:
        outcomes: Mapping[str, int] = desk(node).release(
            "city", "court", tuple(keys), WHY, note=note
        )["outcomes"]
        return outcomes

    before = digest()
    lay(platform, *many[20:42])
    node.job("platform.city")
    seen = digest()
    assert seen != before
    for note, code in (
        ("", "person.unsigned"),
        (sign(before), "person.other-words"),
        (sign(seen, code="relief.similar"), "person.other-words"),
        (sign(seen, why="另一理由"), "person.other-words"),
    ):
        with pytest.raises(RefusedError) as told:
            release(note)
        assert told.value.code == code
    good = sign(seen)
    taking = desk(node)._platforms.inbox("city")[1]
    take_again = taking.take_again

    def laid_meanwhile(*what: Any) -> Any:
        """More rows are refused between what persons signed and its publication."""
        assert what[1].said_at == read_word(good).at
        lay(platform, *many[42:])
        with sqlite3.connect(str(platform.database)) as database:
            database.execute(
                "UPDATE huxin_inbox SET outcome = 'refused', code = ?, "
                "answered_at = '2026-11-21 08:00:00' WHERE id > 42",
                (ONE_SUBJECT,),
            )
        return take_again(*what)

    monkeypatch.setattr(taking, "take_again", laid_meanwhile)
    assert release(good) == {"listed": 42}
    assert answers(platform)[42:] == [("refused", ONE_SUBJECT)] * 2
    with pytest.raises(RefusedError) as told:
        release(good)
    assert told.value.code == "person.other-words"
    with node.store.read() as session:
        assert good in session.words()
        checked = list(check_words(session, persons, persons.keys))
    assert [(one["about"], one["result"]) for one in checked if one["sort"] == "inbox"] == [
        ("city/court", "signed")
    ]


@pytest.mark.parametrize(
    ("name", "source", "code"),
    [
        ("nothing", "court", "platform.no-inbox"),
        ("city", "tax", "source.not-of-platform"),
        ("city", "court", "rule.unknown"),
    ],
)
def test_words_that_are_not_heard(node: WiredNode, name: str, source: str, code: str) -> None:
    with pytest.raises(RefusedError) as told:
        desk(node).release(
            name, source, BOTH, WHY, code="x.y" if code == "rule.unknown" else ONE_SUBJECT
        )
    assert told.value.code == code


def test_what_one_person_said_before_is_shown(node: WiredNode, platform: URL) -> None:
    """As it was kept while one was enough."""
    said = {"platform": "city", "source": "court", "person": "示例人甲", "rows": [1]}
    entry = JournalEntry(at=Timestamp(7), kind="one-subject", body=json.dumps(said))
    with node.store.write() as session:
        session.append_journal([entry])
    assert desk(node).suspected("city")["said"] == [
        {
            "at": 7,
            "persons": ["示例人甲"],
            "source": "court",
            "code": ONE_SUBJECT,
            "reason": "",
            "rows": 1,
        }
    ]
    assert answers(platform) == []


def test_refused_rows_count_in_the_quality_until_they_are_taken(
    node: WiredNode, platform: URL
) -> None:
    before = figures(node)
    lay(
        platform,
        list_row(REGION, 101, 统一社会信用代码="91510500YY9999999Z", 失信决定日期="2026-02-30"),
        {**list_row(REGION, 102), "content": "[]"},
        {**list_row(REGION, 103), "source": "tax"},
        repair_row(REGION, 104),
        inbox_row("repair", {"名称": "无表头"}),
        {**repair_row(REGION, 105), "content": "[]"},
        list_row(REGION, 106),
    )
    ids = {number: row["id"] for number, row in enumerate(laid(platform)[-7:], start=1)}
    node.job("platform.city")
    now = figures(node)
    court, reliefs, nobody = ("court", LIST_TYPE), ("court", ""), ("", "")
    assert now[court]["refused"] - before.get(court, NONE)["refused"] == 2
    assert now[court]["wrong_codes"] - before.get(court, NONE)["wrong_codes"] == 1
    assert now[reliefs]["reliefs_refused"] - before.get(reliefs, NONE)["reliefs_refused"] == 3
    assert now[reliefs]["reported"] == 0
    assert now[nobody]["refused"] - before.get(nobody, NONE)["refused"] == 1
    told = {
        (fault["row"], fault["reason"], fault["outcome"])
        for group in (court, reliefs, nobody)
        for fault in now[group]["faults"]
        if fault["platform"] == "city" and fault not in before.get(group, NONE)["faults"]
    }
    assert told == {
        (ids[1], "identity.code-alphabet", "refused"),
        (ids[1], "date.calendar", "refused"),
        (ids[2], "row.malformed", "refused"),
        (ids[3], "source.not-of-platform", "refused"),
        (ids[4], "relief.no-listing", "relief-refused"),
        (ids[5], "field.missing", "relief-refused"),
        (ids[6], "row.malformed", "relief-refused"),
    }
    change(platform, ids[1], list_row(REGION, 101)["content"])
    change(platform, ids[6], repair_row(REGION, 106)["content"])
    node.job("platform.city")
    mended = figures(node)
    assert mended[court]["refused"] == now[court]["refused"] - 1
    assert mended[court]["reported"] == now[court]["reported"]
    assert mended[reliefs]["reliefs_refused"] == now[reliefs]["reliefs_refused"] - 1


def test_what_was_refused_is_known_after_a_restart(founded: Path, platform: URL) -> None:
    lay(platform, {**list_row(REGION, 111), "id": "500", "content": "[]"})
    first = WiredNode(founded)
    before = figures(first).get(("court", LIST_TYPE), NONE)["refused"]
    first.job("platform.city")
    first.close()
    change(platform, 500, list_row(REGION, 111)["content"])
    second = WiredNode(founded)
    try:
        assert figures(second)["court", LIST_TYPE]["refused"] == before + 1
        second.job("platform.city")
        assert figures(second)["court", LIST_TYPE]["refused"] == before
    finally:
        second.close()


NONE: dict[str, Any] = {
    "refused": 0,
    "reliefs_refused": 0,
    "reported": 0,
    "wrong_codes": 0,
    "faults": [],
}


def figures(node: WiredNode) -> dict[tuple[str, str], dict[str, Any]]:
    found = node.parts.quality.quality(Date(19490101), Date(29991231), records=True)
    return {(row["source"], row["list_type"]): row for row in found["rows"]}


def test_an_inbox_that_cannot_be_read_is_named_and_caught_up(
    node: WiredNode, platform: URL, founded: Path
) -> None:
    aside = founded / "aside.db"
    lay(platform, list_row(REGION, 61))
    (founded / "city.db").rename(aside)
    node.job("platform.city")
    assert "platform.refused" in node.problems()  # a database without tables
    aside.rename(founded / "city.db")
    node.job("platform.city")
    assert answers(platform) == [("listed", "")]
    assert "platform.refused" not in node.problems()


def test_a_platform_speaks_for_known_sources_only() -> None:
    text = (
        '[node]\nregion = "510500"\nname = "泸州"\norigin = "510500.huxin.example/1"\n'
        '[platform.city]\nurl = "sqlite:///city.db"\nsources = ["court"]\n'
    )
    with pytest.raises(ConfigError, match=r"platform\.city\.sources"):
        parse_config(text, Path("/n"))


# ---------------------------------------------------------------- the job alone


SOURCES = ("court", "wages")


class Faulty:
    """An inbox and an intake that fail as ordered."""

    def __init__(self, rows: Sequence[InboxRow]) -> None:
        self.rows = list(rows)
        self.read: Exception | None = None
        self.publish: Exception | None = None
        self.asked: list[tuple[str, ...]] = []
        self.taken: list[tuple[str, str, int]] = []
        self.published = True

    def waiting(
        self,
        kinds: Sequence[str],
        most: int,
        *,
        after: int = 0,
        among: Sequence[str] = (),
        but: Sequence[str] = (),
    ) -> list[InboxRow]:
        if self.read is not None:
            raise self.read
        self.asked.append(tuple(kinds))
        return [
            row
            for row in self.rows
            if row.id > after
            and (not kinds or row.kind in kinds)
            and (not among or row.source in among)
            and row.source not in but
        ][:most]

    def refused(
        self, _code: str, _sources: Sequence[str], after: int, _most: int
    ) -> list[InboxRow]:
        return [row for row in self.rows if row.id > after]

    def answer(self, given: Sequence[tuple[InboxRow, Answer]], _instead_of: str = "") -> int:
        for row, _ in given:
            self.rows.remove(row)
        return len(given)

    def take(
        self,
        _batch: str,
        source: str,
        kind: str,
        list_type: str,
        rows: Mapping[int, Any],
        *,
        said: feed.Word | None = None,
    ) -> dict[int, Answer]:
        assert said is None
        if self.publish is not None and (source, kind, list_type) == ("court", "list", ""):
            raise self.publish
        self.taken.append((source, kind, len(rows)))
        if kind == "list":
            self.published = True
        elif any(cells.get("poison") for cells in rows.values()):
            raise ValueError(rows)
        elif not self.published:
            return dict.fromkeys(rows, refusal("relief.no-listing", "none here"))
        return dict.fromkeys(rows, Answer(outcome="listed"))

    def group(self, source: str, _kind: str, list_type: str) -> tuple[str, str]:
        return source, list_type

    def note(
        self, _platform: str, group: tuple[str, str], _kind: str, answers: Mapping[int, Any]
    ) -> None:
        assert (group[0] in (*SOURCES, ""), bool(answers)) == (True, True)


def rows(
    count: int, *, first: int = 1, source: str = "court", kind: str = "list", content: str = "{}"
) -> list[InboxRow]:
    return [
        InboxRow(id=number, source=source, kind=kind, list_type="", content=content)
        for number in range(first, first + count)
    ]


def taking(faulty: Faulty, *, short: bool = False) -> InboxTaking:
    return InboxTaking(
        name="city",
        sources=SOURCES,
        inbox=faulty,
        intake=faulty,
        tally=faulty,
        short=lambda: short,
        failpoints=Failpoints(),
    )


@pytest.mark.parametrize(
    ("read", "publish", "code"),
    [
        (PlatformError("platform.unreachable", "as ordered"), None, "platform.unreachable"),
        (None, RefusedError("charter.none", "as ordered"), "charter.none"),
    ],
)
def test_what_cannot_be_taken_waits(
    read: Exception | None, publish: Exception | None, code: str
) -> None:
    faulty = Faulty(rows(2))
    job = taking(faulty)
    faulty.read, faulty.publish = read, publish
    assert (job.run(), job.fault, len(faulty.rows)) == (0, code, 2)
    faulty.read = faulty.publish = None
    assert (job.run(), job.fault, len(faulty.rows)) == (2, "", 0)


def test_relief_does_not_wait_behind_a_list_that_must() -> None:
    repair = InboxRow(id=9, source="court", kind="repair", list_type="", content="{}")
    faulty = Faulty([*rows(2), repair])
    faulty.publish = RefusedError("own-log.unanswered", "as ordered")
    job = taking(faulty)
    assert (job.run(), job.fault, faulty.rows) == (1, "own-log.unanswered", rows(2))


def test_while_the_disk_is_short_only_what_relieves_is_asked_for() -> None:
    faulty = Faulty([])
    taking(faulty, short=True).run()
    assert faulty.asked == [("repair", "withdrawal", "annotation")]


def test_more_rows_than_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_job, "BATCH", 4)
    assert taking(Faulty(rows(9))).run() == 9


def test_what_must_wait_of_one_source_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mapping that is missing, with more rows before the others than are read at a time."""
    monkeypatch.setattr(inbox_job, "BATCH", 4)
    wages = rows(9, first=100, source="wages")
    behind = [replace(row, list_type="another") for row in rows(2, first=50)]
    faulty = Faulty([*rows(9), *behind, *wages, *rows(1, first=200, source="tax")])
    faulty.publish = MappingError("mapping.unknown", "court: no mapping file")
    job = taking(faulty)
    assert (job.run(), job.fault, faulty.rows) == (12, "mapping.unknown", rows(9))
    assert "1 of" in job.message


def test_reliefs_of_all_sources_come_first_and_a_flood_of_them_starves_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox_job, "BATCH", 4)
    faulty = Faulty(
        [
            *rows(40),
            *rows(40, first=100, kind="repair"),
            *rows(2, first=200, source="wages"),
            *rows(2, first=300, source="wages", kind="withdrawal"),
        ]
    )
    assert taking(faulty).run() == 84
    assert faulty.taken[:4] == [
        ("court", "repair", 4),
        ("wages", "withdrawal", 2),
        ("court", "list", 4),
        ("wages", "list", 2),
    ]


def test_a_relief_that_nobody_can_read_keeps_no_other_waiting() -> None:
    poisoned = rows(1, first=2, kind="repair", content='{"poison": "1"}')
    faulty = Faulty([*rows(1, kind="repair"), *poisoned, *rows(1, first=3, kind="repair")])
    job = taking(faulty)
    assert (job.run(), job.fault, faulty.rows) == (2, "job.failed", poisoned)


def test_a_relief_waits_for_the_listing_that_waits_before_it() -> None:
    relief = rows(1, first=5, kind="repair")
    faulty = Faulty([*rows(1), *relief])
    faulty.published = False
    faulty.publish = MappingError("mapping.unknown", "court: no mapping file")
    job = taking(faulty)
    assert (job.run(), faulty.rows) == (0, [*rows(1), *relief])
    faulty.publish = None
    assert (job.run(), faulty.rows) == (2, [])
    faulty.rows, faulty.published = list(relief), False
    assert (job.run(), faulty.rows) == (1, [])


@pytest.mark.parametrize("content", ['{"a\\ud800": "x"}', '{"a": "\\udc00"}', '{"a": "\\u0000"}'])
def test_what_no_database_can_keep_is_malformed(content: str) -> None:
    (row,) = rows(1, content=content)
    assert row.cells() is None
