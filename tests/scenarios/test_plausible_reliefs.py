"""Reliefs must agree with what they end (F21, F22, F56), and may name any list of this node (F23).

Covers federation/relief/rules.py and node/publishing/relisting.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.errors import RefusedError
from federation.ids import Date, MemberId, StatementId, Timestamp
from federation.payloads import RelistingGround
from federation.reconcile.catalog import Catalog
from federation.rows import State
from federation.statements import AnnotationAction, Kind
from node.directory.config import SourceSection
from tests.support.catalogs import catalog_of, edition_text
from tests.support.tables import AUTHORITIES, TableDesk, city

SAFETY = """\
format: 1
id: safety
title: 矿山安全严重失信主体名单
list_type: work-safety
tier: severe
fields:
  code: [统一社会信用代码]
  name: [单位名称]
  authority_name: [信息报送机关]
  document: [文书号]
  decided_on: [列入日期]
  publish_until: [截止日期]
row_key: {fields: [code, document]}
defaults: {basis: 《中华人民共和国安全生产法》}
publication: {shortest_months: 12, longest_months: 36}
"""
LISTED = {
    "统一社会信用代码": "91510502YY77080538",
    "单位名称": "泸州示例试件805号商贸有限公司（演示）",
    "信息报送机关": "泸州市应急管理局",
    "文书号": "泸应急罚〔2026〕805号",
    "列入日期": "2026-03-05",
    "截止日期": "2029-03-05",
}
MARKET = {
    "统一社会信用代码": "91510504YY0500006Y",
    "企业名称": "泸州示例盐都建筑工程有限公司（演示）",
    "作出决定机关": "泸州市市场监督管理局",
    "列入决定书文号": "泸市监严列〔2024〕1号",
    "列入原因": "提交虚假材料取得公司登记",
    "列入日期": "2024-11-26",
    "公示截止日期": "2027-11-26",
}
RELIEF = {
    "统一社会信用代码": MARKET["统一社会信用代码"],
    "名称": MARKET["企业名称"],
    "名单类型": "严重违法失信名单",
    "认定单位": "泸州市市场监督管理局",
    "列入文书号": MARKET["列入决定书文号"],
    "修复决定文书号": "泸市监严移〔2026〕1号",
    "修复日期": "2026-11-20",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TableDesk]:
    (tmp_path / "safety.yaml").write_text(SAFETY, "utf-8")
    made = TableDesk(city(tmp_path)["510500"], tmp_path)
    yield made
    made.writer.close()
    made.node.store.close()


def test_f21_f22_an_implausible_relief_is_refused(desk: TableDesk) -> None:
    assert desk.take(MARKET, list_type="market-severe-violation")["published"] == 1
    result = desk.publish("relief-implausible.csv", kind="repair")
    assert (result["published"], result["faults"]) == (0, {"relief.name-differs": 1})
    named = RELIEF | {"修复日期": "2023-01-01"}
    result = desk.take(named, name="relief.csv", kind="repair")
    assert (result["published"], result["faults"]) == (0, {"relief.before-listing": 1})
    assert desk.states() == [State.ACTIVE]


@pytest.mark.parametrize("name", [MARKET["企业名称"], "", "泸州示例盐都建筑工程有限公司 (演示)"])
def test_f21_a_name_that_agrees_or_is_not_there_relieves(desk: TableDesk, name: str) -> None:
    desk.take(MARKET, list_type="market-severe-violation")
    result = desk.take(RELIEF | {"名称": name}, name="relief.csv", kind="repair")
    assert result["decisions"] == {"relieved": 1}
    assert desk.states() == [State.REPAIRED]


def test_f22_holds_at_every_door(desk: TableDesk) -> None:
    desk.take(MARKET, list_type="market-severe-violation")
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        (listed,) = session.rows_between(head.log, 0, 1)
    submission = desk.node.registry.relieve(
        "0" * 32,
        kind=Kind.WITHDRAWAL,
        statement_id=StatementId(listed.statement_id),
        document="泸市监撤〔2024〕1号",
        decided_on=Date(20241125),
    )
    with pytest.raises(RefusedError) as caught:
        desk.writer.publish(submission.unit).result()
    assert caught.value.code == "relief.before-listing"
    assert "≥ 20241126, got 20241125" in str(caught.value)


def test_f21_f22_f23_hold_for_rows_of_an_inbox(desk: TableDesk) -> None:
    """As for a file: refused with what was expected, and any list of this node may be named."""
    assert desk.take(MARKET, list_type="market-severe-violation")["published"] == 1

    def answer(**changes: str) -> tuple[str, str]:
        found = desk.intake.rows.take("city/1", "desk", "repair", "", {1: RELIEF | changes})[1]
        assert found is not None
        return found.code or found.outcome, found.message

    code, message = answer(名称="别家公司（演示）")
    assert (code, MARKET["企业名称"] in message) == ("relief.name-differs", True)
    code, message = answer(修复日期="2024-11-25")
    assert (code, "20241126" in message) == ("relief.before-listing", True)
    assert desk.states() == [State.ACTIVE]
    for name in ("market-severe-violation", "严重违法失信名单"):
        assert answer(名单类型=name)[0] in ("relieved", "relieved-before")
    assert desk.states() == [State.REPAIRED]


@pytest.mark.parametrize("file", ["relief-own-list-1.csv", "relief-own-list-2.csv"])
@pytest.mark.parametrize("bound", [True, False])
def test_f23_a_relief_names_a_list_of_a_mapping_of_ones_own(
    desk: TableDesk, file: str, *, bound: bool
) -> None:
    """Of a mapping that is handed in, or of one that another source is bound to."""
    other = SourceSection(
        authorities=AUTHORITIES, list_types=("work-safety",), mapping="safety.yaml"
    )
    chosen = TableDesk(desk.node, desk.folder, sources={"safety": other}) if bound else desk
    mapping = "" if bound else str(desk.folder / "safety.yaml")
    source = "safety" if bound else "desk"
    taken = chosen.take(LISTED, list_type="work-safety", mapping=mapping, source=source)
    assert taken["decisions"] == {"listed": 1}
    result = chosen.publish(file, kind="repair", mapping="" if file.endswith("2.csv") else mapping)
    assert result["decisions"] == {"relieved": 1}
    assert desk.states() == [State.REPAIRED]
    chosen.writer.close()


def test_headings_of_removal_decisions_are_known(desk: TableDesk) -> None:
    desk.take(MARKET, list_type="market-severe-violation")
    removal = {
        "序号": "1",
        "企业名称": MARKET["企业名称"],
        "统一社会信用代码": MARKET["统一社会信用代码"],
        "名单类型": "严重违法失信名单",
        "列入决定书文号": MARKET["列入决定书文号"],
        "作出决定机关（列入）": "泸州市市场监督管理局",
        "移出原因": "满一年已纠正",
        "移出日期": "2026-11-20",
        "移出决定书文号": "泸市监严移〔2026〕1号",
        "作出决定机关（移出）": "泸州市市场监督管理局",
    }
    result = desk.take(removal, name="repair.csv", kind="repair")
    assert result["decisions"] == {"relieved": 1}


# ------------------------------------------------------------------ days that cannot be, or may not

BOOKED = MARKET | {"决定日期": "2024-11-26", "列入日期": "2025-02-01"}
"""Decided, and listed ten weeks later."""
BOOK = """\
format: 1
id: book
title: 严重违法失信名单
list_type: market-severe-violation
tier: severe
fields:
  code: [统一社会信用代码]
  name: [企业名称]
  authority_name: [作出决定机关]
  document: [列入决定书文号]
  decided_on: [决定日期]
  listed_on: [列入日期]
  publish_until: [公示截止日期]
