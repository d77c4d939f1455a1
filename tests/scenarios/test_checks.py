"""泸州 lists, 宜宾 is asked: every answer is of the moment, and nothing that does not count shows.

One federation for the tests that leave it as it is; each takes subjects of its own. SQLite: what is
asked of a store here is asked on both databases in `tests/contracts`.

Covers node/screening/desk.py, node/records/subject_reading.py, node/records/coverage.py,
node/screening/recording.py, node/screening/answers.py, node/access/numbering.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.sql.checks import check_by_number, matches_of
from adapters.sql.query_rows import row_by_id
from adapters.sql.sessions import SqlReadSession
from federation.charters.verification import Role
from federation.errors import RefusedError
from federation.ids import Date, StatementId
from federation.payloads import Correction
from federation.reconcile.identity import BaseSubject, Status
from federation.rows import StatementRow
from federation.screening.query_log import parse_leaf, verify_promise
from federation.screening.questions import QuestionError
from federation.screening.roles import Action
from federation.statements import AnnotationAction, Kind
from node.access.query_keys import Sealed
from node.access.query_log import entry_of
from node.web import openapi
from tests.scenarios.test_penalties import penalty, published
from tests.support import charters as build
from tests.support.attesting import furnish, library_of, round_of
from tests.support.catalogs import FixedLibrary, catalog_of, edition_text
from tests.support.invented import SUBJECTS, code_of, name_of
from tests.support.screened import (
    BARE,
    FINANCE,
    LOCAL,
    MATTER,
    MEASURE,
    WAITING,
    Screened,
    asked,
    matters_text,
    screening_catalog,
)
from tests.support.simulation import STALE_AFTER, Federation, SimNode, leaf_hash_of, listing

YIBIN, LUZHOU, HUB = "511500", "510500", "510000"
NUMBERS = count(1)
"""Of subjects: each test has its own."""
CLEAR: dict[str, Any] = {"result": "clear", "matches": [], "notes": [], "codes": []}


class World:
    """泸州, 宜宾 and a hub; questions are asked in 宜宾."""

    def __init__(self, directory: Path) -> None:
        members = [build.make_member(name) for name in (LUZHOU, YIBIN)]
        members.append(build.make_member(HUB, roles=(Role.HUB, Role.WITNESS)))
        chains = [build.make_chain(members)]
        self.federation = Federation(directory, (LUZHOU, YIBIN, HUB), chains)
        for one, other in ((LUZHOU, YIBIN), (LUZHOU, HUB), (YIBIN, HUB)):
            self.federation.connect(one, other)
        self.luzhou, self.yibin = self.federation[LUZHOU], self.federation[YIBIN]
        for node in self.federation.nodes.values():
            node.catalog = screening_catalog()
        self.screened = Screened(self.yibin, directory / YIBIN)
        self.federation.settle()

    def settle(self) -> None:
        """Let everything arrive and be judged."""
        self.federation.settle()
        for node in self.federation.nodes.values():
            node.reconcile()

    def list_(self, number: int, at: SimNode | None = None, **changed: Any) -> StatementId:
        """Let a city list a subject."""
        node = at or self.luzhou
        content = replace(listing(number, audience=node.audience()), **changed)
        listed = node.list_(content)
        self.settle()
        return listed

    def annotate(self, listed: StatementId, action: AnnotationAction) -> None:
        """Let 泸州 note something about its listing."""
        noted = self.luzhou.registry.annotate(
            self.luzhou.tokens(16).hex(),
            statement_id=listed,
            action=action,
            document="川异〔2026〕1号",
            decided_on=Date(20261101),
        )
        self.luzhou.run(noted.unit)
        self.settle()

    def check(self, number: int, **changed: Any) -> dict[str, Any]:
        return self.screened.check(number, **changed)

    def close(self) -> None:
        self.screened.close()
        for node in self.federation.nodes.values():
            node.store.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("checks"))
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One of its own, for tests that change more than a subject."""
    made = World(tmp_path)
    yield made
    made.close()


