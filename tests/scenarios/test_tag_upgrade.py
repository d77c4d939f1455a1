"""An upgrade from tags of the former form of record keys: nothing is said, and nothing comes back.

The history is made while subjects stand by the code that names them, as up to schema 0007.

Covers node/peers/tag_upgrade.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from federation import record_key
from federation.comparison import Spelt
from federation.life.life import SIMILAR
from federation.life.suppression import SUPPRESSED
from federation.payloads import Listing, Subject, SubjectKind
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from node.demo.members import DemoMember
from node.peers.tag_upgrade import TagUpgrade
from node.relief.erasure import Erasures
from node.upkeep.rebuild import rebuild
from tests.scenarios.test_intake import Desk, cells
from tests.support.federation_dirs import WiredNode, found
from tests.support.invented import code_of
from tests.support.simulation import Federation, SimNode, listing, relief_payload

Federate = Callable[..., Federation]


@pytest.fixture
def former() -> Iterator[pytest.MonkeyPatch]:
    """As long as it is not undone, a subject stands by the code that names it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_key, "same_subject", lambda scheme, code: (scheme, code))
        yield patch


@pytest.fixture
def city(federate: Federate) -> SimNode:
    return federate("510300")["510300"]


def upgrade(node: SimNode, former: pytest.MonkeyPatch) -> None:
    """The database as the migration leaves it, and the node's start after it."""
    former.undo()
    engine = create_engine(node.url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM twins"))
        connection.execute(text("DELETE FROM journal WHERE kind LIKE 'twin%'"))
        connection.execute(text("UPDATE suppressions SET former = 1"))
        connection.execute(text("INSERT INTO unformed (log, formed_to) SELECT log, 0 FROM logs"))
    engine.dispose()
    form(node)


def form(node: SimNode) -> None:
    TagUpgrade(
        store=node.store,
        keyring=node.keyring,
        payloads=node.payloads,
        ledger=node.ledger,
        now=node.clock.now,
    ).run()


def erase(node: SimNode) -> None:
    """Erase what is due."""
    jobs = Erasures(
        own=node.origin,
        registry=node.registry,
        now=node.clock.now,
        today=node.clock.today,
        failpoints=node.failpoints,
    )
    for _ in range(4):
        node.run(jobs.unit())


def shown(node: SimNode, statement_id: bytes) -> tuple[State, str]:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
    return State(row.state), row.rule


def by_organisation_code(node: SimNode, number: int) -> Listing:
    code = code_of(number)[8:17]
    content = listing(number, audience=node.audience())
    subject = Subject(
        scheme="organisation-code", code=code, name="示例", kind=SubjectKind.ENTERPRISE
    )
    return Listing(
        **{name: getattr(content, name) for name in content.__slots__} | {"subject": subject}
    )


def test_tags_are_those_that_would_be_made_now(city: SimNode, former: pytest.MonkeyPatch) -> None:
    for number in range(1, 5):
        city.list_(listing(number, audience=city.audience()))
    city.relieve(Kind.REPAIR, city.list_(listing(5, audience=city.audience())))
    upgrade(city, former)
    with city.store.read() as session:
        (head,) = [one for one in session.heads() if one.size]
        after = [r._replace(audience=0) for r in session.rows_between(head.log, 0, head.size)]
        assert session.unformed() == {}
        assert not session.has_former_suppressions()
    rebuild(city.store, city.ledger, city.reconciliation, check_only=False)
    with city.store.read() as session:
        derived = session.rows_between(head.log, 0, head.size)
    assert [row._replace(audience=0) for row in derived] == after


def test_an_erased_listing_and_its_tag_get_the_new_form_from_the_relief(
    city: SimNode, former: pytest.MonkeyPatch
) -> None:
    content = listing(1, audience=city.audience())
    listed = city.list_(content)
    city.relieve(Kind.REPAIR, listed)
    erase(city)
    upgrade(city, former)
    with city.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
        assert row.opening == OpeningStatus.ERASED
        assert row.record_tag == Spelt.of(content.key).tag(city.keyring.lookup)
        assert session.suppressed(city.keyring.suppression(content.key.pack()))
        assert not session.has_former_suppressions()
        assert session.has_twins()
    again = city.list_(by_organisation_code(city, 1))
    like = city.list_(listing(1, audience=city.audience(), document="（2026）川05执001号"))
    assert shown(city, again)[0] == State.REPAIRED
    assert shown(city, like) == (State.ACTIVE, SIMILAR)


def test_what_was_erased_gets_the_new_form_of_its_subject_from_another_statement(
    city: SimNode, former: pytest.MonkeyPatch
) -> None:
    content = listing(1, audience=city.audience())
    gone = city.list_(content)
    city.list_(listing(1, audience=city.audience(), document="（2026）川05执001号"))
    with city.store.write() as session:
        (head,) = [one for one in session.heads() if one.size]
        session.erase_openings(head.log, [0])
    upgrade(city, former)
    subject = city.keyring.lookup(city.payloads.written(content).facts.subject)
    with city.store.read() as session:
        (row,) = session.rows_by_id(None, [gone])
    assert row.subject_tag == subject


def test_a_tag_without_a_relief_is_found_by_the_former_form(
    city: SimNode, former: pytest.MonkeyPatch
) -> None:
    content = listing(1, audience=city.audience())
    city.relieve(Kind.REPAIR, city.list_(content))
    with city.store.write() as session:
        (head,) = [one for one in session.heads() if one.size]
        session.erase_openings(head.log, range(head.size))
        rows = session.rows_between(head.log, 0, head.size)
        session.replace_rows([row._replace(tag=row.subject_tag) for row in rows])
    upgrade(city, former)
    with city.store.read() as session:
        assert session.has_former_suppressions()
    assert shown(city, city.list_(content)) == (State.REPAIRED, SUPPRESSED)
    submission = city.registry.standing
    with city.store.read() as session:
        facts = city.payloads.written(content).facts
        assert submission(session, [facts]).relieved(facts.key, facts.authority)


def test_two_records_that_become_one_are_relieved_together(
    city: SimNode, former: pytest.MonkeyPatch
) -> None:
    other = city.list_(by_organisation_code(city, 1))
    city.relieve(Kind.REPAIR, city.list_(listing(1, audience=city.audience())))
    kept = city.list_(by_organisation_code(city, 2))
    assert shown(city, other) == (State.ACTIVE, "")
    upgrade(city, former)
    assert shown(city, other)[0] == State.REPAIRED
    assert shown(city, kept) == (State.ACTIVE, "")


def test_what_is_spelt_like_a_record_relieved_before_is_held(
    city: SimNode, former: pytest.MonkeyPatch
) -> None:
    like = city.list_(listing(1, audience=city.audience(), document="（2026）川05执001号"))
    city.relieve(Kind.REPAIR, city.list_(listing(1, audience=city.audience())))
    with city.store.write() as session:  # as it was before there were twins
        (row,) = session.rows_by_id(None, [like])
        session.replace_rows([row._replace(rule="")])
    upgrade(city, former)
    assert shown(city, like) == (State.ACTIVE, SIMILAR)


def test_it_goes_on_where_it_was(
    city: SimNode, former: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.peers.tag_upgrade.CHUNK", 2)
    content = [listing(number, audience=city.audience()) for number in range(1, 6)]
    for one in content:
        city.list_(one)
    original = TagUpgrade._form
    done: list[int] = []

    def dying(self: TagUpgrade, session: object, head: object, start: int, end: int) -> None:
        if len(done) == 1:
            done.append(start)
            raise RuntimeError
        done.append(start)
        original(self, session, head, start, end)  # type: ignore[arg-type]

    monkeypatch.setattr(TagUpgrade, "_form", dying)
    with pytest.raises(RuntimeError):
        upgrade(city, former)
    form(city)
    assert done == [0, 2, 2, 4]
    with city.store.read() as session:
        tags = [Spelt.of(one.key).tag(city.keyring.lookup) for one in content]
        assert len(session.rows_by_record(tags, [Kind.LISTING])) == 5


@pytest.mark.parametrize("formed", [True, False])
def test_no_row_of_a_feed_is_published_or_withdrawn_for_the_form_of_its_tag(
    city: SimNode, former: pytest.MonkeyPatch, tmp_path: Path, *, formed: bool
) -> None:
    desk = Desk(city, tmp_path / "desk")
    try:
        rows = [cells(number) for number in range(1, 5)]
        desk.take(*rows)
        desk.relieve(1, 2)
        erase(city)
        if formed:
            upgrade(city, former)
            with city.store.read() as session:
                (feed,) = session.feeds()
                tags = {row.record_tag for row in session.feed_rows(feed, None)}
                kept = session.rows_by_record(sorted(tags), [Kind.LISTING])
            assert len(kept) == 4
        else:  # as where no opening is left of which the tag could be made
            former.undo()
        size = city.sizes()[city.origin]
        result = desk.take(*rows)
        if formed:
            assert result["decisions"] == {"relieved-before": 2, "unchanged": 2}
        assert result["published"] == 0
        assert city.sizes()[city.origin] == size
        assert desk.take(*rows)["published"] == 0
        changed = desk.take(*(row | {"失信行为具体情形": "规避执行"} for row in rows))
        assert changed["decisions"] == {"corrected": 2, "relieved-before": 2}
    finally:
        desk.writer.close()


def test_a_foreign_relief_reaches_what_stood_under_the_other_code(
    federate: Federate, former: pytest.MonkeyPatch
) -> None:
    federation = federate("510300", "510500")
    one, other = federation["510300"], federation["510500"]
    federation.connect("510300", "510500")
    listed = one.list_(by_organisation_code(one, 1))
    federation.settle()
    for node in (one, other):
        upgrade(node, former)
    said = relief_payload(listing(1, audience=other.audience()), other.audience())
    other.say(other.draft(Kind.REPAIR, said, about=bytes([9]) * 16))
    federation.settle()
    assert shown(one, listed)[0] == shown(other, listed)[0] == State.REPAIRED


def test_a_node_forms_tags_anew_when_it_starts(tmp_path: Path) -> None:
    city = DemoMember(region="510500", name="泸州", role="city")
    found(tmp_path, [city])
    directory = tmp_path / city.region
    node = WiredNode(directory)
    with node.store.write() as session:
        (head,) = session.heads()
        session.put_unformed(head.log, 0)
    node.close()
    node = WiredNode(directory)
    with node.store.read() as session:
        assert session.unformed() == {}
    node.close()
