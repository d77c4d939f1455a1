"""A row, or a listing of our own, whose code the base library has under other names only (F53, O3).

Covers node/intake/listings.py, node/intake/other_names.py, federation/reconcile/own_lists.py,
node/reconcile/kept_words.py and node/reconcile/job.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.catalog.library import FILE_NAME, FileLibrary, import_library
from federation.errors import RefusedError
from federation.ids import StatementId, Timestamp
from federation.intake.feed import OTHER_NAME, Word
from federation.payloads import Listing
from federation.ports.journal import Decision, LibraryInForce
from federation.reconcile.cases import FOUND_OTHER, SHOWN_ENDED
from federation.reconcile.findings import Finding
from federation.reconcile.identity import BaseSubject
from federation.rows import State
from federation.statements import Kind
from federation.uscc import make_uscc
from node.intake.row_words import RowWords
from node.reconcile.case_queue import Sought
from node.reconcile.job import judge_anew
from node.upkeep.rebuild import rebuild
from tests.scenarios.test_row_keys import COURT, row
from tests.support.catalogs import FixedLibrary
from tests.support.desks import desk_of, records_of
from tests.support.invented import InlineWriter
from tests.support.simulation import Federation, SimNode, listing
from tests.support.tables import TableDesk, city

CITY, PEER = "510500", "511500"
FIRM = "泸州示例改名商贸有限公司（演示）"
FORMER = "泸州示例旧名商贸有限公司（演示）"
CODE = make_uscc("91510502", "YY000101")
WORDS = RowWords(other_names=True, by=("示例人甲", "示例人乙"), reason="已向登记机关核对")


class Library:
    """A base library that knows one subject."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def by_code(self, scheme: str, codes: object) -> dict[str, BaseSubject]:
        assert scheme == "uscc"
        if not self.names or CODE not in list(codes):  # type: ignore[call-overload]
            return {}
        return {CODE: BaseSubject(CODE, self.names[0], self.names[1:])}


@pytest.fixture
def library() -> Library:
    return Library(FIRM, FORMER)


@pytest.fixture
def desk(tmp_path: Path, library: Library) -> Iterator[TableDesk]:
    made = TableDesk(city(tmp_path)["510500"], tmp_path, subjects=library.by_code)
    yield made
    made.writer.close()
    made.node.store.close()


def named(name: str, **changes: str) -> dict[str, str]:
    return row(1, 101, **{"被执行人姓名/名称": name}) | changes


def take(desk: TableDesk, *rows: dict[str, str], **options: Any) -> dict[str, Any]:
    return desk.take(*rows, list_type=COURT, **options)


def test_f53_a_row_of_another_name_waits_and_says_what_the_library_has(desk: TableDesk) -> None:
    rows = (named("泸州示例别名商贸有限公司（演示）"), row(2, 102))
    for dry_run in (True, False):
        result = take(desk, *rows, dry_run=dry_run)
        assert result["decisions"] == {"held-other-name": 1, "listed": 1}
        assert result["held"] == [{"row": 2, "code": OTHER_NAME, "statement_id": "", "known": FIRM}]
    assert desk.states() == [State.ACTIVE]
    assert take(desk, *rows, words=WORDS)["decisions"] == {"listed": 1, "unchanged": 1}
    assert desk.states() == [State.ACTIVE] * 2


def test_im10_a_row_that_nobody_was_shown_waits_for_its_name(desk: TableDesk) -> None:
    """The base library was replaced since, or the row waited for something else."""
    wrong = named("泸州示例别名商贸有限公司（演示）")
    for word, decided in (("two-records", "held-other-name"), ("other-names", "listed")):
        words = replace(WORDS, shown={word: frozenset({2})})
        assert take(desk, wrong, words=words)["decisions"] == {decided: 1}


@pytest.mark.parametrize("name", [FIRM, FORMER])
def test_f53_a_name_that_the_library_has_waits_for_nobody(desk: TableDesk, name: str) -> None:
    assert take(desk, named(name))["decisions"] == {"listed": 1}


def test_f53_who_the_library_does_not_know_waits_for_nobody(
    desk: TableDesk, library: Library
) -> None:
    library.names = ()
    assert take(desk, named("泸州示例别名商贸有限公司（演示）"))["decisions"] == {"listed": 1}


