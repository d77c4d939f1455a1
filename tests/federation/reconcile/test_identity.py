"""Names that agree and names that only look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.reconcile.identity import BaseSubject, agrees
from federation.subject_names import normal_name

SAME = [
    ("虚构〇二企业（演示）", "虚构零二企业(演示)"),
    ("虚构○二企业【演示】", "虚构〇二企业〔演示〕"),
    ("阿卜杜拉·虚构商行", "阿卜杜拉•虚构商行"),
    ("阿卜杜拉・虚构商行", "阿卜杜拉‧虚构商行"),
    ("虚构 企业　有限公司", "虚构企业有限公司"),
    ("虚构\u200b企业\ufeff有限公司", "虚构企业有限公司"),
    ("ＡＢＣ虚构企业", "abc虚构企业"),
    ("虚构企业⼀厂", "虚构企业一厂"),
    ("虚构－企业", "虚构—企业"),
]
DIFFERENT = [
    ("虚构企业一厂", "虚构企业二厂"),
    ("虚构己任企业", "虚构已任企业"),
    ("虚构未来企业", "虚构末来企业"),
    ("泸州虚构企业", "庐州虚构企业"),
    ("虚构企业", "企业虚构"),
    ("虚构企业有限公司", "虚构企业有限责任公司"),
    ("虚构企业", "虚构企业分公司"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_name_in_other_characters_agrees(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other) != ""
    assert agrees(one, BaseSubject("c", other))
    assert agrees(one, BaseSubject("c", "现名", former_names=("别名", other)))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_only_looks_or_sounds_alike_does_not_agree(one: str, other: str) -> None:
    assert not agrees(one, BaseSubject("c", other))


@pytest.mark.parametrize("name", ["虚构\ue000企业", "虚构\U000f0000企业", "", "\u200b"])
def test_a_name_without_a_meaning_agrees_with_nothing(name: str) -> None:
    assert normal_name(name) == ""
    assert not agrees(name, BaseSubject("c", name, former_names=(name,)))


@given(st.text(max_size=30))
def test_the_normal_form_is_stable(name: str) -> None:
    once = normal_name(name)
    assert normal_name(once) == once
