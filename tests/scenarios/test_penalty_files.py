"""A department's table of 行政处罚 as PENALTYs: noted elsewhere, corrected, repaired by a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.files.tables import DEFAULT_LIMITS
from federation.ids import Origin
from federation.payloads import PENALTY_LIST_TYPE, Penalty, PenaltyGrade
from federation.rows import State
from federation.statements import Kind
from node.directory.config import FilesSection, SourceSection
from node.intake.files import Intake
from node.intake.row_words import RowHearing
from node.log.writer import Writer
from node.system.entropy import token
from tests.scenarios.test_intake import COURT_NAME, Desk, code
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.desks import records_of
from tests.support.simulation import Federation, SimNode

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"
ENTRIES = ["administrative-penalty-ordinary", "administrative-penalty-serious", build.COURT_LIST]


class PenaltyDesk(Desk):
    """A desk whose source gives penalties."""

    def __init__(self, node: SimNode, folder: Path) -> None:
        super().__init__(node, folder)
        self.writer = Writer(node.publisher, node.exchange.published, 64)
        source = SourceSection(
            authorities={COURT_NAME: build.COURT}, list_types=(PENALTY_LIST_TYPE,)
        )
        self.intake = Intake(
            directory=folder,
            files=FilesSection(sources={"penalties": source}),
            limits=DEFAULT_LIMITS,
            store=node.store,
            writer=self.writer,
            registry=node.registry,
            statements=node.statements,
            tagger=node.keyring,
            now=node.clock.now,
            token=token,
            today=node.clock.today,
            failpoints=node.failpoints,
            hearing=RowHearing(
                persons=node.persons, store=node.store, writer=self.writer, now=node.clock.now
            ),
            catalog=lambda: catalog_of(edition_text(lists=ENTRIES)),
        )


def row(number: int, **changes: str) -> dict[str, str]:
    made = {
        "行政相对人名称": f"示例企业{number}有限公司（演示）",
        "行政相对人类别": "法人及非法人组织",
        "统一社会信用代码": code(number),
        "法定代表人": "示例人甲",
        "行政处罚决定书文号": f"泸示罚〔2026〕{number}号",
        "违法行为类型": "示例行为",
        "违法事实": "示例事实",
        "处罚依据": "演示条例第一条",
        "处罚类别": "罚款、警告",
        "罚款金额（万元）": "1.5",
        "处罚决定日期": "2026-06-21",
        "公示截止期": "2027-06-21",
        "处罚机关": COURT_NAME,
        "失信程度": "一般",
    }
    return made | changes


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    for node in made.nodes.values():
        node.catalog = catalog_of(edition_text(lists=ENTRIES))
    return made


def reconciled(federation: Federation) -> None:
    federation.settle()
    for node in federation.nodes.values():
        node.reconcile()


def penalties(node: SimNode, origin: Origin) -> list[tuple[Penalty, str]]:
    """Penalties of a log as a node has them: what is in force, and how it stands."""
    found = []
    with node.store.read() as session:
        head = session.head(origin)
        assert head is not None
        for row in session.rows_between(head.log, 0, head.size):
            if row.kind != Kind.PENALTY:
                continue
            payload = node.statements.payload(session, origin, row)
            assert isinstance(payload, Penalty)
            found.append((payload, State(row.state).name.lower()))
    return found


def test_a_table_of_penalties_lives_everywhere(federation: Federation, tmp_path: Path) -> None:
    city, peer = federation[CITY], federation[PEER]
    desk = PenaltyDesk(city, tmp_path / "desk")
    given = {"list_type": PENALTY_LIST_TYPE}
    minor, person = row(3, 失信程度="轻微"), row(4, 行政相对人类别="自然人")
    first = desk.take(row(1), row(2, 失信程度="严重"), minor, person, **given)
    assert (first["published"], first["refused_rows"]) == (2, 2)
    assert first["faults"] == {"penalty.not-exchanged": 1, "subject.natural-person": 1}
    assert first["dropped_cells"] == {"法定代表人": 4}
    again = desk.take(row(1), row(2, 失信程度="严重"), **given)
    assert again["decisions"] == {"unchanged": 2}
    changed = desk.take(row(1, 违法事实="示例事实，已核"), **given)
    assert changed["decisions"] == {"corrected": 1}
    reconciled(federation)
    found = penalties(peer, city.origin)
    assert [(one.grade, one.fine, one.categories, state) for one, state in found] == [
        (PenaltyGrade.ORDINARY, 1_500_000, ("罚款", "警告"), "active"),
        (PenaltyGrade.SERIOUS, 1_500_000, ("罚款", "警告"), "active"),
    ]
    listings, _ = records_of(peer).list("", "", "", 100, "")
    assert not listings
    relief = {
        "行政相对人名称": "示例企业1有限公司（演示）",
        "统一社会信用代码": code(1),
        "处罚机关": COURT_NAME,
        "行政处罚决定书文号": "泸示罚〔2026〕1号",
        "修复决定文书号": "泸示修〔2026〕1号",
        "修复日期": "2026-06-22",
    }
    repaired = desk.take(relief, name="relief.csv", kind="repair", list_type="")
    assert (repaired["published"], repaired["faults"]) == (1, {})
    reconciled(federation)
    assert [state for _, state in penalties(peer, city.origin)] == ["repaired", "active"]
