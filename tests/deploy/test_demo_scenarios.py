"""The demo's scenarios and recognitions: each may be published by the city whose file it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from adapters.catalog.editions import starter_editions
from adapters.files.scenarios import (
    RecognitionDraft,
    ScenarioContext,
    ScenarioDraft,
    read_scenarios,
)
from federation.ids import CharterId, Date
from federation.recognition.scenarios import faults_of
from federation.reconcile.catalog import Catalog
from federation.reconcile.entries import entries_of
from federation.reconcile.equivalences import check_said
from node.texts.catalog_names import names_of
from node.texts.conditions import explain
from tests.support.catalogs import catalog_of

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
TODAY = Date(20261129)
SOUTH = (CharterId(b"s" * 32),)


def context(region: str) -> ScenarioContext:
    known = yaml.safe_load((DEMO / "authorities.yaml").read_text("utf-8"))[region]
    bound = {one["name"]: one["code"] for one in known if "scenarios" in one["feeds"]}
    return ScenarioContext(authorities=bound, charters=SOUTH, today=TODAY)


def catalog(region: str) -> Catalog:
    own = sorted((DEMO / "catalogs" / region).glob("*.yaml"))
    texts = (*starter_editions().values(), *(path.read_text("utf-8") for path in own))
    made = catalog_of(*texts)
    confirmed = {f"{one.id}/{code}" for one in made.editions for code in entries_of(one)}
    return Catalog(made.editions, confirmed)


def test_six_scenarios_of_different_kinds_may_be_published() -> None:
    found = read_scenarios(DEMO / "scenarios" / "510500.yaml", context("510500"))
    drafts = [one for one in found if isinstance(one, ScenarioDraft)]
    assert len(drafts) == len(found) == 6
    here = catalog("510500")
    names = names_of(here, TODAY)
    for draft in drafts:
        assert faults_of(draft.scenario, draft.action, TODAY, here) == ()
        assert draft.scenario.condition is not None
        said = explain(draft.scenario.condition, names)
        assert "演示" in draft.scenario.title
        assert said.zh
    tests = Counter(type(draft.scenario.condition).__name__ for draft in drafts)
    assert len(tests) >= 3
    codes = [benefit.code for draft in drafts for benefit in draft.scenario.benefits]
    assert all(codes)
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("name", "region"),
    [("511000-accepts", "511000"), ("510300-declines", "510300"), ("510100-accepts", "510100")],
)
def test_what_the_other_cities_say(name: str, region: str, tmp_path: Path) -> None:
    text = (DEMO / "scenarios" / f"{name}.yaml").read_text("utf-8")
    path = tmp_path / f"{name}.yaml"
    path.write_text(
        text.replace("{scenario}", "00" * 16).replace("{day}", "2026-11-20"), encoding="utf-8"
    )
    (draft,) = read_scenarios(path, context(region))
    assert isinstance(draft, RecognitionDraft), draft
    assert (draft.reason != "") == name.endswith("declines")
    check_said(draft.equivalences, catalog(region), TODAY)
    assert len(draft.equivalences) == (1 if region == "510100" else 0)
