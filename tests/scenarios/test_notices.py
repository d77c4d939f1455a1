"""泸州 lists subjects of 自贡: 自贡 tells them, whatever happens then, and reminds them once.

泸州 (510500) lists; 自贡 (510300) and 宜宾 (511500) have subjects of their own.

Covers node/notices/job.py, node/notices/desk.py, node/notices/documents.py,
node/records/judged_pages.py, node/records/local_subjects.py, node/log/redelivery.py,
adapters/sql/notices.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from federation.errors import RefusedError, StatementError
from federation.ids import Date, StatementId, node_of
from federation.payloads import Annotation, Correction, Exit, ExitKind, Listing, Relief
from federation.ports.notices import KeptNotice, NoticeCursor
from federation.reconcile.identity import BaseSubject, Status
from federation.rows import State
from federation.screening.notices import Stage
from federation.statements import AnnotationAction, Kind
from node.log.redelivery import changed
from node.notices.desk import Wanted
from node.platform.outbox_rows import OutboxRows
from tests.support.desks import records_of
from tests.support.noticing import Noticing, known, noticing_of, of_region
from tests.support.simulation import Federation, SimNode, leaf_hash_of

Federate = Callable[..., Federation]
CITY, HOME, OTHER, HUB = "510500", "510300", "511500", "510000"
_NOWHERE = NoticeCursor(0, "")
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@pytest.fixture
def federation(federate: Federate) -> Federation:
    made = federate()
    for member in (HOME, OTHER):
        known(made[member])
    for member in (HOME, OTHER, HUB):
        made.connect(CITY, member)
    return made


def said(federation: Federation, content: Listing) -> StatementId:
    about = federation[CITY].list_(content)
    federation.settle()
    return about


def told(notices: Noticing, after: str = "") -> list[tuple[str, str]]:
    found, _, _ = notices.desk.page(Wanted(), 100, after)
    return [(one["statement_id"], one["state"]) for one in found]


def test_the_home_region_and_nobody_else_is_told_and_goes_on_from_a_position(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    first = said(federation, of_region("510304", 1, audience=city.audience()))
    said(federation, of_region("510502", 2, audience=city.audience()))
    said(federation, of_region("510100", 3, audience=city.audience()))
    notices, others = noticing_of(home), noticing_of(federation[OTHER])
    assert notices.run(home) > 0
    others.run(federation[OTHER])
    with city.store.write() as session:  # as if its own log were judged like those of others
        (own,) = [head for head in session.heads() if head.ours]
        session.set_head(replace(own, reconciled_to=own.size))
    noticing_of(city).run(city)
    assert told(notices) == [(first.hex(), "active")]
    assert told(others) == []
    assert told(noticing_of(city)) == []
    _, token, position = notices.desk.page(Wanted(), 100, "")
    assert token == ""
    assert notices.desk.page(Wanted(), 100, position) == ([], "", position)
    assert notices.run(home) == 0
    assert told(notices, position) == []
    shown = notices.desk.get(first)
    assert shown["city"] == city.view.city(city.origin)
    assert shown["subject"]["name"]
    assert shown["reminder_due"] == "listed"
    with pytest.raises(RefusedError, match=r"notice\.unknown|no notice"):
        notices.desk.get(StatementId(bytes(16)))
    with pytest.raises(StatementError, match="position"):
        notices.desk.page(Wanted(), 100, "x")


def test_a_relief_an_objection_a_correction_and_the_last_day_are_each_told_once(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    audience = city.audience()
    content = of_region("510304", 1, audience=audience, until=20261201)
    about = said(federation, content)
    repaired = said(federation, of_region("510304", 2, audience=audience))
    notices = noticing_of(home)
    notices.run(home)
    _, _, position = notices.desk.page(Wanted(), 100, "")

    objection = Annotation(
        audience=audience,
        record=content.key,
        authority=content.authority,
        document="",
        decided_on=Date(20261101),
    )
    city.say(
        city.draft(
            Kind.ANNOTATION, objection, action=AnnotationAction.OBJECTION_OPENED, about=about
        )
    )
    federation.settle()
    notices.run(home)
    assert told(notices, position) == [(about.hex(), "active")]
    assert notices.desk.get(about)["annotations"] == ["objection-opened"]
    _, _, position = notices.desk.page(Wanted(), 100, position)

    longer = replace(content, reason="更正（演示）")
    city.say(
        city.draft(
            Kind.CORRECTION,
            Correction(audience=audience, replaces=leaf_hash_of(city, about), payload=longer),
            about=about,
        )
    )
    city.relieve(Kind.REPAIR, repaired)
    federation.settle()
    notices.run(home)
    assert dict(told(notices, position)) == {about.hex(): "active", repaired.hex(): "repaired"}
    assert notices.desk.get(about)["reason"] == "更正（演示）"
    assert notices.desk.get(repaired)["ended_by"]["document"] == "川修〔2026〕1号"
    _, _, position = notices.desk.page(Wanted(), 100, position)

    federation.clock.advance(80 * 86_400)
    notices.run(home)
    assert told(notices, position) == [(about.hex(), "expired")]
    _, _, position = notices.desk.page(Wanted(), 100, position)
    notices.run(home)
    assert told(notices, position) == []


def test_a_relief_is_told_though_the_listing_never_was_and_after_it_was_erased(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    about = said(federation, of_region("510304", 1, audience=city.audience()))
    with home.store.write() as session:
        (row,) = session.rows_by_id(None, [about])
        session.erase_openings(row.log, [row.idx])
    city.relieve(Kind.REPAIR, about)
    federation.settle()
    notices = noticing_of(home)
    notices.run(home)
    assert told(notices) == [(about.hex(), "repaired")]
    shown = notices.desk.get(about)
    assert shown["subject"]["name"]
    assert shown["reminder_due"] == ""


def test_a_relief_that_does_not_count_says_of_nobody_that_it_is_listed(
    federation: Federation,
) -> None:
    """A neighbour relieves what it may not, and names a firm of ours; the listing is erased."""
    city, home, liar = federation[CITY], federation[HOME], federation[OTHER]
    federation.connect(OTHER, HOME)
    about = said(federation, of_region("511502", 1, audience=city.audience()))
    with home.store.write() as session:
        (row,) = session.rows_by_id(None, [about])
        session.erase_openings(row.log, [row.idx])
    named = of_region("510304", 2, audience=liar.audience())
    relief = Relief(
        audience=named.audience,
        record=named.key,
        subject_name="本地企业（演示）",
        authority=named.authority,
        document="川修〔2026〕9号",
        decided_on=Date(20261120),
        publish_until=named.publish_until,
    )
    liar.say(liar.draft(Kind.REPAIR, relief, about=about))
    federation.settle()
    notices = noticing_of(home)
    notices.run(home)
    assert told(notices) == []
    assert home.state(about) is State.ACTIVE


def test_a_listing_that_was_never_for_us_is_not_told_nor_is_its_relief(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    narrow = replace(city.audience(), members=(city.member,))
    about = said(federation, of_region("510304", 1, audience=narrow))
    city.relieve(Kind.REPAIR, about)
    federation.settle()
    notices = noticing_of(home)
    notices.run(home)
    assert told(notices) == []


def test_the_library_decides_and_what_it_says_later_is_looked_at_again(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    moved_in = of_region("510502", 1, audience=city.audience())
    moved_out = of_region("510304", 2, audience=city.audience())
    here, gone = said(federation, moved_in), said(federation, moved_out)
    notices = noticing_of(home)
    notices.run(home)
    assert told(notices) == [(gone.hex(), "active")]
    knows = noticing_of(
        home,
        BaseSubject(moved_in.subject.code, moved_in.subject.name),
        BaseSubject(moved_out.subject.code, moved_out.subject.name, status=Status.MOVED),
    )
    assert knows.run(home) > 0
    assert told(knows) == [(gone.hex(), "active"), (here.hex(), "held")]
    assert knows.desk.get(here)["in_library"]
    fresh = noticing_of(federation[OTHER], *())
    fresh.run(federation[OTHER])
    assert told(fresh) == []


def test_a_subject_is_reminded_once_for_each_ground_and_not_of_what_was_relieved(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    exits = (Exit(kind=ExitKind.LISTED_FOR, months=11), Exit(kind=ExitKind.PERFORMED))
    content = replace(of_region("510304", 1, audience=city.audience()), exits=exits)
    about = said(federation, content)
    other = said(federation, of_region("510304", 2, audience=city.audience()))
    notices = noticing_of(home)
    notices.run(home)
    due, _, _ = notices.desk.page(Wanted(due=True), 100, "")
    assert {one["statement_id"]: one["reminder_due"] for one in due} == {
        about.hex(): "listed",
        other.hex(): "listed",
    }
    assert due[0]["repair_from"] == 20261210
    reminded = notices.desk.remind([about])
    assert [one["reminded"] for one in reminded] == ["listed"]
    with pytest.raises(RefusedError, match=r"reminded before"):
        notices.desk.remind([other, about])
    assert notices.desk.get(other)["reminded"] == Stage.NONE.name.lower()
    federation.clock.advance(90 * 86_400)
    assert notices.desk.get(about)["reminder_due"] == "repair"
    assert notices.desk.remind([about])[0]["reminded"] == "repair"
    city.relieve(Kind.WITHDRAWAL, other)
    federation.settle()
    with pytest.raises(RefusedError, match=r"withdrawn"):
        notices.desk.remind([other])
    notices.run(home)
    assert notices.desk.page(Wanted(due=True), 100, "")[0] == []
    assert [one["state"] for one in notices.desk.page(Wanted(state="withdrawn"), 100, "")[0]] == [
        "withdrawn"
    ]


def test_pages_follow_each_other_and_a_rebuild_keeps_positions_and_reminders(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    for number in range(1, 6):
        said(federation, of_region("510304", number, audience=city.audience()))
    notices = noticing_of(home)
    notices.run(home)
    seen: list[str] = []
    token = ""
    for _ in range(4):
        page, token, _ = notices.desk.page(Wanted(), 2, token)
        seen += [one["position"] for one in page]
        if not token:
            break
    assert seen == sorted(seen, key=int)
    assert len(seen) == len(set(seen)) == 5
    about = StatementId(bytes.fromhex(told(notices)[0][0]))
    notices.desk.remind([about])
    before = _kept(home)
    with home.store.write() as session:
        for head in session.heads():
            session.put_notice_cursor(head.log, _NOWHERE)
    notices.run(home)
    assert _kept(home) == before


def _kept(node: SimNode) -> list[KeptNotice]:
    with node.store.read() as session:
        return list(session.notices_after(0, 100))


def test_the_platform_is_told_which_rows_are_of_our_subjects_also_when_erased(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    first = said(federation, of_region("510304", 1, audience=city.audience()))
    said(federation, of_region("510502", 2, audience=city.audience()))
    city.relieve(Kind.REPAIR, first)
    federation.settle()
    notices = noticing_of(home)
    rows = OutboxRows(records_of(home), home.clock.today, notices.local.of)

    def marks(handed: dict[int, int]) -> list[tuple[str, str]]:
        with home.store.read() as session:
            head = session.head(city.origin)
            assert head is not None
            found = session.rows_between(head.log, 0, head.size)
            made = rows.made(session, head, found, handed)
            return [(one.subject_code, one.registered_here) for one in made]

    assert [mark for _, mark in marks({})] == ["yes", "", "yes"]
    notices.run(home)
    with home.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        session.erase_openings(head.log, [0])
    assert marks({0: int(State.ACTIVE)})[0] == ("", "yes")


def test_what_changed_by_another_log_or_a_late_opening_is_looked_at_again(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    about = said(federation, of_region("510304", 1, audience=city.audience()))
    notices = noticing_of(home)
    notices.run(home)
    with home.store.write() as session:
        (row,) = session.rows_by_id(None, [about])
        changed(session, [row._replace(state=State.PAUSED)])
    notices.run(home)
    assert told(notices, "1") == [(about.hex(), "paused")]


def test_property_no_notice_names_a_subject_to_a_member_without_the_right(
    federation: Federation,
) -> None:
    """Whatever is listed, for whomever and of whom: the right ones are told, nobody else is."""
    city, chance = federation[CITY], Random(17)
    wide = city.audience()
    rights = {HOME: (HOME,), OTHER: (OTHER,), "": (), "both": (HOME, OTHER)}
    wanted: dict[str, set[str]] = {HOME: set(), OTHER: set()}
    for number in range(30):
        district = chance.choice(["510304", "511502", "510500", "510100"])
        readers = rights[chance.choice(sorted(rights))]
        names = tuple(node_of(federation[member].origin) for member in readers)
        audience = replace(wide, members=names)
        about = city.list_(of_region(district, number, audience=audience))
        for member, expected in wanted.items():
            if district[:4] == member[:4] and (not readers or member in readers):
                expected.add(about.hex())
        if chance.random() < 0.3:
            city.relieve(chance.choice([Kind.REPAIR, Kind.WITHDRAWAL]), about)
    federation.settle()
    for member, expected in wanted.items():
        notices = noticing_of(federation[member])
        notices.run(federation[member])
        assert {statement for statement, _ in told(notices)} == expected


def test_no8_what_judging_read_of_others_is_not_read_again_and_all_else_is(
    federation: Federation,
) -> None:
    city, home = federation[CITY], federation[HOME]
    audience = city.audience()
    ours = said(federation, of_region("510304", 1, audience=audience))
    said(federation, of_region("510502", 2, audience=audience))
    ended = said(federation, of_region("510502", 5, audience=audience))
    hidden = said(federation, of_region("510304", 3, audience=audience))
    unread = said(federation, of_region("510502", 4, audience=audience))
    with home.store.write() as session:
        for one in (hidden, unread):
            (row,) = session.rows_by_id(None, [one])
            session.erase_openings(row.log, [row.idx])
    city.relieve(Kind.REPAIR, ended)
    city.relieve(Kind.REPAIR, hidden)
    federation.settle()
    notices = noticing_of(home)
    home.reconcile()
    with home.store.read() as session:
        head = session.head(city.origin)
    assert head is not None
    size = head.applied_to
    assert home.pages.take(head.log, 0, size - 1, home.pages.basis()) is None
    assert home.pages.take(head.log, 0, size, "another library") is None
    with home.store.write() as session:
        session.set_head(replace(head, reconciled_to=0))
    home.reconcile()
    page = home.pages.take(head.log, 0, size, home.pages.basis())
    assert page is not None
    assert page.end == size
    assert set(range(size)) - set(page.left) == {1}, "what stands, of another region"
    assert home.pages.take(head.log, 0, size, home.pages.basis()) is None
    with home.store.write() as session:
        session.set_head(replace(head, reconciled_to=0))
    assert notices.run(home) >= size
    assert set(told(notices)) == {(ours.hex(), "active"), (hidden.hex(), "repaired")}


@pytest.mark.parametrize("seed", range(3))
def test_no8_pages_of_judging_tell_what_reading_all_tells(
    federation: Federation, seed: int
) -> None:
    city, home = federation[CITY], federation[HOME]
    random = Random(seed)
    listed: list[StatementId] = []
    left: list[StatementId] = []
    notices = noticing_of(home)
    for number in range(1, 25):
        region = random.choice(("510304", "510502", "511502"))
        listed.append(
            city.list_(of_region(region, number, audience=city.audience(), until=20270101))
        )
        left.append(listed[-1])
        if random.random() < 0.3:
            city.relieve(random.choice((Kind.REPAIR, Kind.WITHDRAWAL)), left.pop(0))
        if random.random() < 0.3:
            federation.settle()
            notices.run(home)
    federation.settle()
    notices.run(home)
    handed = dict(told(notices))
    with home.store.write() as session:
        for head in session.heads():
            session.put_notice_cursor(head.log, _NOWHERE)
    noticing_of(home).job.run()
    assert dict(told(notices)) == handed
    assert 0 < len(handed) < len(listed)


def test_no8_what_was_told_is_looked_at_though_its_subject_moved_away(
    federation: Federation,
) -> None:
    """As after a rebuild, which queues nothing of what is judged anew."""
    city, home = federation[CITY], federation[HOME]
    content = of_region("510304", 1, audience=city.audience())
    about = said(federation, content)
    noticing_of(home).run(home)
    city.relieve(Kind.REPAIR, about)
    federation.settle()
    moved = BaseSubject(content.subject.code, content.subject.name, status=Status.MOVED)
    knows = noticing_of(home, moved)
    with home.store.write() as session:
        head = session.head(city.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, 1)
        session.clear_notices_due([(head.log, index) for index in range(head.size)])
        session.set_head(replace(head, reconciled_to=1))
    name = (content.subject.scheme, content.subject.code)
    home.pages.put(home.pages.basis(), rows, {(head.log, 0): (name, moved)})
    assert [one.state for one in _kept(home)] == [State.ACTIVE]
    knows.job.run()
    assert [one.state for one in _kept(home)] == [State.REPAIRED]
