"""What is asked again is what stands, whatever the node added to it (HT16).

Covers node/publishing/restated.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.ids import Date, LeafHash, StatementId
from federation.payloads import (
    Audience,
    Correction,
    Listing,
    Relisting,
    RelistingGround,
    TermQuality,
)
from node.publishing.restated import a_decision, a_draft, a_relisting
from tests.support.payload_examples import LISTING

NOBODY = Audience(charters=(), purposes=())
UNSTATED = replace(LISTING, audience=NOBODY, publish_until=Date(0), term=TermQuality.UNKNOWN)
"""As it is drafted where the node gives it its audience and its last day."""
ENDED = replace(LISTING, term=TermQuality.BY_CATALOG)


def correction(content: Listing, audience: Audience) -> Correction:
    return Correction(audience=audience, replaces=LeafHash(bytes(32)), payload=content)


def test_what_the_node_adds_is_no_difference() -> None:
    assert a_draft(UNSTATED)(ENDED)
    assert a_draft(correction(UNSTATED, NOBODY))(correction(ENDED, ENDED.audience))
    few = replace(NOBODY, members=("510300",))
    assert a_draft(replace(UNSTATED, audience=few))(
        replace(ENDED, audience=replace(ENDED.audience, members=("510300",)))
    )
    assert not a_draft(replace(UNSTATED, audience=few))(ENDED)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "另一情形"},
        {"document": "另一文书"},
        {"publish_until": Date(20300101)},
        {"audience": replace(NOBODY, charters=LISTING.audience.charters)},
    ],
)
def test_what_is_stated_is_compared(change: dict[str, object]) -> None:
    asked = replace(UNSTATED, **change)  # type: ignore[arg-type]
    assert not a_draft(asked)(ENDED)
    if "audience" not in change:
        assert not a_draft(correction(asked, NOBODY))(correction(ENDED, ENDED.audience))


def test_a_relisting_is_by_its_decision_and_with_the_content_that_is_given() -> None:
    said = Relisting(
        audience=ENDED.audience,
        reliefs=(StatementId(bytes(16)),),
        document="甲",
        decided_on=Date(20261120),
        ground=RelistingGround.FRAUD,
        approvals=2,
        payload=ENDED,
    )
    decided = ("甲", Date(20261120), RelistingGround.FRAUD)
    assert a_relisting(*decided, None)(said)
    assert a_relisting(*decided, UNSTATED)(said)
    assert not a_relisting(*decided, replace(UNSTATED, reason="另一情形"))(said)
    assert not a_relisting("乙", *decided[1:], None)(said)
    assert not a_relisting(*decided[:2], RelistingGround.ERROR, None)(said)
    assert not a_relisting(*decided, None)(ENDED)
    assert not a_decision("甲", Date(20261120))(said), "neither a relief nor an annotation"