def test_f53_no_correction_brings_such_a_name_in_and_one_of_something_else_goes_on(
    desk: TableDesk, library: Library
) -> None:
    assert take(desk, named(FIRM))["published"] == 1
    other = named("泸州示例别名商贸有限公司（演示）")
    assert take(desk, other)["decisions"] == {"held-other-name": 1}
    library.names = ("泸州示例新名商贸有限公司（演示）",)
    mended = named(FIRM, 履行情况="部分未履行")
    assert take(desk, mended)["decisions"] == {"corrected": 1}


def test_f53_rows_at_hand_wait_and_are_released_by_two(desk: TableDesk) -> None:
    rows = {1: named("泸州示例别名商贸有限公司（演示）")}
    (answer,) = desk.intake.rows.take("b1", "desk", "list", COURT, rows).values()
    assert (answer.outcome, answer.code) == ("held-other-name", OTHER_NAME)
    said = Word(code=OTHER_NAME, persons=("甲", "乙"))
    (answer,) = desk.intake.rows.take("b1", "desk", "list", COURT, rows, said=said).values()
    assert answer.outcome == "listed"


@pytest.fixture
def federation(federate: Callable[..., Federation]) -> Federation:
    made = federate(CITY, PEER)
    made.connect(CITY, PEER)
    return made


def wrong(node: SimNode) -> Listing:
    """A listing of a firm that the library knows, under the name of nobody."""
    said = listing(1, audience=node.audience())
    return replace(said, subject=replace(said.subject, name="泸州示例别名商贸有限公司（演示）"))


def shown(node: SimNode, about: StatementId) -> tuple[str, str]:
    view = records_of(node).get(about)
    return view.state, view.rule


HELD = ("held", "identity.name-mismatch")


def test_o3_at_home_it_is_held_as_everywhere_until_two_persons_decide(
    federation: Federation,
) -> None:
    node, peer = federation[CITY], federation[PEER]
    sound = node.list_(listing(2, audience=node.audience()))
    about = node.list_(wrong(node))
    federation.settle()
    assert (node.reconcile(), peer.reconcile()) == (0, 2)
    assert shown(peer, about) == shown(node, about) == HELD
    assert shown(peer, sound) == shown(node, sound) == ("active", "")
    whole, differences = rebuild(node.store, node.ledger, node.reconciliation, check_only=True)
    assert (whole, differences) == (True, [])
    desk = desk_of(node)
    ((case,), _) = desk.queue.list(Sought(rule="identity.name-mismatch"), 10, "")
    assert case["statement_id"] == about.hex()
    assert desk.get(about)["question"] == "identity.name-mismatch"
    desk.decide(about, "use", "张某", "代码名称一致")
    assert shown(node, about) == HELD
    desk.decide(about, "use", "李某", "已复核")
    assert shown(node, about) == ("active", "")


def test_o3_one_published_before_is_held_as_soon_as_the_library_says_so_and_no_longer(
    federation: Federation,
) -> None:
    node = federation[CITY]
    library = node.library
    about = node.list_(wrong(node))
    node.library = FixedLibrary()
    node.restart()
    node.reconcile()
    assert shown(node, about) == ("active", "")
    for known, state in ((library, HELD), (FixedLibrary(), ("active", ""))):
        node.library = known
        node.restart()
        with node.store.write() as session:
            session.reconcile_anew()
        node.reconcile()
        assert shown(node, about) == state


