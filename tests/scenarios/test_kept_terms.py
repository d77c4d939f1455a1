"""What neither a relief nor a last day ends is erased at the end of its term, by trusted time.

自贡 (510300) and 泸州 (510500). Covers node/relief/ended_terms.py, node/relief/erasure.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from federation.dates import add_months
from federation.ids import Date, Timestamp
from federation.own_log import Draft
from federation.payloads import Answer, Commitment, Outcome, Request
from federation.peers.first_notes import FirstNote
from federation.rows import OpeningStatus
from federation.statements import Kind, RequestAction
from federation.working_days import WorkingDays
from node.relief.ended_terms import EndedTerms
from node.relief.erasure import Erasures
from node.system.clock import date_of
from node.upkeep.rebuild import rebuild
from tests.support.catalogs import catalog_of, edition_text
from tests.support.desks import records_of
from tests.support.payload_kinds import EXAMPLES, REFERENCE
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEER = "510300", "510500"
AFTER = Date(20310101)
"""More than three years after all that is said here, less than five."""
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate()
    made.connect(CITY, PEER)
    return made


def term(years: int) -> dict[str, object]:
    return {
        "years": years,
        "unit": "years",
        "basis": "演示条例",
        "certainty": "C",
        "valid_from": "2015-01-01",
        "source": "演示",
    }


def timed(node: SimNode, **rows: int) -> None:
    text = yaml.safe_load(edition_text("tests-2015"))
    named = {f"keep-{name}": term(years) for name, years in rows.items()}
    node.catalog = catalog_of(yaml.safe_dump(text | {"deadlines": named}, allow_unicode=True))


def terms_of(node: SimNode) -> EndedTerms:
    records = records_of(node)
    return EndedTerms(
        requests=records.requests,
        payloads=records.payloads,
        catalog=lambda: node.catalog,
        working_days=lambda: WorkingDays({}),
        now=lambda: Timestamp(node.clock.now() + 10 * 365 * 86_400),
    )


def erase(node: SimNode, today: Date = AFTER) -> dict[str, dict[str, int]]:
    """Erase all that is over on a day; returns what was counted before."""
    terms = terms_of(node)
    with node.store.write() as session:
        for head in session.heads():
            session.set_head(replace(head, delivered_to=head.size))
    erasures = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=lambda: today,
        failpoints=node.failpoints,
        terms=terms,
    )
    for _ in range(10):
        with node.store.read() as session:
            if not erasures.due(session):
                break
        node.run(erasures.unit())
    else:
        pytest.fail("there is no end to what is due")
    equal, differences = rebuild(node.store, node.ledger, node.reconciliation, check_only=True)
    assert equal, differences
    report: dict[str, dict[str, int]] = terms.report()
    return report


def held(node: SimNode, of: SimNode | None = None) -> list[int]:
    """Leaves of a log whose openings are held and not of an open kind."""
    with node.store.read() as session:
        head = session.head((of or node).origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
        openings = {one.index for one in session.openings_between(head.log, 0, head.size)}
    present = {row.idx for row in rows if row.opening == OpeningStatus.PRESENT}
    assert present == openings
    return [row.idx for row in rows if row.idx in present and row.kind != Kind.ERASURE]


def outcome(node: SimNode, case: bytes, decided_on: int = 20261120) -> Draft:
    made = EXAMPLES[Kind.OUTCOME]
    assert isinstance(made, Outcome)
    said = replace(
        made,
        audience=replace(node.audience(), members=(node.origin.split("/")[0],)),
        case_id=case,
        decided_on=Date(decided_on),
    )
    return node.draft(Kind.OUTCOME, said)


def commitment(node: SimNode, due_on: int = 0) -> Draft:
    made = EXAMPLES[Kind.COMMITMENT]
    assert isinstance(made, Commitment)
    said = replace(made, audience=node.audience(), due_on=Date(due_on))
    return node.draft(Kind.COMMITMENT, said)


def answer(node: SimNode) -> Draft:
    members = tuple(f"{one}.huxin.example" for one in (CITY, PEER))
    said = Request(
        audience=replace(node.audience(), members=members), body=Answer(request=REFERENCE)
    )
    return node.draft(Kind.REQUEST, said, action=RequestAction.DONE)


def unknown(node: SimNode) -> Draft:
    return commitment(node)._replace(kind=31)


YEAR = 365 * 86_400
ROWS = ("answer", "outcome", "commitment", "undated", "other")


def say_all(federation: Federation) -> None:
    """What has neither a last day nor a relief, in the order of its leaves."""
    city = federation[CITY]
    undated = listing(1, audience=city.audience(), until=0)
    city.list_(undated)  # 0
    city.say(outcome(city, b"a" * 16), outcome(city, b"b" * 16))  # 1, 2
    city.say(commitment(city), commitment(city, due_on=20301231))  # 3, 4
    city.say(answer(city), unknown(city))  # 5, 6
    federation.settle()


def test_ek1_without_a_row_all_of_it_is_kept_and_said_to_be(federation: Federation) -> None:
    say_all(federation)
    city, peer = federation[CITY], federation[PEER]
    counted = erase(peer)
    assert all(one["held"] == one["without_term"] > 0 for one in counted.values())
    # Reports are for the listing's origin, unknown kinds for nobody.
    assert held(peer, city) == [0, 3, 4, 5]
    assert erase(city) == {
        "answer": {"held": 1, "without_term": 1},
        "outcome": {"held": 2, "without_term": 2},
        "commitment": {"held": 2, "without_term": 2},
        "undated": {"held": 1, "without_term": 1},
        "other": {"held": 1, "without_term": 1},
    }
    assert held(city) == [*range(7)]


@pytest.mark.parametrize(
    ("row", "leaves"),
    [("answer", [5]), ("outcome", [1, 2]), ("commitment", [3]), ("undated", [0]), ("other", [6])],
)
def test_each_ends_by_its_own_row(federation: Federation, row: str, leaves: list[int]) -> None:
    say_all(federation)
    city, peer = federation[CITY], federation[PEER]
    timed(city, **{row: 3})
    begins = Date(20260105) if row == "undated" else date_of(city.clock.now())
    erase(city, add_months(begins, 36))
    assert held(city) == [*range(7)], "the last day is one on which it is kept"
    erase(city)
    assert held(city) == [leaf for leaf in range(7) if leaf not in leaves]
    with city.store.read() as session:
        head = session.head(city.origin)
        assert head is not None
        said = session.rows_between(head.log, 7, head.size)
        about = [row.statement_id for row in session.rows_between(head.log, 0, 7)]
    assert sorted(about.index(one.about) for one in said if one.about) == leaves
    assert {one.kind for one in said} == {Kind.ERASURE}
    # And a peer, whose own rows know no term, follows the origin's word.
    federation.settle()
    erase(peer)
    assert held(peer, city) == [leaf for leaf in (0, 3, 4, 5) if leaf not in leaves]


def test_a_peers_statement_is_erased_here_and_nothing_is_said_of_it(
    federation: Federation,
) -> None:
    say_all(federation)
    city, peer = federation[CITY], federation[PEER]
    timed(peer, **dict.fromkeys(ROWS, 3))
    erase(peer)
    assert held(peer, city) == [4]
    with peer.store.read() as session:
        head = session.head(peer.origin)
        assert head is None or head.size == 0
    assert held(city) == list(range(7))


def test_ek3_the_reports_of_a_case_end_together(federation: Federation) -> None:
    city = federation[CITY]
    city.say(outcome(city, b"a" * 16), outcome(city, b"b" * 16))
    federation.clock.advance(3 * YEAR)
    city.say(outcome(city, b"a" * 16))
    timed(city, outcome=3)
    erase(city)
    assert held(city) == [0, 2]
    erase(city, Date(20330101))
    assert held(city) == []


def test_ek2_one_clock_that_was_wrong_ends_nothing_early(federation: Federation) -> None:
    """The issued_at of a leaf is a claim; the checkpoints kept bound it."""
    city = federation[CITY]
    city.say(commitment(city), commitment(city))
    now = city.clock.now()
    with city.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        note = FirstNote(size=1, cosigned_at=Timestamp(now + 3 * YEAR), note=b"note")
        session.put_first_note(head.log, note)
    timed(city, commitment=3)
    erase(city)
    assert held(city) == [1], "the second was said after that checkpoint"


def test_ek6_without_trusted_time_nothing_ends(federation: Federation) -> None:
    say_all(federation)
    city = federation[CITY]
    timed(city, **dict.fromkeys(ROWS, 3))
    erase(city, Date(0))
    assert held(city) == list(range(7))


def test_an_open_request_and_what_has_a_last_day_are_not_among_them(
    federation: Federation,
) -> None:
    city = federation[CITY]
    city.list_(listing(2, audience=city.audience()))
    with city.store.read() as session:
        assert terms_of(city).counted(session) == {}
