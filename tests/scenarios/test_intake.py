"""Real files through the intake into the log, on both databases.

Covers node/intake/feeds.py, node/intake/file_ends.py, node/intake/file_rows.py,
node/intake/files.py, node/intake/list_files.py, node/intake/list_meant.py, node/intake/listings.py,
node/intake/planned.py, node/intake/reliefs.py, node/intake/scenarios.py, node/intake/tally.py.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.files.tables import DEFAULT_LIMITS
from federation.errors import RefusedError
from federation.ids import Date
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from federation.uscc import make_uscc, organisation_check
from node.directory.config import FilesSection, SourceSection
from node.intake import tally as intake_tally
from node.intake.files import Intake
from node.intake.mapping_trial import TrialFile
from node.intake.row_words import RowHearing, RowWords
from node.log.writer import Writer
from node.records.records import Records
from node.relief.erasure import Erasures
from node.system.entropy import token
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.catalogs import catalog_of
from tests.support.desks import records_of
from tests.support.simulation import Federation, SimNode
from tests.support.tables import as_seen

Federate = Callable[..., Federation]
HEADER = (
    "记录编号",
    "被执行人姓名/名称",
    "统一社会信用代码",
    "主体类型",
    "法定代表人或者负责人姓名",
    "执行法院",
    "案号",
    "失信行为具体情形",
    "履行情况",
    "失信决定日期",
    "告知日期",
)
COURT_NAME = "泸州市虚构法院（演示）"


def code(number: int) -> str:
    """An invented, valid code."""
    body = f"YY{number:06d}"
    return make_uscc("91510500", body)


def cells(number: int, **changes: str) -> dict[str, str]:
    """A row of the court's file."""
    made = dict.fromkeys(HEADER, "")
    made |= {
        "记录编号": f"R{number:04d}",
        "被执行人姓名/名称": f"示例企业{number}有限公司（演示）",
        "统一社会信用代码": code(number),
        "主体类型": "法人或者其他组织",
        "法定代表人或者负责人姓名": "示例人甲",
        "执行法院": COURT_NAME,
        "案号": f"（2026）川05执{number}号",
        "失信行为具体情形": "违反财产报告制度",
        "履行情况": "全部未履行",
        "失信决定日期": "2026-06-21",
        "告知日期": "2026-05-16",
    }
    return made | changes


