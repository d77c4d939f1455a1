"""The rules of a feed, one test for each number of `federation.intake.feed`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest

from federation.conditions import AllOf, Negated, OnList
from federation.errors import RefusedError
from federation.ids import CharterId, Date
from federation.intake.contents import listing_content
from federation.intake.feed import (
    Decision,
    Reach,
    RowNow,
    check_reach,
    check_snapshot,
    decide,
    reach,
    recognition_content,
    scenario_content,
    suspicions,
)
from federation.payloads import (
    Audience,
    Benefit,
    GradeScale,
    Recognition,
    Reference,
    Source,
    Window,
)
from federation.ports.store import FeedRow, FeedRowStatus
from federation.record_key import pack_subject
from tests.support.payload_kinds import COMMENDATION, RECOGNITION, REFERENCE, SCENARIO
from tests.support.simulation import listing

NOW = RowNow(
    record_tag=b"record",
    content_tag=b"content",
    until=20281231,
    relieved="",
    stands=False,
    previous_ended=False,
)
SAID = FeedRow(
    feed="court/judgment-defaulter",
    row_tag=b"row",
    record_tag=b"record",
    content_tag=b"content",
    statement_id=b"s" * 16,
    until=20281231,
    status=FeedRowStatus.LIVE,
)
STANDS = NOW._replace(stands=True)


def test_f1_the_same_row_publishes_nothing() -> None:
    assert decide(SAID, STANDS) is Decision.UNCHANGED


def test_f51_what_an_award_says_tells_it_from_another() -> None:
    said = COMMENDATION
    fields: dict[str, Any] = {
        "grade": "B",
        "grade_method": "another",
        "grade_edition": "1",
        "document": "another",
        "valid_until": Date(20991231),
        "basis": "another",
        "list_type": "another",
        "authority": "another",
    }
    contents = {listing_content(replace(said, **{f: v})) for f, v in fields.items()}
    assert len(contents | {listing_content(said)}) == len(fields) + 1
    moved = replace(said, source=Source(department="x", batch="y", row=9, key="z"))
    assert listing_content(moved) == listing_content(said)


def test_f2_a_new_row_is_listed() -> None:
    assert decide(None, NOW) is Decision.LIST


@pytest.mark.parametrize("previous", [None, SAID])
@pytest.mark.parametrize("content", [b"content", b"changed"])
def test_f3_a_relieved_record_is_never_listed_again(
    previous: FeedRow | None, content: bytes
) -> None:
    now = NOW._replace(relieved="repaired", content_tag=content, previous_ended=True)
    assert decide(previous, now) is Decision.RELIEVED


def test_f3_a_row_whose_listing_ended_stays_ended() -> None:
    changed = NOW._replace(content_tag=b"changed", previous_ended=True)
    assert decide(SAID, changed) is Decision.RELIEVED


def test_f4_a_changed_row_is_corrected() -> None:
    assert decide(SAID, STANDS._replace(content_tag=b"changed")) is Decision.CORRECT
    shorter = STANDS._replace(content_tag=b"changed", until=20270101)
    assert decide(SAID, shorter) is Decision.CORRECT


@pytest.mark.parametrize("until", [20290101, 0])
def test_f5_a_longer_period_is_held(until: int) -> None:
    longer = STANDS._replace(content_tag=b"changed", until=until)
    assert decide(SAID, longer) is Decision.HOLD_LONGER


def test_f6_another_record_replaces_the_old() -> None:
    other = NOW._replace(record_tag=b"other", content_tag=b"changed")
    assert decide(SAID, other) is Decision.REPLACE


@pytest.mark.parametrize("why", ["previous_ended", "previous_corrected"])
def test_f25_a_row_whose_listing_was_relieved_names_another_record(why: str) -> None:
    other = NOW._replace(record_tag=b"other", content_tag=b"changed")
    now = other._replace(
        previous_ended=why == "previous_ended",
        previous_corrected=why == "previous_corrected",
    )
    assert decide(SAID, now) is Decision.HOLD_RELIEVED
    assert decide(SAID, now._replace(told_apart=True)) in (Decision.LIST, Decision.REPLACE)
    rekeyed = SAID._replace(status=FeedRowStatus.WITHDRAWN)
    assert decide(rekeyed, now) is Decision.LIST


def test_f25_another_key_of_a_new_row_leads_to_a_relieved_listing() -> None:
    now = NOW._replace(relieved_by_other_key=True)
    assert decide(None, now) is Decision.HOLD_RELIEVED
    assert decide(None, now._replace(told_apart=True)) is Decision.LIST


def test_f7_a_row_changed_back_to_a_withdrawn_record_is_held() -> None:
    back = NOW._replace(record_tag=b"other", content_tag=b"old", relieved="withdrawn")
    assert decide(SAID, back) is Decision.HOLD_WITHDRAWN


@pytest.mark.parametrize("previous", [None, SAID])
def test_f8_a_record_that_stands_by_another_row(previous: FeedRow | None) -> None:
    other = STANDS._replace(record_tag=b"other", content_tag=b"changed")
    assert decide(previous, other) is Decision.EXISTS


def test_f10_too_much_gone_refuses_the_snapshot() -> None:
    check_snapshot(live=100, gone=20, share_max=0.2)
    check_snapshot(live=0, gone=0, share_max=0.0)
    with pytest.raises(RefusedError) as caught:
        check_snapshot(live=100, gone=21, share_max=0.2)
    assert caught.value.code == "feed.too-much-gone"


def reached(rows: int, most: int) -> Reach:
    return Reach(
        rows=rows,
        subjects=rows - most + 1,
        most_of_subject=most,
        documents=rows,
        most_of_document=1,
    )


@pytest.mark.parametrize(("rows", "most", "refused"), [(19, 19, 0), (20, 18, 0), (20, 19, 1)])
def test_f12_rows_that_go_to_one_subject_are_refused_together(
    rows: int, most: int, refused: int
) -> None:
    found = reached(rows, most)
    shown = "mapping.one-subject" if refused else "mapping.mostly-one"
    assert suspicions(found) == [shown]
    if not refused:
        check_reach(found)
        return
    with pytest.raises(RefusedError, match=f"{most} of {rows} rows") as caught:
        check_reach(found)
    assert caught.value.code == "mapping.one-subject"


@pytest.mark.parametrize(
    ("rows", "most", "shown"), [(4, 4, 0), (5, 2, 0), (5, 3, 1), (9, 8, 1), (100, 50, 0)]
)
def test_f55_most_rows_of_one_subject_are_shown_and_stop_nothing(
    rows: int, most: int, shown: int
) -> None:
    found = reached(rows, most)
    assert suspicions(found) == ["mapping.mostly-one"] * shown
    check_reach(found)


def test_f12_one_document_is_shown_and_not_refused() -> None:
    found = replace(reached(50, 1), documents=2, most_of_document=49)
    assert suspicions(found) == ["mapping.one-document"]
    check_reach(found)


def test_f12_counts_what_listings_reach() -> None:
    audience = Audience(charters=(), purposes=())
    one = listing(1, audience=audience)
    other = replace(one, document="（2026）另1号")
    rows = (one, other, listing(2, audience=audience))
    found = reach(
        (pack_subject(row.subject.scheme, row.subject.code), row.document) for row in rows
    )
    assert (found.rows, found.subjects, found.most_of_subject) == (3, 2, 2)
    assert reach([]).most_of_subject == 0


@pytest.mark.parametrize("content", [b"content", b"changed"])
def test_f11_a_paused_row_that_comes_back_is_shown(content: bytes) -> None:
    paused = SAID._replace(status=FeedRowStatus.PAUSED)
    assert decide(paused, STANDS._replace(content_tag=content)) is Decision.PAUSED_BACK


def test_content_leaves_out_where_the_row_was_found() -> None:
    audience = Audience(charters=(), purposes=())
    one = listing(1, audience=audience)
    moved = replace(
        one,
        audience=Audience(charters=(), purposes=("audit",)),
        source=Source(department="court", batch="next", row=7, key="1"),
    )
    assert listing_content(moved) == listing_content(one)
    assert listing_content(replace(one, reason="不履行")) != listing_content(one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown(Reference):
    """What recognitions refer to, with a field of a later version."""

    more: str = ""


def test_recognitions_of_files_read_before_do_not_seem_to_have_changed() -> None:
    said = Recognition(
        scenario=REFERENCE,
        authority="a",
        authority_name="市局（演示）",
        conditions_text="限本市",
        decided_on=Date(20260301),
        valid_until=Date(20270301),
    )
    expected = (
        "Recognition(min_reader=1, scenario=Reference(origin='peer.example/1', index=9, "
        f"leaf_hash={b'h' * 32!r}), authority='a', authority_name='市局（演示）', "
        "conditions='限本市', reason='', decided_on=20260301, valid_until=20270301)"
    )
    assert recognition_content(said) == expected.encode()
    grown = replace(said, scenario=Grown(**asdict(REFERENCE)))
    assert recognition_content(grown) == expected.encode()


PLAIN = replace(SCENARIO, benefits=(Benefit(text="免押金"),), places=(), windows=(), scales=())
PLAIN = replace(PLAIN, condition=None)
TERMS = replace(
    RECOGNITION, further=None, equivalences=(), services=(), charters=(), effective_on=Date(0)
)


@pytest.mark.parametrize(
    "change",
    [
        {"benefits": (Benefit(code="x", text="免押金"),)},
        {"places": ("5105",)},
        {"windows": (Window(name="市民中心"),)},
        {"condition": OnList(list_type="a")},
        {"condition": AllOf(of=(OnList(list_type="a"),))},
        {"condition": Negated(condition=OnList(list_type="a"))},
        {"scales": (GradeScale(method="m", edition="1", grades=("A",)),)},
    ],
)
def test_what_a_scenario_states_besides_is_part_of_its_row(change: dict[str, Any]) -> None:
    """A row that states none of it has the tag that it had before there were such fields."""
    assert scenario_content(PLAIN).endswith(str(PLAIN.valid_until).encode())
    changed = scenario_content(replace(PLAIN, **change))
    assert changed.startswith(scenario_content(PLAIN))
    assert len(changed) > len(scenario_content(PLAIN))


@pytest.mark.parametrize(
    "change",
    [
        {"further": OnList(list_type="a")},
        {"services": ("窗口",)},
        {"charters": (CharterId(b"c" * 32),)},
        {"effective_on": Date(20270101)},
        {"equivalences": RECOGNITION.equivalences},
    ],
)
def test_what_a_recognition_states_besides_is_part_of_its_row(change: dict[str, Any]) -> None:
    assert recognition_content(TERMS).endswith(b")")
    changed = recognition_content(replace(TERMS, **change))
    assert changed.startswith(recognition_content(TERMS))
    assert len(changed) > len(recognition_content(TERMS))
