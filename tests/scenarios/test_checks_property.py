"""Whatever happened, in whatever order: no answer names a measure for what does not count now.

Random histories of listings, reliefs, annotations, editions, libraries and clocks in two cities;
after each step every subject is asked about, and the answers are compared with what the readers of
records say, who share only `Records.rule` with the check.

Covers node/records/subject_reading.py, node/records/coverage.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from federation.errors import FederationError
from federation.ids import Date, StatementId
from federation.statements import AnnotationAction, Kind
from tests.scenarios.test_checks import LUZHOU, YIBIN, World
from tests.support.attesting import furnish, library_of
from tests.support.catalogs import FixedLibrary, catalog_of, edition_text
from tests.support.desks import records_of
from tests.support.invented import name_of
from tests.support.screened import matters_text, screening_catalog
from tests.support.simulation import STALE_AFTER, SimNode, listing

SUBJECTS, STEPS = 2, 25
PATIENCE = STALE_AFTER // 3
CATALOGS: list[Callable[[], Any]] = [
    screening_catalog,
    screening_catalog,
    screening_catalog,
    lambda: catalog_of(matters_text(lists=("other-list",))),
    lambda: catalog_of(matters_text(), edition_text("later", layer="city", certainty="M")),
]


class History:
    """Steps that may happen, and what must hold after each."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, Random(seed)
        self.listed: list[tuple[SimNode, StatementId]] = []
        self.matched = 0

    def step(self) -> None:
        """Let something happen; what a city may not say just now it does not say."""
        steps = [self.list_, self.list_, self.relieve, self.annotate, self.annotate]
        steps += [self.catalog, self.library, self.clock, self.judge, self.judge, self.renew]
        try:
            self.random.choice(steps)()
        except FederationError:
            return
        self.world.federation.settle()

    def list_(self) -> None:
        node = self.random.choice([self.world.luzhou, self.world.luzhou, self.world.yibin])
        number = self.random.randrange(SUBJECTS)
        name = self.random.choice(["", "", "", "别名（演示）"])
        until = self.random.choice([20281231, 20281231, 20261120])
        content = listing(
            number,
            audience=node.audience(),
            name=name,
            until=until,
            document=f"（2026）川05执{self.random.randrange(4)}号",
        )
        if self.random.random() < 0.1:
            content = replace(content, prior_notice_on=Date(0))
        self.listed.append((node, node.list_(content)))

    def one(self) -> tuple[SimNode, StatementId]:
        return (
            self.random.choice(self.listed)
            if self.listed
            else (self.world.luzhou, StatementId(bytes(16)))
        )

    def relieve(self) -> None:
        node, listed = self.one()
        node.relieve(self.random.choice([Kind.REPAIR, Kind.WITHDRAWAL]), listed)

    def annotate(self) -> None:
        node, listed = self.one()
        submission = node.registry.annotate(
            node.tokens(16).hex(),
            statement_id=listed,
            action=self.random.choice(list(AnnotationAction)),
            document="川异〔2026〕1号",
            decided_on=Date(20261101),
        )
        node.run(submission.unit)

    def catalog(self) -> None:
        self.world.yibin.catalog = self.random.choice(CATALOGS)()

    def library(self) -> None:
        library = self.random.choice([library_of(*range(SUBJECTS)), library_of(0), FixedLibrary()])
        furnish(self.world.yibin, library)
        self.world.federation.reconnect(YIBIN)
        self.world.screened.desk = self.world.screened.wired()

    def clock(self) -> None:
        self.world.federation.clock.advance(self.random.randrange(2 * PATIENCE))

    def renew(self) -> None:
        for node in self.world.federation.nodes.values():
            node.publisher.renew_head()
            node.exchange.published()

    def judge(self) -> None:
        self.world.yibin.reconcile()

    def holds(self) -> None:
        """Ask about every subject, and compare with what records say once they were judged."""
        answers = {number: self.world.check(number) for number in range(SUBJECTS)}
        coverage = [answer["coverage"] for answer in answers.values()]
        assert all(one == coverage[0] for one in coverage)
        self.world.yibin.reconcile()
        records = records_of(self.world.yibin)
        for number, answer in answers.items():
            for match in answer["matches"]:
                view = records.get(StatementId(bytes.fromhex(match["statement_id"])))
                assert (view.state, view.rule) == ("active", ""), (number, match)
                assert not (match["measures"] and "objection-opened" in view.annotations)
                assert view.subject is not None
                assert view.subject.name == name_of(number)
                self.matched += bool(match["measures"])


@pytest.mark.parametrize("seed", [1, 2])
def test_no_answer_names_a_measure_for_what_does_not_count(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    history = History(world, seed)
    for _ in range(STEPS):
        history.step()
        history.holds()
    assert history.matched, "nothing was ever a match"
    assert LUZHOU in {log["region"] for log in world.check(0)["coverage"]}
    world.close()
