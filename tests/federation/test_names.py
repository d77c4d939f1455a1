"""Names of codes: complete, distinct, and the same in both directions."""

from __future__ import annotations

import pytest

from federation import names
from federation.errors import StatementError
from federation.payloads import SubjectKind, Tier
from federation.statements import ACTIONS, Kind


def test_every_kind_is_named_in_both_languages() -> None:
    assert names.KINDS.name(Kind.AUDIENCE_KEY) == "audience-key"
    assert names.KINDS.label(Kind.RELISTING) == "恢复列入"
    assert len(names.KINDS.all()) == len(Kind)
    for kind in Kind:
        assert names.KINDS.code(names.KINDS.name(kind)) == kind
        assert names.KINDS.code(names.KINDS.label(kind)) == kind


TABLES: dict[int, names.Names] = {
    Kind.ANNOTATION: names.ANNOTATION_ACTIONS,
    Kind.SCENARIO: names.SCENARIO_ACTIONS,
    Kind.RECOGNITION: names.RECOGNITION_ACTIONS,
    Kind.CONTINUATION: names.CONTINUATION_ACTIONS,
    Kind.REQUEST: names.REQUEST_ACTIONS,
}


def test_every_action_is_named_in_both_languages() -> None:
    for kind, actions in ACTIONS.items():
        for action in actions:
            assert names.action_code(kind, names.action_name(kind, action)) == action
            label = TABLES[kind].label(action) if action else ""
            assert names.action_code(kind, label) == action
    assert names.action_name(Kind.ANNOTATION, 3) == "masking-begun"
    assert names.ANNOTATION_ACTIONS.label(3) == "屏蔽"
    assert names.action_name(Kind.LISTING, 0) == ""


def test_subject_kinds_and_tiers() -> None:
    assert names.SUBJECT_KINDS.code("个体工商户") == SubjectKind.SOLE_TRADER
    assert names.SUBJECT_KINDS.name(SubjectKind.PUBLIC_BODY) == "public-body"
    assert names.TIERS.code("重点关注") == Tier.WATCH
    assert names.TIERS.label(Tier.SEVERE) == "严重失信"


@pytest.mark.parametrize("code", [0, 19, 99, 255])
def test_codes_that_have_no_name_are_written_as_numbers(code: int) -> None:
    assert names.KINDS.name(code) == names.KINDS.label(code) == f"kind-{code}"
    assert names.KINDS.code(f"kind-{code}") == code


@pytest.mark.parametrize(
    "text", ["", "Listing", "kind-", "kind-1", "kind-099", "kind--1", "kind-٣٣", "kind-1000", "x"]
)
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(StatementError, match=r"^kind: expected") as caught:
        names.KINDS.code(text)
    assert caught.value.code == "name.unknown"


def test_an_action_of_another_kind_is_refused() -> None:
    with pytest.raises(StatementError, match="action"):
        names.action_code(Kind.LISTING, "opened")
    assert names.action_code(Kind.LISTING, "action-9") == 9