def test_o3_a_long_log_of_ours_keeps_nobody_waiting_and_is_judged_to_its_end(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.reconcile.job.BATCH", 1)
    monkeypatch.setattr("node.reconcile.job.OWN_ROUNDS", 4)
    node, peer = federation[CITY], federation[PEER]
    sound = [node.list_(listing(10 + n, audience=node.audience())) for n in range(4)]
    about = node.list_(wrong(node))
    peer.list_(listing(20, audience=peer.audience()))
    federation.settle()
    job = node.judging_by(InlineWriter())
    assert job.run() == 1
    assert job.waits()
    assert shown(node, about) == ("active", "")
    for _ in range(len(sound)):
        job.run()
    assert not job.waits()
    assert shown(node, about) == HELD


def test_o3_who_watches_records_hears_of_it_once(federation: Federation) -> None:
    """Nothing of others was judged: the finding of our own listing is what they are told of."""
    node = federation[CITY]
    about = node.list_(wrong(node))
    node.list_(listing(2, audience=node.audience()))
    heard: list[str] = []
    job = node.judging_by(InlineWriter(), lambda: heard.append(shown(node, about)[0]))
    assert job.run() == 0
    assert heard == ["held"]
    job.run()
    assert heard == ["held"]


def test_o3_a_correction_of_the_name_ends_it_and_relief_is_never_asked(
    federation: Federation,
) -> None:
    node = federation[CITY]
    first, second = node.list_(wrong(node)), node.list_(listing(3, audience=node.audience()))
    node.reconcile()
    assert shown(node, first) == HELD
    node.relieve(Kind.WITHDRAWAL, first)
    node.reconcile()
    assert shown(node, first)[0] == "withdrawn"
    assert shown(node, second) == ("active", "")
    with node.store.read() as session:
        (found,) = session.rows_by_id(None, [first])
        assert session.findings([(found.log, found.idx)]) in (
            {},
            {(found.log, found.idx): Finding.NONE},
        )


def test_o3_persons_are_asked_about_the_name_whatever_else_others_hold_it_for(
    federation: Federation,
) -> None:
    node = federation[CITY]
    about = node.list_(replace(wrong(node), basis=""))
    node.reconcile()
    desk = desk_of(node)
    assert desk.get(about)["question"] == "identity.name-mismatch"
    for person in ("张某", "李某"):
        desk.decide(about, "use", person, "已核对")
    assert shown(node, about) == ("active", "")


# ------------------------------------------------------------------ asked once about one thing

OTHER = "泸州示例别名商贸有限公司（演示）"
WHO = ["示例人甲", "示例人乙"]


class Judged(FixedLibrary):
    """What the desk's library says, for judging."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.library = library

    def by_code(self, scheme: str, codes: Sequence[str]) -> Mapping[str, BaseSubject]:
        return self.library.by_code(scheme, codes)


@pytest.fixture
def judging(desk: TableDesk, library: Library) -> TableDesk:
    """A desk whose node judges by the library by which rows wait."""
    desk.node.library = Judged(library)
    desk.node.restart()
    return desk


def own_state(desk: TableDesk) -> tuple[str, str]:
    """Of the first listing, once it was judged anew."""
    with desk.node.store.write() as session:
        session.reconcile_anew()
    desk.node.reconcile()
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        (first,) = session.rows_between(head.log, 0, 1)
    return shown(desk.node, StatementId(first.statement_id))


def history(desk: TableDesk) -> list[tuple[str, str]]:
    with desk.node.store.read() as session:
        return [(one.verdict, one.person) for one in session.all_decisions()]


@pytest.mark.parametrize("door", ["file", "row"])
def test_o4_what_two_persons_released_is_no_case_at_home(judging: TableDesk, door: str) -> None:
    if door == "file":
        assert take(judging, named(OTHER), words=WORDS)["decisions"] == {"listed": 1}
    else:
        said = Word(code=OTHER_NAME, persons=tuple(WHO))
        judging.intake.rows.take("b1", "desk", "list", COURT, {1: named(OTHER)}, said=said)
    assert own_state(judging) == ("active", "")
    assert history(judging) == [("row-named", name) for name in WHO]
    assert desk_of(judging.node).queue.list(Sought(rule="identity.name-mismatch"), 10, "") == (
        [],
        "",
    )


def test_o4_of_another_name_in_the_library_it_is_asked(
    judging: TableDesk, library: Library
) -> None:
    take(judging, named(OTHER), words=WORDS)
    library.names = ("泸州示例新名商贸有限公司（演示）", FIRM)
    assert own_state(judging) == HELD
    library.names = (FIRM, FORMER)
    assert own_state(judging) == ("active", "")


def test_o4_another_name_in_the_row_waits_again_and_is_said_anew(judging: TableDesk) -> None:
    take(judging, named(OTHER), words=WORDS)
    third = named("泸州示例又名商贸有限公司（演示）")
    assert take(judging, third)["decisions"] == {"held-other-name": 1}
    assert take(judging, third, words=WORDS)["decisions"] == {"corrected": 1}
    assert own_state(judging) == ("active", "")
    assert len(history(judging)) == 4


def test_o4_who_were_not_asked_have_said_nothing(judging: TableDesk, library: Library) -> None:
    """Their word was about rows that waited: what the library did not contradict then is asked."""
    library.names = ()
    take(judging, named(OTHER), words=WORDS)
    assert history(judging) == []
    library.names = (FIRM,)
    assert own_state(judging) == HELD


@pytest.mark.parametrize("door", ["file", "row"])
@pytest.mark.parametrize("younger", [False, True])
def test_o4_of_a_library_that_nobody_had_seen_nothing_is_said(
    judging: TableDesk, door: str, *, younger: bool
) -> None:
    """Two persons sign in the evening, and the library of the night has another name."""
    node = judging.node
    seen = Timestamp(node.clock.now() - 60)
    with node.store.write() as session:
        session.append_journal(
            [LibraryInForce(at=Timestamp(seen + younger), library="0" * 64).entry()]
        )
    if door == "file":
        take(judging, named(OTHER), words=replace(WORDS, seen_at=seen))
    else:
        said = Word(code=OTHER_NAME, persons=tuple(WHO), said_at=seen)
        judging.intake.rows.take("b1", "desk", "list", COURT, {1: named(OTHER)}, said=said)
    assert own_state(judging) == (HELD if younger else ("active", ""))


def test_o4_a_word_on_the_case_itself_counts_instead(judging: TableDesk, library: Library) -> None:
    take(judging, named(OTHER), words=WORDS)
    names, library.names = library.names, ("泸州示例新名商贸有限公司（演示）",)
    assert own_state(judging) == HELD
    cases = desk_of(judging.node)
    ((case,), _) = cases.queue.list(Sought(rule="identity.name-mismatch"), 10, "")
    cases.decide(StatementId(bytes.fromhex(case["statement_id"])), "reject", "张某", "代码有误")
    library.names = names
    assert own_state(judging) == ("rejected", "decision.reject")
    third = named("泸州示例又名商贸有限公司（演示）")
    assert take(judging, third, words=WORDS)["decisions"] == {"corrected": 1}
    assert own_state(judging) == ("rejected", "decision.reject")
    (first, *_) = cases.get(StatementId(bytes.fromhex(case["statement_id"])))["history"]
    assert (first["verdict"], first["reason"]) == ("row-named", "")


# ------------------------------------------------------------------ a library that is damaged


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[tuple[TableDesk, Path]]:
    """A desk that publishes by a library in a file, and the file."""
    source = tmp_path / "library.csv"
    source.write_text(f"code,name,former_names,status,successor\n{CODE},{FIRM},,,\n", "utf-8")
    path = tmp_path / FILE_NAME
    import_library(source, path, lambda _: None)
    library = FileLibrary(path)
    made = TableDesk(city(tmp_path)["510500"], tmp_path, subjects=library.by_code)
    yield made, path
    library.close()
    made.writer.close()
    made.node.store.close()


def test_f57_by_a_damaged_library_nobody_is_listed_and_everybody_relieved(
    damaged: tuple[TableDesk, Path],
) -> None:
    desk, path = damaged
    known = [named(FIRM), *(row(n, 100 + n) for n in range(2, 7))]
    assert take(desk, *known)["published"] == 6
    path.write_bytes(b"\x5a" * path.stat().st_size)
    for dry_run in (True, False):
        result = take(desk, row(7, 107), known[1], name="new.csv", dry_run=dry_run)
        assert (result["published"], result["faults"]) == (0, {"library.damaged": 2})
        assert str(path) in Path(result["errors_file"]).read_text("utf-8-sig")
    (answer,) = desk.intake.rows.take("b9", "desk", "list", COURT, {1: row(8, 108)}).values()
    assert answer is not None
    assert (answer.outcome, answer.code) == ("refused", "library.damaged")
    assert desk.states() == [State.ACTIVE] * 6
    gone = take(desk, *known[1:], name="all.csv", full_snapshot=True)
    assert gone["paused_count"] == 1
    relief = {
        "统一社会信用代码": known[1]["统一社会信用代码"],
        "名单类型": COURT,
        "认定单位": known[1]["执行法院"],
        "列入文书号": known[1]["案号"],
        "修复决定文书号": "泸信修〔2026〕1号",
        "修复日期": "2026-11-20",
    }
    assert desk.take(relief, name="relief.csv", kind="repair")["decisions"] == {"relieved": 1}
    assert desk.states() == [State.PAUSED, State.REPAIRED, *[State.ACTIVE] * 4]


def test_f57_what_two_persons_said_of_the_names_needs_no_library(
    damaged: tuple[TableDesk, Path],
) -> None:
    desk, path = damaged
    path.write_bytes(b"\x5a" * path.stat().st_size)
    words = replace(WORDS, shown={"other-names": frozenset({2})})
    assert take(desk, row(2, 102), words=words)["decisions"] == {"listed": 1}


class Damaged(FixedLibrary):
    """A base library that nobody can read."""

    def by_code(self, scheme: str, codes: Sequence[str]) -> Mapping[str, BaseSubject]:
        raise RefusedError("library.damaged", f"{scheme}: {len(codes)}")


def test_f57_nothing_is_judged_by_a_damaged_library_and_reliefs_arrive(
    federation: Federation,
) -> None:
    node, peer = federation[CITY], federation[PEER]
    known = peer.list_(listing(1, audience=peer.audience()))
    federation.settle()
    node.reconcile()
    before = shown(node, known)
    node.library = Damaged()
    node.restart()
    fresh = peer.list_(listing(2, audience=peer.audience()))
    federation.settle()
    with pytest.raises(RefusedError, match="uscc"):
        node.reconcile()
    with node.store.read() as session:
        head = session.head(peer.origin)
        assert head is not None
        assert (head.reconciled_to, head.applied_to) == (1, 2)  # no platform is told of the second
    assert shown(node, known) == before
    peer.relieve(Kind.REPAIR, known)
    peer.relieve(Kind.WITHDRAWAL, fresh)
    federation.settle()
    assert [shown(node, one)[0] for one in (known, fresh)] == ["repaired", "withdrawn"]


def break_library(node: SimNode) -> FixedLibrary:
    """Damage the base library of a node; it as it was."""
    library = node.library
    node.library = Damaged()
    node.restart()
    return library


def test_f57_a_case_is_rejected_and_opened_again_without_a_library_and_not_used(
    federation: Federation,
) -> None:
    node, peer = federation[CITY], federation[PEER]
    about = peer.list_(wrong(peer))
    federation.settle()
    node.reconcile()
    assert shown(node, about) == HELD
    whole = desk_of(node).get(about)
    library = break_library(node)
    desk = desk_of(node)
    case = desk.get(about)
    assert (case["question"], case["library_says"]) == ("identity.name-mismatch", None)
    assert (case["library_fault"], case["suggestions"]) == ("library.damaged", [])
    assert case["doubt"] == whole["doubt"]
    with pytest.raises(RefusedError) as refused:
        desk.decide(about, "use", "张某", "代码名称一致")
    assert refused.value.code == "library.damaged"
    with pytest.raises(RefusedError) as refused:
        desk.decide(about, "reject", "张某", "名称不一致", shown=whole["shown"])
    assert refused.value.code == "seen.changed"  # what the library said is no longer shown
    desk.decide(about, "reject", "张某", "名称不一致", shown=case["shown"])
    assert shown(node, about)[0] == "rejected"
    desk.decide(about, "reopen", "李某", "重新核实")
    assert shown(node, about) == HELD
    with pytest.raises(RefusedError, match="uscc"):
        node.reconcile()
    node.library = library
    node.restart()
    node.reconcile()
    assert shown(node, about) == HELD


def test_f57_what_two_persons_used_is_opened_again_without_a_library(
    federation: Federation,
) -> None:
    node, peer = federation[CITY], federation[PEER]
    about = peer.list_(wrong(peer))
    federation.settle()
    node.reconcile()
    for person in ("张某", "李某"):
        desk_of(node).decide(about, "use", person, "已核对")
    assert shown(node, about)[0] == "active"
    break_library(node)
    desk_of(node).decide(about, "reopen", "示例人丙", "部门来电")
    assert shown(node, about) == HELD


@pytest.mark.parametrize("own", [False, True])
def test_f57_a_department_or_an_export_holds_what_is_used_without_a_library(
    federation: Federation, *, own: bool
) -> None:
    node, peer = federation[CITY], federation[PEER]
    speaker = node if own else peer
    first, second, third = (
        speaker.list_(listing(n, audience=speaker.audience())) for n in (31, 32, 33)
    )
    federation.settle()
    node.reconcile()
    break_library(node)

    def says(about: StatementId, verdict: str, finding: Finding) -> tuple[int, int]:
        with node.store.write() as session:
            (row,) = session.rows_by_id(None, [about])
            word = Decision(
                at=Timestamp(1),
                log=row.log,
                index=row.idx,
                finding=finding,
                verdict=verdict,
                person="",
                reason="",
            )
            session.put_decision(word)
            session.put_due([(row.log, row.idx)])
        return row.log, row.idx

    place = says(first, FOUND_OTHER, Finding.OTHER_SUBJECT)
    with node.store.write() as session:
        judge_anew(node.reconciliation, session, [place])
    assert shown(node, first) == ("held", "identity.other-subject")
    says(second, SHOWN_ENDED, Finding.CONFLICT)
    heard: list[int] = []
    job = node.judging_by(InlineWriter(), lambda: heard.append(1))
    with pytest.raises(RefusedError, match="uscc"):
        job.run()
    assert shown(node, second)[0] == ("active" if own else "held")
    assert shown(node, third) == ("active", "")
    with node.store.read() as reading:
        assert len(reading.due(9)) == 2  # judged anew once there is a library