row_key: {fields: [code, document]}
defaults: {basis: 《市场监督管理严重违法失信名单管理办法》}
publication: {shortest_months: 12, longest_months: 36}
"""
TODAY = "2026-11-21"


@pytest.fixture
def booked(desk: TableDesk) -> TableDesk:
    (desk.folder / "book.yaml").write_text(BOOK, "utf-8")
    taken = take_booked(desk, BOOKED)
    assert taken["decisions"] == {"listed": 1}
    return desk


def take_booked(desk: TableDesk, row: dict[str, str]) -> dict[str, Any]:
    mapping = str(desk.folder / "book.yaml")
    return desk.take(row, list_type="market-severe-violation", mapping=mapping)


def listed_id(desk: TableDesk) -> StatementId:
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        return StatementId(session.rows_between(head.log, 0, 1)[0].statement_id)


def by_file(desk: TableDesk, day: str, *, dry_run: bool) -> tuple[str, str]:
    """The code for which a file's row is refused, and what is remarked of it."""
    row = RELIEF | {"修复日期": day}
    result = desk.take(row, name="relief.csv", kind="repair", dry_run=dry_run)
    return "".join(result["faults"]), "".join(result["remarks"])


def by_file_at_once(desk: TableDesk, day: str) -> tuple[str, str]:
    return by_file(desk, day, dry_run=False)


