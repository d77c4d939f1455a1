"""How long a tag is kept that a relief sets (SPEC §6.5)."""

from __future__ import annotations

import pytest

from federation.comparison import Spelt
from federation.ids import Timestamp
from federation.statements import Kind
from node.log.relieved_tags import RelievedTags
from tests.federation.life.test_life import act

NOW = Timestamp(1_796_000_000)
"""30 November 2026."""


class Ring:
    """A key ring of one year that makes no tags."""

    suppression_years = (2026,)

    def lookup(self, value: bytes) -> bytes:
        return value[:16]

    def suppression(self, value: bytes) -> list[bytes]:
        return [value[:16]]


@pytest.mark.parametrize(
    ("said", "kept"), [(20281231, 20281231), (99991231, 20561130), (0, 0), (20200101, 20200101)]
)
def test_a_relief_s_last_day_holds_within_thirty_years(said: int, kept: int) -> None:
    tags = RelievedTags(Ring(), lambda: NOW)  # type: ignore[arg-type]
    spelt = Spelt(b"k" * 16, "uscc", "91510500MA6TEST001", "川0502执1号")
    entries = tags.ended(act(Kind.REPAIR, 1, until=said).row, spelt)
    assert [entry.until for entry in entries] == [kept, kept]