def said(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of the subject."""
    return {key: answer[key] for key in CLEAR}


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["codes"]]


def test_a_listing_of_luzhou_is_a_match_in_yibin_with_yibins_own_measure(shared: World) -> None:
    number = next(NUMBERS)
    listed = shared.list_(number)
    answer = shared.check(number)
    assert (answer["result"], answer["complete"], answer["codes"]) == ("match", True, [])
    (match,) = answer["matches"]
    assert (match["origin"], match["statement_id"]) == (shared.luzhou.origin, listed.hex())
    assert match["proof"] == leaf_hash_of(shared.luzhou, listed).hex()
    assert (match["list_name"], match["regions"]) == ("失信名单（演示）", [LUZHOU])
    assert (match["document"], match["decided_on"], match["until"]) == (
        f"（2026）川05执{number}号",
        20260105,
        20281231,
    )
    (measure,) = match["measures"]
    assert (measure["code"], measure["class"], measure["basis"]) == (
        MEASURE,
        "prompt",
        "演示条例第四十八条",
    )
    assert (match["rule"], match["no_measure"], match["due_on"]) == (
        "record.recognised",
        "",
        20261126,
    )
    assert [(log["origin"], log["region"], log["state"]) for log in answer["coverage"]] == [
        (shared.yibin.origin, YIBIN, "ok"),
        (build.origin_of(HUB), HUB, "ok"),
        (shared.luzhou.origin, LUZHOU, "ok"),
    ]
    assert answer["number"].startswith("511500-20261121-")
    assert said(shared.check(next(NUMBERS))) == CLEAR


def test_until_it_is_judged_here_a_record_may_be_behind_and_says_so(shared: World) -> None:
    number = next(NUMBERS)
    shared.luzhou.list_(listing(number, audience=shared.luzhou.audience()))
    shared.federation.settle()
    answer = shared.check(number)
    assert answer["complete"] is False
    assert {log["origin"]: log["state"] for log in answer["coverage"]}[shared.luzhou.origin] == (
        "behind"
    )
    shared.settle()
    assert shared.check(number)["complete"] is True


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_the_next_question_after_a_relief_is_clear_and_the_last_answer_is_superseded(
    shared: World, kind: Kind
) -> None:
    number, request = next(NUMBERS), f"relief-{kind}"
    listed = shared.list_(number)
    first = shared.check(number, request_id=request)
    assert shared.check(number, request_id=request)["superseded"] == []
    shared.luzhou.relieve(kind, listed)
    shared.federation.settle()
    again = shared.check(number, request_id=request)
    assert said(again) == CLEAR
    assert again["number"] == first["number"]
    assert again["superseded"] == [{key: first["matches"][0][key] for key in ("origin", "index")}]
    assert again["promise"] != first["promise"]


@pytest.mark.parametrize(
    ("action", "ends"),
    [
        (AnnotationAction.MASKING_BEGUN, AnnotationAction.MASKING_ENDED),
        (AnnotationAction.PAUSED, AnnotationAction.RESUMED),
    ],
)
def test_what_is_masked_or_paused_is_as_if_it_were_not_held(
    shared: World, action: AnnotationAction, ends: AnnotationAction
) -> None:
    number = next(NUMBERS)
    listed = shared.list_(number)
    shared.annotate(listed, action)
    assert said(shared.check(number)) == CLEAR
    shared.annotate(listed, ends)
    assert shared.check(number)["result"] == "match"


def test_an_open_objection_suspends_the_measure_and_is_shown(shared: World) -> None:
    number = next(NUMBERS)
    listed = shared.list_(number)
    shared.annotate(listed, AnnotationAction.OBJECTION_OPENED)
    (match,) = shared.check(number, request_id="objection")["matches"]
    assert (match["annotations"], match["measures"]) == (["objection-opened"], [])
    assert (match["no_measure"], match["due_on"]) == ("matter.objection-open", 0)
    assert match["message"]
    shared.annotate(listed, AnnotationAction.OBJECTION_CLOSED)
    answer = shared.check(number, request_id="objection")
    (match,) = answer["matches"]
    assert (match["no_measure"], match["due_on"]) == ("", 20261126)
    with shared.screened.store.read() as reads:
        (stored,) = matches_of(reads, answer["number"])
    assert (stored.state, stored.due_on) == ("pending", 20261126)


def test_what_is_held_here_is_as_if_it_were_not_held(shared: World) -> None:
    held: list[dict[str, Any]] = [
        {"prior_notice_on": Date(0)},  # notice.missing
        {"decided_on": Date(20270105), "listed_on": Date(20270105)},  # date.future
        {"publish_until": Date(20261120)},  # expired
    ]
    for changed in held:
        number = next(NUMBERS)
        shared.list_(number, **changed)
        assert said(shared.check(number)) == CLEAR, changed
    number = next(NUMBERS)
    subject = replace(listing(number, audience=shared.luzhou.audience()).subject, name="别名")
    shared.list_(number, subject=subject)
    assert said(shared.check(number)) == CLEAR


def test_what_the_catalog_and_the_library_say_now_counts_before_anything_is_judged_again(
    world: World,
) -> None:
    number = next(NUMBERS)
    world.list_(number)
    assert world.check(number)["result"] == "match"
    world.yibin.catalog = catalog_of(matters_text(lists=("judgment-other",)))
    assert said(world.check(number)) == CLEAR
    world.yibin.catalog = screening_catalog()
    assert world.check(number)["result"] == "match"
    furnish(world.yibin, FixedLibrary(BaseSubject(code_of(number), "另一名称（演示）")))
    world.screened.desk = world.screened.wired()
    assert world.check(number)["result"] == "insufficient"
    assert said(world.check(number, name="另一名称（演示）")) == CLEAR


def test_a_correction_counts_at_once(shared: World) -> None:
    number = next(NUMBERS)
    listed = shared.list_(number)
    content = listing(number, audience=shared.luzhou.audience(), until=20271231)
    corrected = Correction(
        audience=shared.luzhou.audience(),
        replaces=leaf_hash_of(shared.luzhou, listed),
        payload=replace(content, authority_name="更正后的法院（演示）"),
    )
    shared.luzhou.say(shared.luzhou.draft(Kind.CORRECTION, corrected, about=listed))
    shared.settle()
    (match,) = shared.check(number)["matches"]
    assert (match["authority_name"], match["until"]) == ("更正后的法院（演示）", 20271231)


def test_a_listing_of_our_own_counts_with_its_ground_and_copies_are_one_match(
    shared: World,
) -> None:
    number = next(NUMBERS)
    shared.list_(number)
    own = shared.list_(number, at=shared.yibin)
    (match,) = shared.check(number)["matches"]
    assert (match["statement_id"], match["rule"]) == (own.hex(), "record.own")
    assert match["regions"] == [YIBIN, LUZHOU]
    shared.screened.refusal = RefusedError("high-water.ahead", "not ours to test")
    try:
        answer = shared.check(number)
        assert said(answer) == CLEAR
        assert (answer["complete"], answer["coverage"][0]["state"]) == (False, "refused")
    finally:
        shared.screened.refusal = None


def test_penalties_and_watch_lists_are_notes(world: World) -> None:
    watch = edition_text("watch", lists=["watched"], tier="watch")
    grades = edition_text("grades", lists=["administrative-penalty-ordinary"], name="一般处罚")
    world.yibin.catalog = catalog_of(matters_text(), grades, watch)
    number = next(NUMBERS)
    published(world.luzhou, penalty(world.luzhou.audience(), number))
    world.settle()
    answer = world.check(number)
    assert (answer["result"], answer["matches"]) == ("clear", [])
    (note,) = answer["notes"]
    assert (note["kind"], note["list_name"], note["region"]) == ("penalty", "一般处罚", LUZHOU)
    with world.screened.store.read() as reads:
        assert matches_of(reads, answer["number"]) == []


def test_matters_and_measures_are_those_of_the_day(shared: World) -> None:
    number = next(NUMBERS)
    shared.list_(number)
    (match,) = shared.check(number, matter=BARE)["matches"]
    assert (match["measures"], match["no_measure"], match["due_on"]) == ([], "matter.no-measure", 0)
    assert match["message"] == "本市对本事项没有可采取的措施，不得据此限制"
    for matter, code in ((WAITING, "matter.unconfirmed"), ("unheard-of", "matter.unknown")):
        with pytest.raises(RefusedError) as caught:
            shared.check(number, matter=matter)
        assert caught.value.code == code
    desk = shared.screened.desk
    assert [one["code"] for one in desk.matters(LOCAL)] == sorted((MATTER, BARE))
    assert [one["code"] for one in desk.matters(FINANCE)] == [MATTER]
    (measure,) = desk.measures(FINANCE)
    described = {"Matters": desk.matters(LOCAL), "Measures": [measure]}
    for name, shown in described.items():
        items = openapi.document()["components"]["schemas"][name]["properties"][name.lower()]
        assert [set(one) for one in shown] == [set(items["items"]["required"])] * len(shown)
        Draft202012Validator(items).validate(shown)
    assert (measure["code"], measure["list_types"]) == (MEASURE, [build.COURT_LIST])


def test_who_is_meant_is_said_or_nothing_is(shared: World) -> None:
    number = next(NUMBERS)
    shared.list_(number)
    wrong = code_of(number)[:-1] + ("A" if code_of(number)[-1] != "A" else "B")
    answer = shared.check(number, code=wrong)
    assert (answer["result"], answer["matches"]) == ("insufficient", [])
    assert codes(answer) == ["identity.code-check-digit"]
    answer = shared.check(number, name="别的公司（演示）")
    assert (answer["result"], codes(answer)) == ("insufficient", ["identity.name-mismatch"])
    assert answer["codes"][0]["said"] == [name_of(number)]
    assert answer["codes"][0]["message"]
    full = "".join(chr(ord(char) + 0xFEE0) for char in code_of(number)).lower()
    answer = shared.check(number, code=full)
    assert (answer["result"], answer["normalised"]) == ("match", ["code:width", "code:case"])


def test_predecessors_and_former_codes_of_the_library_are_looked_at(world: World) -> None:
    before, after, renamed = (next(NUMBERS) for _ in range(3))
    world.list_(before)
    world.list_(
        renamed,
        subject=replace(
            listing(renamed, audience=world.luzhou.audience()).subject,
            scheme="registration-number",
            code="510500000000011",
        ),
    )
    world.yibin.library = FixedLibrary(
        BaseSubject(code_of(before), name_of(before), (), Status.CANCELLED, code_of(after)),
        BaseSubject(code_of(after), name_of(after)),
        BaseSubject(code_of(renamed), name_of(renamed)),
        formerly={("registration-number", "510500000000011"): code_of(renamed)},
    )
    world.yibin.reconciliation._library = world.yibin.library
    world.screened.desk = world.screened.wired()
    answer = world.check(after)
    assert (answer["result"], answer["matches"]) == ("insufficient", [])
    assert codes(answer) == ["identity.predecessor-listed"]
    assert answer["codes"][0]["said"] == [f"{code_of(before)} {name_of(before)}"]
    answer = world.check(before)
    assert (answer["result"], codes(answer)) == ("insufficient", ["identity.subject-ceased"])
    (match,) = world.check(renamed)["matches"]
    assert match["regions"] == [LUZHOU]


def test_two_firms_of_one_name(shared: World) -> None:
    number, other = next(NUMBERS), SUBJECTS + next(NUMBERS)
    shared.list_(number)
    answer = shared.check(other, name=name_of(number))
    assert (answer["result"], answer["matches"]) == ("insufficient", [])
    assert codes(answer) == ["identity.same-name"]
    assert said(shared.check(other)) == CLEAR


def test_many_firms_of_one_name_are_read_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [next(NUMBERS) for _ in range(12)]
    world.list_(numbers[-1])
    world.yibin.library = FixedLibrary(
        *(BaseSubject(code_of(number), name_of(numbers[-1])) for number in numbers)
    )
    world.yibin.reconciliation._library = world.yibin.library
    world.screened.desk = world.screened.wired()
    asked: list[int] = []
    rows_by_subject = SqlReadSession.rows_by_subject

    def counted(
        session: SqlReadSession, tags: Sequence[bytes], kinds: Sequence[int]
    ) -> Sequence[StatementRow]:
        asked.append(len(tags))
        return rows_by_subject(session, tags, kinds)

    monkeypatch.setattr(SqlReadSession, "rows_by_subject", counted)
    answer = world.check(next(NUMBERS), name=name_of(numbers[-1]))
    assert codes(answer) == ["identity.same-name"]
    assert len(asked) == 1
    assert asked[0] >= len(numbers)


def test_two_firms_of_one_name_that_only_their_homes_know(world: World) -> None:
    """宜宾's library has neither; the one that is listed was attested by 泸州."""
    number, other = next(NUMBERS), next(NUMBERS)
    furnish(world.luzhou, library_of(number, other))
    furnish(world.yibin, FixedLibrary())
    world.screened.desk = world.screened.wired()
    for member in (LUZHOU, YIBIN):
        world.federation.reconnect(member)
    listed = world.list_(number)
    assert said(world.check(number)) == CLEAR
    assert said(world.check(other, name=name_of(number))) == CLEAR
    round_of(world.federation, YIBIN)
    (match,) = world.check(number)["matches"]
    assert (match["rule"], match["measures"][0]["code"]) == ("identity.attested", MEASURE)
    answer = world.check(other, name=name_of(number))
    assert (answer["result"], answer["matches"]) == ("insufficient", [])
    assert codes(answer) == ["identity.same-name"]
    world.annotate(listed, AnnotationAction.MASKING_BEGUN)
    assert said(world.check(other, name=name_of(number))) == CLEAR


def test_a_stale_or_forked_log_leads_to_no_match_and_to_no_complete_answer(world: World) -> None:
    number, own = next(NUMBERS), next(NUMBERS)
    world.list_(number)
    world.list_(own, at=world.yibin)
    world.federation.clock.advance(STALE_AFTER + 1)
    answer = world.check(number)
    assert said(answer) == CLEAR
    assert answer["complete"] is False
    assert [log["state"] for log in answer["coverage"]] == ["ok", "stale", "stale"]
    assert world.check(own)["result"] == "match"
    for node in world.federation.nodes.values():
        node.publisher.renew_head()
        node.exchange.published()
    world.settle()
    assert world.check(number)["result"] == "match"
    with world.yibin.store.write() as session:
        session.put_fork(world.luzhou.origin, b"proof")
    answer = world.check(number)
    assert said(answer) == CLEAR
    assert [log["state"] for log in answer["coverage"]] == ["ok", "ok", "forked"]


def test_a_log_of_which_nothing_has_come_is_named(tmp_path: Path) -> None:
    made = Federation(
        tmp_path,
        (LUZHOU, YIBIN),
        [build.make_chain([build.make_member(name) for name in (LUZHOU, YIBIN)])],
    )
    made[YIBIN].catalog = screening_catalog()
    screened = Screened(made[YIBIN], tmp_path / YIBIN)
    answer = screened.check(next(NUMBERS))
    assert (answer["result"], answer["complete"]) == ("clear", False)
    assert [(log["state"], log["size"]) for log in answer["coverage"]][1] == ("no-head", 0)
    screened.close()


def test_what_is_used_for_another_purpose_is_not_shown(shared: World) -> None:
    number = next(NUMBERS)
    audience = replace(shared.luzhou.audience(), purposes=("audit",))
    shared.list_(number, audience=audience)
    assert said(shared.check(number)) == CLEAR
    (match,) = shared.check(number, purpose="audit")["matches"]
    assert (match["measures"], match["no_measure"]) == ([], "matter.not-punishing")


def test_a_question_is_recorded_with_a_promise_and_without_a_payload(shared: World) -> None:
    number = next(NUMBERS)
    shared.list_(number)
    answer = shared.check(number, asker=FINANCE, request_id="recorded")
    (match,) = answer["matches"]
    promise = answer["promise"]
    promised = verify_promise(promise["note"].encode(), shared.screened.signer.verifier)
    with shared.screened.store.read() as reads:
        row = row_by_id(reads, promised.query_id)
        check = check_by_number(reads, answer["number"])
        (stored,) = matches_of(reads, answer["number"])
    assert row is not None
    assert check is not None
    opened = shared.screened.log.opening(row)
    assert opened is not None
    entry = entry_of(parse_leaf(row.leaf)[0], opened[1])
    assert (entry.asker, entry.department, entry.number) == (
        "k1",
        FINANCE.department,
        answer["number"],
    )
    assert (entry.subjects[0].code, entry.result) == (code_of(number), "match")
    assert entry.references == (f"{match['origin']}/{match['index']}",)
    assert (stored.state, stored.due_on) == ("pending", match["due_on"])
    assert shared.screened.access.counted[-1] == "k1"
    shown = repr((replace(check, sealed=None), stored))
    assert code_of(number) not in shown
    assert name_of(number) not in shown
    assert check.sealed is not None
    opened_question = shared.screened.keys.open(
        Sealed(key=check.key, data=check.sealed), place=check.number.encode()
    )
    assert code_of(number).encode() in opened_question


def test_a_subject_that_is_listed_a_thousand_times_is_answered(shared: World) -> None:
    number, node = next(NUMBERS), shared.luzhou
    content = listing(number, audience=node.audience())
    node.say(
        *(
            node.draft(Kind.LISTING, replace(content, document=f"（2026）川05执{number}之{n}号"))
            for n in range(1300)
        )
    )
    shared.settle()
    answer = shared.check(number)
    assert len(answer["matches"]) == 1300
    with shared.screened.store.read() as reads:
        assert len(matches_of(reads, answer["number"])) == 1300


def test_a_request_id_names_one_question_of_one_asker(shared: World) -> None:
    number = next(NUMBERS)
    first = shared.check(number, asker=FINANCE, request_id="one")
    assert shared.check(number, asker=FINANCE, request_id="one")["number"] == first["number"]
    assert shared.check(number, asker=LOCAL, request_id="one")["number"] != first["number"]
    rows = len(shared.screened.access.counted)
    others: list[dict[str, Any]] = [
        {"case_no": "另一件"},
        {"code": code_of(number + 1)},
        {"purpose": "audit"},
    ]
    for changed in others:
        with pytest.raises(RefusedError) as caught:
            shared.check(number, asker=FINANCE, request_id="one", **changed)
        assert caught.value.code == "request.reused"
    assert len(shared.screened.access.counted) == rows


def test_who_may_not_ask_is_told_nothing_and_a_bad_question_is_not_admitted(shared: World) -> None:
    access = shared.screened.access
    before = len(access.asked)
    with pytest.raises(QuestionError):
        shared.check(1, case_no="1" * 10_000)
    assert len(access.asked) == before
    access.refusal = RefusedError("access.denied", "nothing")
    try:
        for ask in (
            lambda: shared.check(1, asker=FINANCE),
            lambda: shared.screened.desk.matters(FINANCE),
            lambda: shared.screened.desk.measures(FINANCE),
        ):
            with pytest.raises(RefusedError) as caught:
                ask()
            assert caught.value.code == "access.denied"
    finally:
        access.refusal = None
    credential, action, question = access.asked[before]
    assert (credential, action) == ("k1", Action.CHECK)
    assert question == {
        "matter": MATTER,
        "purpose": "joint-punishment",
        "case": asked()["case_no"],
        "subject_code": code_of(1),
    }


def test_nothing_is_answered_that_is_not_durable(world: World) -> None:
    number = next(NUMBERS)
    world.list_(number)
    world.screened.writer.close()
    with pytest.raises(RuntimeError):
        world.check(number)
    with world.screened.store.read() as reads:
        assert check_by_number(reads, "x") is None