def by_row(desk: TableDesk, day: str) -> tuple[str, str]:
    rows = {1: RELIEF | {"修复日期": day}}
    answer = desk.intake.rows.take(f"city/{day}", "desk", "repair", "", rows)[1]
    assert answer is not None
    return answer.code, "" if answer.code else answer.message


def by_call(desk: TableDesk, day: str, kind: Kind = Kind.REPAIR) -> tuple[str, str]:
    made = desk.node.registry.relieve(
        day.replace("-", "").zfill(32),
        kind=kind,
        statement_id=listed_id(desk),
        document="泸市监严移〔2026〕1号",
        decided_on=Date(int(day.replace("-", ""))),
    )
    try:
        desk.writer.publish(made.unit).result()
    except RefusedError as error:
        return error.code, ""
    return "", made.early


def annotate(desk: TableDesk, action: AnnotationAction, day: int) -> None:
    made = desk.node.registry.annotate(
        f"{action:032x}",
        statement_id=listed_id(desk),
        action=action,
        document="泸市监〔2026〕2号",
        decided_on=Date(day),
    )
    desk.writer.publish(made.unit).result()


SAID = {
    "2024-11-25": ("relief.before-listing", ""),
    "2024-12-01": ("", "relief.before-listed"),
    "2025-02-01": ("", "relief.early"),
    "2025-11-25": ("", "relief.early"),
    "2025-11-26": ("", ""),
    TODAY: ("", ""),
    "2026-11-22": ("", ""),  # a day's tolerance
    "2026-11-23": ("date.future", ""),
}
"""By the day of a repair: why it is refused at every door, or what is remarked of it."""
WORDS = {"relief.before-listed": "早于列入之日", "relief.early": "早于最短公示期", "": ""}


@pytest.mark.parametrize("day", SAID)
def test_f22_f56_every_door_says_the_same_of_a_repairs_day(booked: TableDesk, day: str) -> None:
    """What cannot be is refused with the reason; what may be a slip is told, and relieves."""
    code, early = SAID[day]
    refused, remarked = by_file(booked, day, dry_run=True)
    assert (refused, WORDS[early] in remarked, bool(remarked)) == (code, True, bool(early))
    assert booked.states() == [State.ACTIVE]
    door = list(SAID).index(day) % 3
    if door == 0:
        assert by_call(booked, day) == (code, early)
    else:
        said = by_file(booked, day, dry_run=False) if door == 1 else by_row(booked, day)
        assert (said[0], WORDS[early] in said[1], bool(said[1])) == (code, True, bool(early))
    assert booked.states() == [State.ACTIVE if code else State.REPAIRED]


