"""泸州 lists a firm under one code, 宜宾 knows it by another: whoever looks for it finds all (SJ1).

Covers node/records/subject_codes.py, node/records/listed_subjects.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.files.tables import DEFAULT_LIMITS
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import Listing
from federation.reconcile.identity import BaseSubject
from federation.statements import Kind
from federation.uscc import make_uscc
from node.campaigns.desk import CampaignDesk, Entering
from node.campaigns.ledgers import Ledgers
from node.intake.nation_export import NationExport
from node.log.writer import Writer
from node.quality.listed import ListedSubjects
from node.records.local_subjects import LocalSubjects
from node.records.subject_codes import SubjectCodes
from node.screening import batch_desk
from tests.scenarios.test_checks import World
from tests.support.batched import Batched
from tests.support.catalogs import FixedLibrary
from tests.support.desks import records_of
from tests.support.invented import InlineWriter, code_of, name_of
from tests.support.simulation import listing
from tests.support.watched import Watching

RECODED = 1
"""A firm with former codes."""
REGISTRATION = "510500000000011"


def old(number: int) -> str:
    """The unified code that an invented subject had before."""
    return make_uscc("91510500", f"YW{number:06d}")


NAMES = {"present": code_of(RECODED), "former": old(RECODED), "registration": REGISTRATION}
"""By what the firm of many codes is asked for."""


def named(number: int, scheme: str, code: str, world: World) -> Listing:
    """A listing of an invented subject under another code."""
    made = listing(number, audience=world.luzhou.audience())
    return replace(made, subject=replace(made.subject, scheme=scheme, code=code))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("recoded"))
    made.yibin.library = FixedLibrary(
        *(BaseSubject(code_of(n), name_of(n)) for n in range(1, 10)),
        formerly={
            ("uscc", old(RECODED)): code_of(RECODED),
            ("registration-number", REGISTRATION): code_of(RECODED),
        },
    )
    made.yibin.reconciliation._library = made.yibin.library
    made.screened.desk = made.screened.wired()
    yield made
    made.close()


@pytest.fixture(scope="module")
def listed(world: World) -> Sequence[StatementId]:
    """The firm's listings: under its present, its former code, and its registration number."""
    found = [
        world.luzhou.list_(replace(named(RECODED, scheme, code, world), document=f"（2026）{at}号"))
        for at, (scheme, code) in enumerate(
            (
                ("uscc", code_of(RECODED)),
                ("uscc", old(RECODED)),
                ("registration-number", REGISTRATION),
            )
        )
    ]
    world.settle()
    return found


def ids(matches: Sequence[dict[str, Any]]) -> set[str]:
    return {one["statement_id"] for one in matches}


