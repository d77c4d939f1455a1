"""Similar records: what is found of them, whichever is asked about (L14)."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from federation.comparison import Spelt
from federation.life.similar import similar_to
from federation.ports.journal import pair
from federation.ports.tags import TagReads, Twin
from federation.record_key import RecordKey, pack_subject
from tests.federation.test_comparison import KEY, SPELT


class Tags:
    """A tagger under one key."""

    def lookup(self, value: bytes) -> bytes:
        return hmac.digest(b"lookup", value, "sha256")[:16]

    def suppression(self, key: bytes) -> Sequence[bytes]:
        return [hmac.digest(b"year", key, "sha256")]


def subject_of(record: RecordKey) -> bytes:
    return TAGS.lookup(pack_subject(record.scheme, record.code))


def tag_of(record: RecordKey) -> bytes:
    return Spelt.of(record).tag(TAGS.lookup)


class Relieved:
    """Records that were relieved, and pairs that were told apart."""

    def __init__(self, *records: RecordKey, apart: Sequence[bytes] = ()) -> None:
        self.apart = set(apart)
        self.made = [
            Twin(
                TAGS.suppression(Spelt.of(record).compared)[0],
                tag_of(record),
                subject_of(record),
                1,
                number,
            )
            for number, record in enumerate(records)
        ]

    def has_twins(self) -> bool:
        return bool(self.made)

    def twins_of(self, subject_tags: Collection[bytes]) -> Sequence[Twin]:
        return [twin for twin in self.made if twin.subject in subject_tags]

    def told_apart(self, pairs: Sequence[bytes]) -> set[bytes]:
        return self.apart & set(pairs)


TAGS = Tags()


def held(relieved: Relieved, listed: RecordKey, *, reached: bool = True) -> bool:
    asked = {"it": (tag_of(listed), subject_of(listed))}
    spelt = {"it": Spelt.of(listed)}
    session = cast("TagReads", relieved)
    found = similar_to(session, TAGS, asked, lambda _: spelt, lambda *_: reached)
    return "it" in found


def written(document: str) -> RecordKey:
    return replace(KEY, document=document)


def test_a_record_is_not_similar_to_itself() -> None:
    assert not held(Relieved(KEY), KEY)
    assert not held(Relieved(KEY), written("川税罚[2026] 12 号"))
    assert held(Relieved(KEY), written("川稅罰〔2026〕012号"))
    assert not held(Relieved(KEY), written("川稅罰〔2026〕012号"), reached=False)
    assert not held(Relieved(), written("川稅罰〔2026〕012号"))


@given(SPELT, SPELT)
def test_similarity_goes_both_ways(first: str, second: str) -> None:
    one, other = written(first), written(second)
    assert held(Relieved(one), other) == held(Relieved(other), one)


@given(st.permutations(["川税罚2026-12", "川税罚〔2026〕第0012号", "川税罚〔2026〕十二号"]))
def test_a_pair_told_apart_is_no_other_pair(documents: list[str]) -> None:
    listed, *relieved = map(written, documents)
    tags = [tag_of(record) for record in (listed, *relieved)]
    one = pair(tags[1], tags[0])
    assert held(Relieved(*relieved, apart=[one]), listed) == (tags[2] != tags[0])
    assert not held(Relieved(*relieved, apart=[one, pair(tags[2], tags[0])]), listed)
    assert held(Relieved(relieved[1], apart=[pair(tags[0], tags[2])]), listed)