@pytest.mark.parametrize("door", [by_call, by_row])
def test_f22_a_day_to_come_is_refused_at_every_other_door_too(
    booked: TableDesk, door: Callable[[TableDesk, str], tuple[str, str]]
) -> None:
    assert door(booked, "2026-11-23") == ("date.future", "")
    assert booked.states() == [State.ACTIVE]


@pytest.mark.parametrize("door", [by_call, by_row, by_file_at_once])
def test_f22_a_clock_that_was_set_back_keeps_no_relief_out(
    booked: TableDesk, door: Callable[[TableDesk, str], tuple[str, str]]
) -> None:
    """Once any member was heard whose clock has reached the day; what punishes has to wait."""
    day = "2026-12-20"
    assert booked.node.clock.today() == 20261121
    assert door(booked, day) == ("date.future", "")
    booked.node.trusted.heard(MemberId("510300"), Timestamp(1_797_696_000))  # 2026-12-20
    assert door(booked, "2026-12-25") == ("date.future", "")
    to_come = BOOKED | {"决定日期": day, "列入决定书文号": "泸市监严列〔2026〕9号"}
    assert take_booked(booked, to_come)["faults"] == {"date.future": 1}
    annotate(booked, AnnotationAction.PAUSED, 20261220)
    with pytest.raises(RefusedError) as caught:
        annotate(booked, AnnotationAction.RESUMED, 20261220)
    assert caught.value.code == "date.future"
    assert door(booked, day) == ("", "")
    assert booked.states() == [State.REPAIRED]


def test_f56_a_withdrawal_waits_for_no_period(booked: TableDesk) -> None:
    assert by_call(booked, "2024-12-01", Kind.WITHDRAWAL) == ("", "")
    assert booked.states() == [State.WITHDRAWN]


def test_f56_a_confirmed_entry_of_the_catalog_has_a_shortest_period_too() -> None:
    def known(certainty: str) -> Catalog:
        return catalog_of(edition_text(shortest_months=12, certainty=certainty))

    for certainty, months in (("C", 12), ("M", 0)):
        assert known(certainty).shortest_months("judgment-defaulter", Date(20260105)) == months
    assert known("C").shortest_months("unheard-of", Date(20260105)) == 0


@pytest.mark.parametrize("action", AnnotationAction)
def test_f22_nothing_is_annotated_by_a_decision_of_a_day_to_come(
    booked: TableDesk, action: AnnotationAction
) -> None:
    with pytest.raises(RefusedError) as caught:
        annotate(booked, action, 20261123)
    assert caught.value.code == "date.future"


@pytest.mark.parametrize(
    ("day", "code"), [(20260930, "relisting.before-relief"), (20261123, "date.future")]
)
def test_nobody_is_relisted_by_a_decision_before_the_relief_or_of_a_day_to_come(
    booked: TableDesk, day: int, code: str
) -> None:
    by_call(booked, "2026-10-01")
    with booked.node.store.read() as session:
        (relief,) = session.rows_about([listed_id(booked)])

    def relisted(on: int) -> None:
        made = booked.node.registry.relist(
            f"{on:032x}"[::-1],
            relief=StatementId(relief.statement_id),
            document="泸市监恢〔2026〕1号",
            decided_on=Date(on),
            ground=RelistingGround.FRAUD,
            by=("示例人甲", "示例人乙"),
            note="",
        )
        booked.writer.publish(made.unit).result()

    with pytest.raises(RefusedError) as caught:
        relisted(day)
    assert (caught.value.code, booked.states()) == (code, [State.REPAIRED])
    relisted(20261001)


def test_m6_a_row_listed_before_its_decision_names_the_column(desk: TableDesk) -> None:
    (desk.folder / "book.yaml").write_text(BOOK, "utf-8")
    result = take_booked(desk, BOOKED | {"列入日期": "2024-11-25"})
    assert (result["published"], desk.faults(result)) == (0, [(2, "列入日期", "date.order")])