@pytest.mark.parametrize("code", [code_of(RECODED), old(RECODED)])
def test_sj1_a_question_finds_what_is_listed_under_any_code(
    world: World, listed: Sequence[StatementId], code: str
) -> None:
    said = world.check(RECODED, code=code)
    assert said["result"] == "match"
    assert ids(said["matches"]) == {one.hex() for one in listed}


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize("code", [code_of(RECODED), old(RECODED)])
def test_sj1_a_row_of_a_batch_does(
    world: World, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where only those rows are read that must be."""
    monkeypatch.setattr(batch_desk, "READ_ALL", 0)
    batched = Batched(world.screened)
    found = batched.part(batched.open(), [(code, name_of(RECODED)), (code_of(4), name_of(4))])
    assert {row: (one["result"], len(one["matches"])) for row, one in found.items()} == {
        1: ("match", 3)
    }


def test_sj1_a_watch_is_told_of_what_comes_under_the_other_code(world: World) -> None:
    subjects = [
        {"code": code, "name": name_of(RECODED)} for code in (code_of(RECODED), old(RECODED))
    ]
    watching = Watching(world.screened)
    opened = watching.open_rows(subjects)
    before = watching.read(opened["watch"], opened["position"])
    for scheme, code in (("uscc", old(RECODED)), ("uscc", code_of(RECODED))):
        made = world.luzhou.list_(
            replace(named(RECODED, scheme, code, world), document=f"（2026）{code}")
        )
        world.settle()
        page = watching.read(opened["watch"], before["position"])
        assert [one["row"] for one in page["events"]] == [1, 2], code
        assert all(made.hex() in ids(one["matches"]) for one in page["events"])
        world.luzhou.relieve(Kind.REPAIR, made)
        world.settle()


@pytest.fixture
def campaigns(world: World) -> CampaignDesk:
    node = world.yibin
    codes = SubjectCodes(library=node.library, tagger=node.keyring)
    ledgers = Ledgers(
        store=node.store,
        keyring=node.keyring,
        codes=codes,
        trust=node.trust,
        library=lambda: None,
        today=node.clock.today,
    )
    node.store.listen(ledgers.touched)
    return CampaignDesk(
        store=node.store,
        writer=InlineWriter(),
        codes=codes,
        ledgers=ledgers,
        records=records_of(node),
        local=LocalSubjects(
            region=node.member,
            library=node.library,
            catalog=lambda: node.catalog,
            today=node.clock.today,
        ),
        catalog=lambda: node.catalog,
        now=node.clock.now,
        today=node.clock.today,
    )


def opened(campaigns: CampaignDesk, request: str) -> int:
    return int(
        campaigns.open(request, "专项治理", "宜信办〔2026〕1号", "信用办", Date(0))["campaign"]
    )


@pytest.mark.parametrize("asked", NAMES)
def test_sj1_a_campaign_is_filled_by_any_code(
    campaigns: CampaignDesk, listed: Sequence[StatementId], asked: str
) -> None:
    number = opened(campaigns, asked)
    entered = campaigns.enter(number, Entering(codes=(NAMES[asked].lower(),)))
    assert entered == {"added": len(listed), "already": 0, "unknown": []}


def test_ca3_listings_under_all_codes_are_one_subject_that_exits_with_the_last(
    world: World, campaigns: CampaignDesk
) -> None:
    made = [
        world.luzhou.list_(
            replace(named(RECODED, "uscc", code, world), document=f"（2026）{code}终")
        )
        for code in (code_of(RECODED), old(RECODED))
    ]
    world.settle()
    number = opened(campaigns, "one subject")
    campaigns.enter(number, Entering(statements=tuple(made)))
    counted = campaigns.get(number)
    assert (counted["entries"], counted["subjects"], counted["exited"]) == (2, 1, 0)
    world.luzhou.relieve(Kind.REPAIR, made[1])
    world.settle()
    assert campaigns.get(number)["exited"] == 0
    world.luzhou.relieve(Kind.REPAIR, made[0])
    world.settle()
    assert campaigns.get(number)["exited"] == 1


def test_codes_are_looked_for_only_once_tags_are_formed(
    campaigns: CampaignDesk, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    """Nobody is told that a subject is listed nowhere because it cannot be found yet."""
    number = opened(campaigns, "unformed")
    monkeypatch.setattr(type(world.yibin.store.read().__enter__()), "unformed", lambda _: (1,))
    with pytest.raises(RefusedError) as refused:
        campaigns.enter(number, Entering(codes=(code_of(RECODED),)))
    assert refused.value.code == "check.unready"


def test_sj1_an_export_of_the_nation_ends_what_stands_under_another_code(
    world: World, tmp_path: Path
) -> None:
    """And a full one that has it by another code does not lack it."""
    made = replace(named(RECODED, "uscc", old(RECODED), world), document="（2026）出口1号")
    own = world.yibin.list_(replace(made, audience=world.yibin.audience()))
    world.settle()
    node = world.yibin
    exports = NationExport(
        store=node.store,
        writer=Writer(node.publisher, node.exchange.published, 64),
        registry=node.registry,
        statements=node.statements,
        tagger=node.keyring,
        now=node.clock.now,
        today=node.clock.today,
        limits=DEFAULT_LIMITS,
        names=lambda: {"示例名单": made.list_type},
        share_max=0.2,
        linked=SubjectCodes(library=node.library, tagger=node.keyring).names,
    )

    def compared(shown: str, *, full: bool) -> list[tuple[str, str]]:
        path = tmp_path / "export.csv"
        path.write_text(
            "统一社会信用代码,主体名称,文书号,名单名称,公示状态\n"
            f"{code_of(RECODED)},{name_of(RECODED)},{made.document},示例名单,{shown}\n",
            "utf-8",
        )
        _, result = exports.take(path, lambda _: None, dry_run=True, full=full, anyway=True)
        return [(one["statement_id"], one["step"]) for one in result["lines"]]

    assert compared("公示中", full=True) == []
    assert compared("已修复", full=False) == [(own.hex(), "paused")]


def test_sj1_of_the_library_a_subject_is_listed_under_whichever_code(world: World) -> None:
    node = world.yibin
    listed_as = replace(named(RECODED, "uscc", old(RECODED), world), document="（2026）占比1号")
    made = world.luzhou.list_(listed_as)
    world.settle()
    counting = ListedSubjects(
        library=node.library,
        tagger=node.keyring,
        findings=records_of(node).findings,
        today=node.clock.today,
    )
    with node.store.read() as session:
        (share, *_) = counting.shares(session)
    assert (share.region, share.list_type, share.listed) == ("", "", 1)
    world.luzhou.relieve(Kind.REPAIR, made)
    world.settle()