class Desk:
    """A department's desk: writes files and has them taken."""

    def __init__(
        self, node: SimNode, folder: Path, *, consent_required: bool = False, **said: Any
    ) -> None:
        self.node = node
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.writer = Writer(node.publisher, node.exchange.published, 64)
        source = SourceSection(
            authorities={COURT_NAME: build.COURT}, list_types=(build.COURT_LIST,), **said
        )
        self.files = FilesSection(sources={"court": source}, consent_required=consent_required)
        self.limits = DEFAULT_LIMITS
        self.catalog = catalog_of()
        self.intake = Intake(
            directory=folder,
            files=self.files,
            limits=self.limits,
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
            catalog=lambda: self.catalog,
        )

    def take(self, *rows: dict[str, str], name: str = "list.csv", **options: Any) -> dict[str, Any]:
        """Write a list file and have it taken."""
        path = self.folder / name
        self.write(path, *rows)
        return self.publish(path, **options)

    @staticmethod
    def write(path: Path, *rows: dict[str, str]) -> None:
        """Write a list file."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)

    def publish(self, path: Path, **options: Any) -> dict[str, Any]:
        """Have a file taken."""
        chosen: dict[str, Any] = {
            "kind": "list",
            "list_type": build.COURT_LIST,
            "mapping": "",
            "dry_run": False,
            "full_snapshot": False,
            "source": "",
            "progress": lambda _: None,
        } | options
        return self.intake.publish_file(path, **as_seen(self.intake, path, chosen))

    def relieve(self, *numbers: int) -> dict[str, Any]:
        """Have a relief file taken."""
        return self.publish(self.write_reliefs(*numbers), kind="repair", list_type="")

    def write_reliefs(self, *numbers: int) -> Path:
        """Write a relief file."""
        columns = (
            "统一社会信用代码",
            "名称",
            "名单类型",
            "认定单位",
            "列入文书号",
            "修复决定文书号",
            "修复日期",
            "修复原因",
        )
        path = self.folder / "relief.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for number in numbers:
                row = cells(number)
                writer.writerow(
                    [
                        row["统一社会信用代码"],
                        row["被执行人姓名/名称"],
                        "失信被执行人",
                        COURT_NAME,
                        row["案号"],
                        f"泸信修决〔2026〕{number}号",
                        "2026-11-20",
                        "",
                    ]
                )
        return path

    def states(self) -> list[State]:
        """States of our own listings, in the order of the log."""
        own = self.node.origin
        return [state for (origin, _), state in sorted(self.node.states().items()) if origin == own]

    def size(self) -> int:
        """Leaves of our own log."""
        return self.node.sizes().get(self.node.origin, 0)

    def kinds(self) -> list[Kind]:
        """Kinds of our own statements, in the order of the log."""
        with self.node.store.read() as session:
            head = session.head(self.node.origin)
            assert head is not None
            return [Kind(row.kind) for row in session.rows_between(head.log, 0, head.size)]


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate("510300", "510500")
    for member in ("510300", "510500"):
        made.connect(member, "510000")
    return made


@pytest.fixture
def desk(federation: Federation, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(federation["510500"], tmp_path / "files")
    yield made
    made.writer.close()


def test_the_code_helper_is_valid() -> None:
    assert code(1)[16] == organisation_check(code(1)[8:16])


def test_good_rows_are_published_and_bad_ones_named(desk: Desk) -> None:
    bad_code = code(4)[:-1] + ("0" if code(4)[-1] != "0" else "1")
    result = desk.take(
        cells(1),
        cells(2, **{"被执行人姓名/名称": ""}),
        cells(3, 失信决定日期="20261332"),
        cells(4, 统一社会信用代码=bad_code),
        cells(5),
        cells(5),
        cells(6, 执行法院="别处的法院"),
    )
    assert result["published"] == 2
    assert result["decisions"] == {"listed": 2}
    assert result["refused_rows"] == 5
    assert result["dropped_cells"] == {"法定代表人或者负责人姓名": 7}
    with Path(result["errors_file"]).open(encoding="utf-8-sig", newline="") as file:
        faults = list(csv.DictReader(file))
    assert [fault["row"] for fault in faults] == ["3", "4", "5", "7", "8"]
    assert all(fault["code"] and fault["message"] for fault in faults)
    assert list(faults[0]) == ["row", "column", "code", "value", "expected", "message"]


def test_the_same_file_again_publishes_nothing(desk: Desk) -> None:
    rows = [cells(n) for n in range(1, 30)]
    assert desk.take(*rows)["published"] == 29
    again = desk.take(*rows, name="again.csv")
    assert (again["published"], again["decisions"]) == (0, {"unchanged": 29})
    assert desk.size() == 29


def test_the_only_list_of_the_only_source_needs_no_name(desk: Desk) -> None:
    assert desk.take(cells(1), list_type="")["list_type"] == build.COURT_LIST
    for named, code in (
        ({"source": "nobody"}, "source.unknown"),
        ({"list_type": "major-tax-violation"}, "source.ambiguous"),
        ({"source": "court", "list_type": "major-tax-violation"}, "source.list-not-bound"),
    ):
        with pytest.raises(RefusedError) as caught:
            desk.take(cells(2), **named)
        assert caught.value.code == code
    assert desk.size() == 1


DECLARED = {"sharing": "conditional", "consent": "泸法函〔2026〕9号"}


@pytest.mark.parametrize(
    ("required", "said", "code"),
    [
        (False, {}, ""),
        (True, DECLARED, ""),
        (False, DECLARED | {"sharing": "none"}, "source.not-shared"),
        (True, {}, "source.no-consent"),
        (True, DECLARED | {"consent": ""}, "source.no-consent"),
        (True, DECLARED | {"sharing": ""}, "source.no-consent"),
    ],
)
def test_ds1_ds2_ds3_without_consent_a_source_publishes_no_list_and_every_relief(
    federation: Federation,
    tmp_path: Path,
    required: bool,
    said: dict[str, str],
    code: str,
) -> None:
    node = federation["510500"]
    desks = (
        Desk(node, tmp_path / "before"),
        Desk(node, tmp_path / "files", consent_required=required, **said),
    )
    try:
        before, desk = desks
        before.take(cells(1))
        assert desk.take(cells(2), dry_run=True)["decisions"] == {"listed": 1}
        if code:
            refused = desk.take(cells(2))
            assert (refused["published"], refused["faults"]) == (0, {code: 1})
            answers = desk.intake.rows.take("b", "court", "list", "", {1: cells(3)})
            assert [(one.outcome, one.code) for one in answers.values()] == [("refused", code)]
        else:
            assert desk.take(cells(2))["published"] == 1
        assert desk.relieve(1)["published"] == 1
    finally:
        for one in desks:
            one.writer.close()


def test_a_dry_run_publishes_nothing(desk: Desk) -> None:
    result = desk.take(cells(1), cells(2), dry_run=True)
    assert (result["published"], result["decisions"], desk.size()) == (0, {"listed": 2}, 0)


POISONED = """\
format: 1
id: poisoned
title: 失信被执行人名单
list_type: judgment-defaulter
tier: severe
fields:
  code: [执行法院统一社会信用代码]
  name: [被执行人姓名/名称]
  authority_name: [执行法院]
  document: [案号]
  decided_on: [失信决定日期]
