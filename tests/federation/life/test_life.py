"""The rules of a listing's life, one test for each number of `federation.life.life`."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest

from federation.ids import Date
from federation.life import life
from federation.life.life import Act, judge
from federation.payloads import ErasureGround
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import FLAG_SUSPEND_IF_UNKNOWN, AnnotationAction, Kind

LISTING_ID = b"L" * 16
LISTING_HASH = b"h" * 32
RECORD = b"s" * 16 + b"r" * 8
OTHER_RECORD = b"s" * 16 + b"x" * 8
OWN, PEER = 1, 2


def row(kind: int = Kind.LISTING, **changes: object) -> StatementRow:
    """A row of our own log, by default the listing."""
    base = StatementRow(
        log=OWN,
        idx=0,
        statement_id=LISTING_ID,
        kind=kind,
        action=0,
        flags=0,
        about=None,
        opening=OpeningStatus.PRESENT,
        tag=RECORD,
        audience=1,
        list_type="judgment-defaulter",
        authority="court",
        decided_on=20260101,
        until=20281231,
        state=State.ACTIVE if kind == Kind.LISTING else State.IN_FORCE,
        rule="",
        header_state=State.ACTIVE,
        names=None,
        current=0,
    )
    return base._replace(**changes)  # type: ignore[arg-type]


def act(kind: int, number: int, **changes: object) -> Act:
    """A statement about the listing; `number` is its index and makes its id and hash."""
    fields: dict[str, object] = {
        "idx": number,
        "statement_id": bytes([number]) * 16,
        "about": LISTING_ID,
        "current": number,
    }
    direct = bool(changes.pop("direct", True))
    follows = bool(changes.pop("follows", False))
    within_cut = bool(changes.pop("within_cut", True))
    epoch = int(str(changes.pop("epoch", 0)))
    erases = bool(changes.pop("erases", kind == Kind.ERASURE))
    made = row(kind, **(fields | changes))
    return Act(
        row=made,
        leaf_hash=bytes([number]) * 32,
        direct=direct,
        follows=follows,
        within_cut=within_cut,
        same_chain=frozenset({made.log}),
        epoch=epoch,
        erases=erases,
    )


def state_of(*acts: Act, listing: StatementRow | None = None) -> State:
    """The judgement, which is the same in every order of the acts."""
    chosen = row() if listing is None else listing
    found = {judge(chosen, LISTING_HASH, order) for order in permutations(acts)}
    assert len(found) == 1
    return found.pop().state


def rule_of(*acts: Act, listing: StatementRow | None = None) -> str:
    """The rule behind the judgement."""
    return judge(row() if listing is None else listing, LISTING_HASH, acts).rule


def relisting(number: int, *names: bytes, about: bytes, **changes: object) -> Act:
    """An opened RELISTING that names these reliefs."""
    return act(Kind.RELISTING, number, about=about, names=b"".join(names), **changes)


def annotation(number: int, action: AnnotationAction, **changes: object) -> Act:
    """An ANNOTATION with an action."""
    return act(Kind.ANNOTATION, number, action=action, **changes)


def test_l1_relief_acts_on_the_leaf_alone() -> None:
    for status in OpeningStatus:
        assert state_of(act(Kind.REPAIR, 1, opening=status, tag=None)) == State.REPAIRED
    assert rule_of(act(Kind.REPAIR, 1)) == "relief.direct"


def test_l1_a_stranger_relieves_nothing() -> None:
    assert state_of(act(Kind.REPAIR, 1, log=PEER, direct=False)) == State.ACTIVE


def test_l2_relief_follows_the_record() -> None:
    elsewhere = act(Kind.REPAIR, 1, log=PEER, direct=False, follows=True, about=b"?" * 16)
    assert state_of(elsewhere) == State.REPAIRED
    assert rule_of(elsewhere) == "relief.follows-record"


def test_l3_a_relisting_revokes_what_it_names() -> None:
    repair = act(Kind.REPAIR, 1)
    revoked = relisting(2, repair.row.statement_id, about=repair.row.statement_id)
    assert state_of(repair, revoked) == State.ACTIVE
    assert judge(row(), LISTING_HASH, [repair, revoked]).current == revoked.row


def test_l3_every_relief_must_be_named() -> None:
    first, second = act(Kind.REPAIR, 1), act(Kind.REPAIR, 2)
    one = relisting(3, first.row.statement_id, about=first.row.statement_id)
    assert state_of(first, second, one) == State.REPAIRED


@pytest.mark.parametrize(
    "changes",
    [
        {"opening": OpeningStatus.PENDING},
        {"state": State.SET_ASIDE},
        {"log": PEER},
        {"names": None},
    ],
)
def test_l3_only_an_opened_entitled_relisting_of_the_same_chain(
    changes: dict[str, object],
) -> None:
    repair = act(Kind.REPAIR, 1)
    said = {"names": repair.row.statement_id} | changes
    useless = act(Kind.RELISTING, 2, about=repair.row.statement_id, **said)
    assert state_of(repair, useless) == State.REPAIRED


def test_l3_a_relisting_revokes_nothing_that_comes_after_it() -> None:
    name = b"\x01" * 16
    first = act(Kind.REPAIR, 1)
    again = relisting(2, name, about=name)
    assert state_of(first, again, act(Kind.REPAIR, 3, statement_id=name)) == State.REPAIRED
    assert state_of(first, again, act(Kind.REPAIR, 0, statement_id=name)) == State.ACTIVE
    assert state_of(first, again, act(Kind.REPAIR, 1, statement_id=name, epoch=1)) == State.REPAIRED


def test_l4_withdrawal_outweighs_repair() -> None:
    assert state_of(act(Kind.REPAIR, 1), act(Kind.WITHDRAWAL, 2)) == State.WITHDRAWN


def test_l5_masking_and_pausing_act_on_the_header() -> None:
    for action, state in (
        (AnnotationAction.MASKING_BEGUN, State.MASKED),
        (AnnotationAction.PAUSED, State.PAUSED),
    ):
        assert state_of(annotation(1, action, opening=OpeningStatus.PENDING)) == state


def test_l5_an_end_ends_only_the_leaf_that_it_names() -> None:
    first = annotation(1, AnnotationAction.MASKING_BEGUN)
    second = annotation(2, AnnotationAction.MASKING_BEGUN)
    end = annotation(3, AnnotationAction.MASKING_ENDED, names=first.leaf_hash)
    assert state_of(first, end) == State.ACTIVE
    assert state_of(first, second, end) == State.MASKED


@pytest.mark.parametrize(
    "changes", [{"opening": OpeningStatus.PENDING}, {"state": State.SET_ASIDE}, {"direct": False}]
)
def test_l5_an_end_needs_its_opening_and_its_right(changes: dict[str, object]) -> None:
    begun = annotation(1, AnnotationAction.MASKING_BEGUN)
    end = annotation(2, AnnotationAction.MASKING_ENDED, names=begun.leaf_hash, **changes)
    assert state_of(begun, end) == State.MASKED


def test_l6_the_order_of_the_states() -> None:
    masked = annotation(1, AnnotationAction.MASKING_BEGUN)
    paused = annotation(2, AnnotationAction.PAUSED)
    assert state_of(masked, paused) == State.MASKED
    assert state_of(masked, paused, act(Kind.REPAIR, 3)) == State.REPAIRED
    for state in (State.ACTIVE, State.MASKED, State.PAUSED):
        assert life.at(state, Date(20261120), Date(20261121)) == State.EXPIRED
    for state in (State.REPAIRED, State.WITHDRAWN, State.SET_ASIDE):
        assert life.at(state, Date(20261120), Date(20261121)) == state


def test_l7_two_corrections_of_one_leaf() -> None:
    one = act(Kind.CORRECTION, 1, names=LISTING_HASH)
    other = act(Kind.CORRECTION, 2, names=LISTING_HASH)
    assert judge(row(), LISTING_HASH, [one]).current == one.row
    assert rule_of(one, other) == "correction.conflict"
    assert rule_of(one) == ""


def test_l7_an_unopened_correction() -> None:
    for status in (OpeningStatus.PENDING, OpeningStatus.NOT_FOR_US):
        assert rule_of(act(Kind.CORRECTION, 1, opening=status, names=None)) == (
            "correction.unopened"
        )


def test_l7_a_relisting_leaves_older_corrections_behind() -> None:
    old = act(Kind.CORRECTION, 1, opening=OpeningStatus.ERASED, names=None)
    repair = act(Kind.REPAIR, 2)
    back = relisting(3, repair.row.statement_id, about=repair.row.statement_id)
    assert rule_of(old, repair, back) == ""
    assert rule_of(act(Kind.CORRECTION, 4, opening=OpeningStatus.PENDING), repair, back) == (
        "correction.unopened"
    )


@pytest.mark.parametrize("changes", [{"state": State.HELD}, {"opening": OpeningStatus.ERASED}])
def test_l7_a_correction_that_cannot_be_read(changes: dict[str, object]) -> None:
    assert rule_of(act(Kind.CORRECTION, 1, names=LISTING_HASH, **changes)) == (
        "correction.unopened"
    )


def test_l3_a_relisting_of_another_record_revokes_nothing() -> None:
    repair = act(Kind.REPAIR, 1)
    name = repair.row.statement_id
    other = relisting(2, name, about=name, tag=OTHER_RECORD)
    assert state_of(repair, other) == State.REPAIRED
    assert judge(row(), LISTING_HASH, [repair, other]).current == row()


def test_l7_relistings_of_two_chains_do_not_punish() -> None:
    own, theirs = act(Kind.REPAIR, 1), act(Kind.REPAIR, 1, log=PEER)
    name = own.row.statement_id
    one = relisting(2, name, about=name)
    other = relisting(2, name, about=name, log=PEER)
    assert state_of(own, theirs, one, other) == State.ACTIVE
    assert rule_of(own, theirs, one, other) == "correction.conflict"


def test_l7_what_is_newer_is_told_by_the_epoch_first() -> None:
    name = b"\x01" * 16
    older, newer = (relisting(i, name, about=name, epoch=e) for i, e in ((9, 0), (2, 1)))
    assert judge(row(), LISTING_HASH, [older, newer]).current == newer.row
    pending = OpeningStatus.PENDING
    assert rule_of(newer, act(Kind.CORRECTION, 5, opening=pending, names=None)) == ""
    late = act(Kind.CORRECTION, 1, opening=pending, names=None, epoch=2)
    assert rule_of(newer, late) == "correction.unopened"


def test_l12_a_payload_of_another_kind_changes_nothing() -> None:
    honour = row(Kind.COMMENDATION, state=State.ACTIVE)
    name = b"\x01" * 16
    for kind, listing, counts in (
        (Kind.LISTING, row(), True),
        (Kind.COMMENDATION, row(), False),
        (Kind.LISTING, honour, False),
    ):
        said = act(Kind.CORRECTION, 2, names=LISTING_HASH + bytes([kind]))
        assert (judge(listing, LISTING_HASH, [said]).current == said.row) is counts
        back = relisting(2, name, bytes([kind]), about=name)
        assert (state_of(act(Kind.REPAIR, 1), back, listing=listing) == State.ACTIVE) is counts


def test_l7_corrections_follow_one_another() -> None:
    one = act(Kind.CORRECTION, 1, names=LISTING_HASH)
    two = act(Kind.CORRECTION, 2, names=one.leaf_hash)
    assert judge(row(), LISTING_HASH, [two, one]).current == two.row


def test_l8_an_unknown_statement_suspends_if_it_says_so() -> None:
    unknown = {"state": State.SET_ASIDE, "rule": "kind.unknown"}
    assert rule_of(act(99, 1, flags=FLAG_SUSPEND_IF_UNKNOWN, **unknown)) == (
        "suspended.unknown-statement"
    )
    assert rule_of(act(99, 1, **unknown)) == ""
    assert rule_of(act(99, 1, flags=FLAG_SUSPEND_IF_UNKNOWN, direct=False, **unknown)) == ""


def test_l9_an_objection_is_shown_and_changes_nothing() -> None:
    opened = annotation(1, AnnotationAction.OBJECTION_OPENED)
    closed = annotation(2, AnnotationAction.OBJECTION_CLOSED, names=opened.leaf_hash)
    judged = judge(row(), LISTING_HASH, [opened])
    assert (judged.state, judged.rule, judged.objection_open) == (State.ACTIVE, "", True)
    assert not judge(row(), LISTING_HASH, [opened, closed]).objection_open


def test_l10_an_unopened_listing_does_not_punish() -> None:
    for status in (OpeningStatus.PENDING, OpeningStatus.NOT_FOR_US, OpeningStatus.ERASED):
        assert rule_of(listing=row(opening=status)) == "opening.missing"
    assert rule_of() == ""


def test_l11_the_last_day_still_counts() -> None:
    assert life.at(State.ACTIVE, Date(20261121), Date(20261121)) == State.ACTIVE
    assert life.at(State.ACTIVE, Date(0), Date(20261121)) == State.ACTIVE


@pytest.mark.parametrize("changes", [{"until": 20290101}, {"until": 0}, {"tag": OTHER_RECORD}])
def test_l12_a_correction_never_widens(changes: dict[str, object]) -> None:
    wide = act(Kind.CORRECTION, 1, names=LISTING_HASH, **changes)
    assert judge(row(), LISTING_HASH, [wide]).current == row()
    narrow = act(Kind.CORRECTION, 1, names=LISTING_HASH, until=20270101)
    assert judge(row(), LISTING_HASH, [narrow]).current == narrow.row


def test_l13_relief_beyond_the_cut_suspends() -> None:
    beyond = act(Kind.REPAIR, 1, within_cut=False)
    assert state_of(beyond) == State.ACTIVE
    assert rule_of(beyond) == "suspended.relief-beyond-cut"


def test_doubts_are_shown_in_one_order() -> None:
    beyond = act(Kind.REPAIR, 1, within_cut=False)
    unknown = act(99, 2, flags=FLAG_SUSPEND_IF_UNKNOWN, rule="kind.unknown", state=State.SET_ASIDE)
    sealed = row(opening=OpeningStatus.PENDING)
    for acts in permutations((unknown, beyond)):
        assert rule_of(*acts, listing=sealed) == "suspended.relief-beyond-cut"
    assert rule_of(unknown, listing=sealed) == "suspended.unknown-statement"
    unread = act(Kind.CORRECTION, 3, opening=OpeningStatus.PENDING, names=None)
    assert rule_of(unknown, beyond, unread, listing=sealed) == "correction.unopened"


def test_log_state_reads_headers_of_the_own_log_alone() -> None:
    def header(*acts: Act) -> State:
        return judge(row(), LISTING_HASH, acts).header_state

    begun = annotation(1, AnnotationAction.MASKING_BEGUN)
    end = annotation(2, AnnotationAction.MASKING_ENDED, names=begun.leaf_hash)
    repair = act(Kind.REPAIR, 3)
    assert header() == State.ACTIVE
    assert header(begun, end) == State.MASKED
    assert header(annotation(1, AnnotationAction.PAUSED)) == State.PAUSED
    assert header(begun, repair) == State.REPAIRED
    assert header(repair, relisting(4, b"\x03" * 16, about=b"\x03" * 16)) == State.REPAIRED
    assert header(repair, act(Kind.WITHDRAWAL, 5)) == State.WITHDRAWN
    assert header(act(Kind.REPAIR, 6, log=PEER, direct=False, follows=True)) == State.ACTIVE


def test_the_decision_table_is_total() -> None:
    """Every event has an answer in every state, and the states are ordered once."""
    histories = {
        State.ACTIVE: [],
        State.MASKED: [annotation(1, AnnotationAction.MASKING_BEGUN)],
        State.PAUSED: [annotation(1, AnnotationAction.PAUSED)],
        State.REPAIRED: [act(Kind.REPAIR, 1)],
        State.WITHDRAWN: [act(Kind.WITHDRAWAL, 1)],
    }
    events = [
        act(Kind.REPAIR, 9),
        act(Kind.WITHDRAWAL, 9),
        annotation(9, AnnotationAction.MASKING_BEGUN),
        annotation(9, AnnotationAction.PAUSED),
        relisting(9, b"\x01" * 16, about=b"\x01" * 16),
    ]
    rank = [state for state, _ in life.PRECEDENCE]
    for before, history in histories.items():
        assert state_of(*history) == before
        for event in events:
            after = state_of(*history, event)
            if event.row.kind != Kind.RELISTING:
                assert rank.index(after) <= rank.index(before)
    assert set(rank) == {*histories, State.EXPIRED}


def erasure(number: int, ground: ErasureGround, **changes: object) -> Act:
    """An opened ERASURE of the listing."""
    return act(Kind.ERASURE, number, names=bytes([ground]), tag=None, **changes)


LATE = row(opening=OpeningStatus.ERASED, rule="opening.missing", tag=None, until=0)
BY_GROUND = {
    ErasureGround.WITHDRAWN: (State.WITHDRAWN, "erasure.withdrawn"),
    ErasureGround.REPAIRED: (State.REPAIRED, "erasure.repaired"),
    ErasureGround.EXPIRED: (State.EXPIRED, "erasure.expired"),
    ErasureGround.ORDERED: (State.ACTIVE, "erasure.ordered"),
}


@pytest.mark.parametrize("ground", BY_GROUND)
@pytest.mark.parametrize("listing", [LATE, row()], ids=["never opened", "held"])
def test_l15_where_nothing_else_decides_the_ground_of_the_erasure_does(
    ground: ErasureGround, listing: StatementRow
) -> None:
    said = erasure(1, ground)
    assert (state_of(said, listing=listing), rule_of(said, listing=listing)) == BY_GROUND[ground]
    assert judge(listing, LISTING_HASH, [said]).header_state == State.ACTIVE


def test_l15_a_standing_relief_decides_before_it() -> None:
    said = erasure(1, ErasureGround.WITHDRAWN)
    assert state_of(said, act(Kind.REPAIR, 2), listing=LATE) == State.REPAIRED
    assert rule_of(said, act(Kind.REPAIR, 2), listing=LATE) == "relief.direct"


def test_l15_it_decides_before_masking_and_pause_and_an_order_only_stops() -> None:
    masked = annotation(1, AnnotationAction.MASKING_BEGUN)
    assert state_of(masked, erasure(2, ErasureGround.EXPIRED)) == State.EXPIRED
    ordered = erasure(2, ErasureGround.ORDERED)
    assert (state_of(masked, ordered), rule_of(masked, ordered)) == (
        State.MASKED,
        "erasure.ordered",
    )


def test_l15_of_several_grounds_the_gravest_counts() -> None:
    grounds = list(BY_GROUND)
    for first, second in pairwise(grounds):
        both = (erasure(1, second), erasure(2, first))
        assert (state_of(*both), rule_of(*both)) == BY_GROUND[first]


def test_l15_only_the_listing_s_own_chain_and_what_is_opened_and_in_force() -> None:
    ground = ErasureGround.REPAIRED
    assert state_of(erasure(1, ground, log=PEER, erases=False)) == State.ACTIVE, "or a delegate"
    assert state_of(erasure(1, ground, log=PEER)) == State.REPAIRED, "who acts for an ended member"
    assert state_of(erasure(1, ground, state=State.SET_ASIDE)) == State.ACTIVE
    assert state_of(erasure(1, ground, opening=OpeningStatus.PENDING)) == State.ACTIVE
    assert state_of(act(Kind.ERASURE, 1, names=None)) == State.ACTIVE
    assert state_of(erasure(1, ground, about=b"?" * 16)) == State.ACTIVE


def test_l15_after_a_relisting_another_payload_is_in_force() -> None:
    repair = act(Kind.REPAIR, 1)
    erased = erasure(2, ErasureGround.REPAIRED)
    again = relisting(3, repair.row.statement_id, about=repair.row.statement_id)
    assert state_of(repair, erased, again) == State.ACTIVE
    withdrawn = act(Kind.WITHDRAWAL, 4)
    assert state_of(repair, erased, again, withdrawn) == State.WITHDRAWN
