"""Scenarios, recognitions and a catalog of tests, made short."""

from __future__ import annotations

from typing import Any

import yaml

from federation.conditions import AllOf, AtLeast, Condition, NoListing, OnList
from federation.ids import CharterId, Date, LeafHash, Origin
from federation.payloads import (
    Benefit,
    GradeScale,
    Recognition,
    Reference,
    Scenario,
    SubjectKind,
)
from federation.recognition.recognitions import RecognitionWord
from federation.recognition.scenarios import ScenarioWord
from federation.reconcile.catalog import Catalog
from federation.statements import RecognitionAction, ScenarioAction
from tests.support.catalogs import catalog_of, edition_text

TODAY = Date(20261129)
SOUTH, WEST = CharterId(b"s" * 32), CharterId(b"w" * 32)
OWNER, PEER = Origin("510500.huxin.example/1"), Origin("511000.huxin.example/1")
TAX = "tax-a-rated"
METHOD, EDITION = "tax-credit-rating", "2025"
SCALE = GradeScale(method=METHOD, edition=EDITION, grades=("A", "B", "M", "C", "D"))
DENIES, LISTED = "wages-credit", "unpaid-migrant-wages"
CONDITION: Condition = AllOf(
    of=(
        OnList(list_type=TAX),
        AtLeast(method=METHOD, edition=EDITION, at_least="A"),
        NoListing(list_types=(LISTED,), measure=DENIES),
    )
)


def scenario(**changes: Any) -> Scenario:
    """A scenario that may be published."""
    fields: dict[str, Any] = {
        "scenario_type": "信易租",
        "title": "免押金租房",
        "provider": "510500-development",
        "provider_name": "泸州市发展和改革委员会（演示）",
        "benefits": (Benefit(text="免押金"),),
        "conditions_text": "纳税信用A级",
        "subject_kinds": (SubjectKind.ENTERPRISE,),
        "valid_from": Date(20260101),
        "valid_until": Date(20281231),
        "charters": (SOUTH,),
        "condition": CONDITION,
        "scales": (SCALE,),
    }
    return Scenario(**fields | changes)


def said(text: Scenario, index: int = 0, **changes: Any) -> ScenarioWord:
    """A statement of its issuer about it, at this index."""
    fields: dict[str, Any] = {
        "origin": OWNER,
        "index": index,
        "leaf_hash": LeafHash(bytes([index]) * 32),
        "statement_id": bytes([index]) * 16,
        "about": bytes(16),
        "epoch": 0,
        "action": ScenarioAction.OPENED,
        "said_on": Date(20260101),
        "scenario": text,
    }
    return ScenarioWord(**fields | changes)


def recognition(of: ScenarioWord, **changes: Any) -> Recognition:
    """A recognition of a text."""
    fields: dict[str, Any] = {
        "scenario": Reference(origin=of.origin, index=of.index, leaf_hash=of.leaf_hash),
        "authority": "511000-development",
        "authority_name": "内江市发展和改革委员会（演示）",
        "decided_on": Date(20260301),
    }
    return Recognition(**fields | changes)


def word(
    of: ScenarioWord,
    action: RecognitionAction = RecognitionAction.ACCEPTED,
    index: int = 0,
    said_on: int = 20260301,
    **changes: Any,
) -> RecognitionWord:
    """What a peer said of it."""
    return RecognitionWord(
        origin=PEER,
        index=index,
        epoch=0,
        statement_id=bytes([100 + index]) * 16,
        action=action,
        said_on=Date(said_on),
        of=of.leaf_hash,
        recognition=recognition(of, **changes),
    )


def catalog(**measure: Any) -> Catalog:
    """One by which a measure follows from the wage list, so that a benefit may be denied."""
    document = yaml.safe_load(edition_text(lists=[LISTED, "judgment-defaulter"]))
    document["lists"][LISTED]["measures"] = [DENIES]
    document["measures"] = {
        DENIES: {"name": "限制优惠", "basis": "某法", "certainty": "C", "measure_class": 2}
        | measure
    }
    return catalog_of(yaml.safe_dump(document, allow_unicode=True))