row_key: {columns: [记录编号], fields: [code, document]}
defaults: {basis: 《最高人民法院关于公布失信被执行人名单信息的若干规定》}
publication: {shortest_months: 12, longest_months: 36}
"""


def test_f12_a_mapping_that_lists_one_subject_is_refused_until_somebody_says_yes(
    desk: Desk,
) -> None:
    mapping = desk.folder / "poisoned.yaml"
    mapping.write_text(POISONED, "utf-8")
    rows = [cells(n) | {"执行法院统一社会信用代码": code(999)} for n in range(1, 21)]
    with pytest.raises(RefusedError) as caught:
        desk.take(*rows, mapping=str(mapping))
    assert caught.value.code == "mapping.one-subject"
    tried = desk.take(*rows, mapping=str(mapping), dry_run=True)
    assert tried["suspicions"] == ["mapping.one-subject"]
    assert desk.size() == 0
    words = RowWords(one_subject=True, by=("示例人甲", "示例人乙"), reason="已核对")
    for less in (replace(words, by=("示例人甲", "示例人甲 ")), replace(words, reason=" ")):
        with pytest.raises(RefusedError) as caught:
            desk.take(*rows, mapping=str(mapping), words=less)
        assert caught.value.code == "rows.two-persons"
    assert desk.size() == 0
    assert desk.take(*rows, mapping=str(mapping), words=words)["published"] == 20
    with desk.node.store.read() as session:
        entry = session.last_entry("rows-said")
    assert entry is not None
    kept = json.loads(entry.body)
    assert (kept["by"], kept["says"], kept["reason"]) == (
        ["示例人甲", "示例人乙"],
        ["one-subject"],
        "已核对",
    )
    assert desk.take(*rows[:19], mapping=str(mapping))["decisions"] == {"unchanged": 19}


def test_persons_vouch_for_rows_of_lists_only(desk: Desk) -> None:
    words = RowWords(two_records=True, by=("示例人甲", "示例人乙"), reason="已核对")
    with pytest.raises(RefusedError) as caught:
        desk.take(cells(1), kind="repair", words=words)
    assert caught.value.code == "file.not-a-list"


def test_refused_rows_of_a_relief_file_are_noted_for_the_quality(desk: Desk) -> None:
    desk.take(cells(1))
    assert desk.relieve(1, 2)["refused_rows"] == 1
    with desk.node.store.read() as session:
        (_, noted) = intake_tally.taken(session)[-1]
    assert (noted.group, noted.relief, noted.refused) == (("court", ""), True, 1)
    assert [code for _, code in noted.rows] == ["relief.no-listing"]


def test_a_trial_shows_the_first_rows_as_they_would_be_published(desk: Desk) -> None:
    desk.take(cells(1))
    rows = [cells(n) for n in range(1, 8)]
    rows += [cells(8, 失信决定日期="20261332"), cells(9, 执行法院="别处的法院")]
    path = desk.folder / "trial.csv"
    desk.write(path, *rows)
    tried = desk.intake.trial.run(
        TrialFile(path=path, limits=DEFAULT_LIMITS),
        mapping=build.COURT_LIST,
        source="",
        rows=3,
        progress=lambda _: None,
    )
    assert [(row["row"], row["decision"]) for row in tried["shown"]] == [
        (2, "unchanged"),
        (3, "listed"),
        (4, "listed"),
    ]
    assert tried["shown"][1]["listing"]["subject"]["code"] == code(2)
    assert tried["shown"][1]["listing"]["authority"] == build.COURT
    assert [(row["row"], row["faults"][0]["code"]) for row in tried["refused"]] == [
        (9, "date.calendar"),
        (10, "authority.not-bound"),
    ]
    assert tried["refused"][0]["faults"][0]["column"] == "失信决定日期"
    assert (tried["rows"], tried["refused_rows"], tried["suspicions"]) == (9, 2, [])
    assert tried["reach"] == {
        "rows": 7,
        "subjects": 7,
        "most_of_subject": 1,
        "documents": 7,
        "most_of_document": 1,
    }
    assert desk.size() == 1
    assert not list(desk.folder.glob("*.errors.csv"))


def test_a_changed_row_is_corrected_everywhere(desk: Desk, federation: Federation) -> None:
    desk.take(cells(1))
    result = desk.take(cells(1, 履行情况="部分履行"))
    assert result["decisions"] == {"corrected": 1}
    federation.settle()
    peer = federation["510300"]
    with peer.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        (listed, _) = session.rows_between(head.log, 0, 2)
    assert (listed.current, listed.state, listed.rule) == (1, State.ACTIVE, "")
    view = records_of(peer).get(listed.statement_id)  # type: ignore[arg-type]
    assert "部分履行" in view.payload_json


def test_another_record_withdraws_the_old_one(desk: Desk, federation: Federation) -> None:
    desk.take(cells(1))
    result = desk.take(cells(1, 案号="（2026）川05执999号"))
    assert result["decisions"] == {"replaced": 1}
    assert desk.kinds() == [Kind.LISTING, Kind.WITHDRAWAL, Kind.LISTING]
    assert desk.states() == [State.WITHDRAWN, State.ACTIVE]
    back = desk.take(cells(1))
    assert back["decisions"] == {"held-withdrawn-before": 1}
    assert back["held"][0]["code"] == "feed.withdrawn-before"
    assert (back["published"], desk.size()) == (0, 3)
    federation.settle()
    federation.assert_equal()


def test_a_longer_period_is_held(desk: Desk) -> None:
    desk.take(cells(1, 失信决定日期="2025-06-21", 告知日期="2025-05-16"))
    result = desk.take(cells(1, 失信决定日期="2026-06-21"))
    assert result["decisions"] == {"held-longer-period": 1}
    assert desk.size() == 1


def test_a_relieved_row_is_never_listed_again(desk: Desk, federation: Federation) -> None:
    rows = [cells(n) for n in range(1, 6)]
    desk.take(*rows)
    result = desk.relieve(2, 4)
    assert result["decisions"] == {"relieved": 2}
    again = desk.relieve(2, 4)
    assert (again["published"], again["decisions"]) == (0, {"relieved-before": 2})
    old = desk.take(*rows, name="old.csv")
    assert (old["published"], old["decisions"]) == (0, {"relieved-before": 2, "unchanged": 3})
    other_key = desk.take(cells(2, 记录编号="NEW"), name="other.csv")
    assert other_key["decisions"] == {"relieved-before": 1}
    federation.settle()
    expected = [State.ACTIVE, State.REPAIRED, State.ACTIVE, State.REPAIRED, State.ACTIVE]
    for node in federation.nodes.values():
        assert [state for _, state in sorted(node.states().items())] == expected


def test_a_relief_row_without_a_listing_is_named(desk: Desk) -> None:
    desk.take(cells(1))
    result = desk.relieve(7)
    assert result["faults"] == {"relief.no-listing": 1}


def test_a_full_snapshot_pauses_what_is_gone(desk: Desk, federation: Federation) -> None:
    rows = [cells(n) for n in range(1, 11)]
    desk.take(*rows)
    result = desk.take(*rows[:9], full_snapshot=True)
    assert (result["paused_count"], result["decisions"]) == (1, {"unchanged": 9})
    assert desk.states() == [State.ACTIVE] * 9 + [State.PAUSED]
    back = desk.take(*rows)
    assert back["decisions"] == {"held-paused-row-back": 1, "unchanged": 9}
    federation.settle()
    federation.assert_equal()
    with pytest.raises(RefusedError) as caught:
        desk.take(*rows[:3], full_snapshot=True)
    assert caught.value.code == "feed.too-much-gone"
    assert desk.states() == [State.ACTIVE] * 9 + [State.PAUSED]


def test_what_ended_is_erased_and_stays_ended(desk: Desk, federation: Federation) -> None:
    rows = [cells(n) for n in range(1, 4)]
    desk.take(*rows)
    desk.relieve(2)
    federation.settle()
    for node in (desk.node, federation["510300"]):
        erase(node)
    federation.settle()
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        stored = session.rows_between(head.log, 0, head.size)
        assert not session.openings(head.log, [1])
    assert stored[1].opening == OpeningStatus.ERASED
    assert [Kind(row.kind) for row in stored][3:] == [Kind.REPAIR, Kind.ERASURE]
    old = desk.take(*rows, name="old.csv")
    assert (old["published"], old["decisions"]) == (0, {"relieved-before": 1, "unchanged": 2})
    for node in federation.nodes.values():
        node.reconcile()
        states = [state for _, state in sorted(node.states().items())]
        assert states == [State.ACTIVE, State.REPAIRED, State.ACTIVE]
        equal, differences = rebuild(node.store, node.ledger, node.reconciliation, check_only=True)
        assert equal, differences
        assert rebuild(node.store, node.ledger, node.reconciliation, check_only=False) == (True, [])
        assert [state for _, state in sorted(node.states().items())] == states


def erase(node: SimNode) -> None:
    """Deliver and erase what is due at a node."""
    with node.store.write() as session:
        for head in session.heads():
            if not head.ours:
                session.set_head(replace(head, delivered_to=head.size))
    erasures = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=node.clock.today,
        failpoints=node.failpoints,
    )
    with node.store.read() as session:
        assert erasures.due(session)
    node.run(erasures.unit())
    with node.store.read() as session:
        assert not erasures.due(session)


def test_an_expired_listing_is_shown_as_expired(desk: Desk) -> None:
    desk.take(cells(1, 失信决定日期="2025-06-21", 告知日期="2025-05-16"))
    (listed,) = records_of(desk.node).list("", "", "", 10, "")[0]
    assert listed.state == "active"
    later = Records(
        store=desk.node.store,
        keyring=desk.node.keyring,
        payloads=desk.node.payloads,
        trust=lambda: desk.node.view,
        today=lambda: Date(20300101),
        doubts=desk.node.doubts,
    )
    (expired,), _ = later.list("expired", "", "", 10, "")
    assert expired.state == "expired"
    assert later.list("active", "", "", 10, "") == ([], "")
