"""Who asked about a subject, and whether the query log is whole.

Covers node/access/erasing.py, node/access/queries.py, node/access/verifying.py,
node/access/exporting.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete

from adapters.sql.batches import StoredPart, add_part
from adapters.sql.query_logs import put_query_note
from adapters.sql.query_schema import batch_parts
from adapters.sql.query_store import QueryStore, QueryWrites, open_query_store
from adapters.state.highwater import FileHighWater
from crypto.checkpoint import open_checkpoint
from crypto.cosignature import cosign, merge_signatures
from crypto.keys import KeyType, Signer
from crypto.merkle import Frontier, leaf_hashes
from crypto.notes import Note, parse_note, sign_note
from crypto.tiles import parse_entry_tile
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.persons import Sort, Word, join_word, queries_body, sign_word
from federation.screening.query_log import EntryKind, Promise
from federation.screening.roles import Asker, Role
from node.access.asked_sets import asked_set
from node.access.erasing import QueryErasure
from node.access.queries import QueryDesk
from node.access.query_keys import QueryKeys
from node.access.query_log import ASKED, Entry, QueryLog, Subject
from node.access.query_writer import QueryWriter
from node.access.sequencing import Sequencer
from node.access.verifying import Epoch, QueryAudit
from node.persons.roster import Persons
from node.system.entropy import token
from node.system.failpoints import Failpoints

NOW = 1_795_000_000
YEARS = 5 * 366 * 86_400
ORIGIN = Origin("queries.a.example/1")
NODE = Origin("a.example/1")
SIGNER = Signer(name=ORIGIN, type=KeyType.NOTE, seed=b"q" * 32)
WITNESS = Signer(name="b.example/witness", type=KeyType.COSIGNATURE, seed=b"w" * 32)
FIRM = Subject(code="91510500ZZ00000018", name="甲建筑（演示）")
AUDITOR = Asker(credential="c9", department="审计局", roles=frozenset({Role.AUDIT}))
OTHER = Subject(code="91510500ZZ00000026", name="乙建筑（演示）")


@dataclass
class World:
    store: QueryStore
    writer: QueryWriter
    log: QueryLog
    sequencer: Sequencer
    desk: QueryDesk
    keys: QueryKeys
    now: int = NOW

    def ask(self, subject: Subject, department: str = "财政局", at: int = NOW) -> bytes:
        return self.asked(subject, department, at).result().note.encode()

    def asked(self, subject: Subject, department: str = "财政局", at: int = NOW) -> Future[Promise]:
        entry = Entry(
            kind=EntryKind.QUESTION,
            asker="c1",
            department=department,
            action="check",
            at=Timestamp(at),
            matter="procurement",
            purpose="joint-punishment",
            case_no="2026-17",
            subjects=(subject,),
            result="clear",
        )
        return self.writer.submit(partial(self.log.record, entry=entry))

    def change(self, statement: str) -> None:
        with self.store.write() as writes:
            writes.connection.exec_driver_sql(statement)

    def codes(self, *promises: bytes) -> list[str]:
        return [one["code"] for one in self.desk.verify(promises)["findings"]]


LINKED: dict[str, str] = {}
"""Another code of a subject, by the one that is asked for."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from made(tmp_path, {})


def made(tmp_path: Path, persons: dict[str, str]) -> Iterator[World]:
    store = open_query_store("sqlite:///:memory:")
    writer = QueryWriter(store)
    keys = QueryKeys(tmp_path / "queries", now=lambda: Timestamp(NOW), token=token)
    mark = FileHighWater(tmp_path / "mark", ORIGIN)
    mark.create_empty()
    sequencer = Sequencer(
        origin=ORIGIN,
        signer=SIGNER,
        store=store,
        writer=writer,
        high_water=mark,
        failpoints=Failpoints(),
    )
    sequencer.start()
    log = QueryLog(
        origin=ORIGIN,
        signer=SIGNER,
        keys=keys,
        token=token,
        recorded=sequencer.recorded,
        check=sequencer.check,
    )
    clock = [NOW]
    audit = QueryAudit(
        log=log,
        epochs=[Epoch(key=SIGNER.verifier, high_water=mark)],
        store=store,
        cosigners=lambda: [WITNESS.verifier],
        now=lambda: Timestamp(built.now),
        keep_seconds=YEARS,
    )
    desk = QueryDesk(
        store=store,
        writer=writer,
        keys=keys,
        log=log,
        persons=Persons(origin=NODE, configured=persons, now=lambda: Timestamp(NOW)),
        audit=audit,
        key=SIGNER.verifier,
        now=lambda: Timestamp(clock[0]),
        linked=lambda code: [("uscc", LINKED.get(code, code))],
    )
    built = World(store=store, writer=writer, log=log, sequencer=sequencer, desk=desk, keys=keys)
    yield built
    writer.close()
    store.close()


def told(world: World, subject: Subject = FIRM, **given: object) -> list[dict[str, object]]:
    said: dict[str, object] = {"by": ("张某", "李某"), "note": "", "authorisation": "授-1"} | given
    said |= {"code": subject.code, "name": subject.name}
    return world.desk.of_subject(AUDITOR, **said)  # type: ignore[arg-type]


def test_a_subject_is_told_who_asked_and_that_is_recorded_too(world: World) -> None:
    world.ask(FIRM)
    world.ask(OTHER)
    (found,) = told(world)
    assert (found["department"], found["matter"], found["case_no"], found["kind"]) == (
        "财政局",
        "procurement",
        "2026-17",
        "question",
    )
    again = told(world, Subject(code="", name=FIRM.name))
    assert [one["kind"] for one in again] == ["admin", "question"]
    assert (again[0]["persons"], again[0]["authorisation"]) == (["张某", "李某"], "授-1")
    assert (again[0]["asker"], again[0]["department"]) == ("c9", "审计局")


def test_sj1_who_asked_by_another_code_of_the_subject_is_told_too(world: World) -> None:
    world.ask(FIRM)
    other = replace(FIRM, code="91510500YY00000999", name="")
    assert told(world, other) == []
    LINKED[other.code] = FIRM.code
    try:
        assert "财政局" in [one["department"] for one in told(world, other)]
    finally:
        del LINKED[other.code]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"by": ("张某",)}, "queries.two-persons"),
        ({"by": ("张某", "张某 ")}, "queries.two-persons"),
        ({"authorisation": " "}, "queries.authorisation"),
        ({"authorisation": "x" * 200}, "queries.authorisation"),
        ({"subject": Subject(code="")}, "queries.subject"),
    ],
)
def test_an_authorisation_is_no_second_person(
    world: World, given: dict[str, object], code: str
) -> None:
    world.ask(FIRM)
    with pytest.raises(RefusedError) as caught:
        told(world, **given)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert len(told(world)) == 1  # what was refused was told to nobody


def test_where_persons_have_keys_they_sign(tmp_path: Path) -> None:
    signers = {
        name: Signer(name=name, type=KeyType.NOTE, seed=name.encode().ljust(32)[:32])
        for name in ("zhang", "li")
    }
    configured = {name: str(one.verifier) for name, one in signers.items()}
    for world in made(tmp_path, configured):
        world.ask(FIRM)
        with pytest.raises(RefusedError) as caught:
            told(world, by=tuple(signers))
        assert caught.value.code == "person.unsigned"
        body = queries_body(code=FIRM.code, name=FIRM.name, authorisation="授-1")
        word = Word(origin=NODE, sort=Sort.QUERIES, at=Timestamp(NOW), body=body)
        note = join_word(sign_word(word, signers["zhang"]), signers["li"])
        assert len(told(world, by=tuple(signers), note=note)) == 1
        with pytest.raises(RefusedError):
            told(world, by=tuple(signers), note=note)  # it counts once


def test_a_supervisor_is_told_what_a_department_asked_not_about_whom(world: World) -> None:
    world.ask(FIRM)
    world.ask(OTHER, "住建局")
    (found,) = world.desk.of_department(AUDITOR, "住建局", ["张某"])
    assert found["case_no"] == "2026-17"
    assert OTHER.code not in str(found)
    assert OTHER.name not in str(found)
    with pytest.raises(RefusedError) as caught:
        world.desk.of_department(AUDITOR, "住建局", [])
    assert caught.value.code == "queries.no-name"


def test_a_whole_log_verifies_with_its_witnesses_and_promises(world: World) -> None:
    assert world.codes() == []
    asked = [world.asked(FIRM, at=NOW - i) for i in range(300)]
    promises = [one.result().note.encode() for one in asked]
    world.sequencer.run()
    note = parse_note(world.sequencer.note)
    line = cosign(note.text, WITNESS, NOW)
    cosigned = merge_signatures(note, Note(text=note.text, signatures=(line,)))
    with world.store.write() as writes:
        put_query_note(writes, 1, 300, NOW, cosigned.to_bytes())
    world.ask(OTHER)
    world.sequencer.run()
    report = world.desk.verify(promises)
    assert report["findings"] == []
    assert report["ok"]
    assert (report["size"], report["rows"], report["promises"]) == (301, 301, 300)
    assert report["cosigned"] == [{"size": 300, "by": ["b.example/witness"]}]


CHANGES = [
    ("DELETE FROM query_rows WHERE idx = 1", ["queries.row-missing"]),
    ("UPDATE query_rows SET at = at + 1 WHERE idx = 1", ["queries.row-changed"]),
    ("UPDATE query_rows SET leaf = zeroblob(76) WHERE idx = 1", ["queries.row-changed"]),
    ("UPDATE query_rows SET idx = 9 WHERE idx = 1", ["queries.row-missing", "queries.row-changed"]),
    ("UPDATE query_rows SET sealed = NULL WHERE idx = 1", ["queries.content-missing"]),
    (
        "UPDATE query_rows SET sealed = (SELECT sealed FROM query_rows) WHERE idx = 1",
        ["queries.content-changed"],
    ),
    ("DELETE FROM query_subjects WHERE place = 2", ["queries.tags-changed"]),
    ("UPDATE query_rows SET department = zeroblob(16) WHERE idx = 1", ["queries.tags-changed"]),
    ("UPDATE query_tiles SET data = zeroblob(96) WHERE level = 0", ["queries.tile"]),
    ("DELETE FROM query_tiles WHERE level = -1", ["queries.tile"]),
    ("UPDATE query_logs SET note = CAST('x' AS BLOB)", ["queries.checkpoint"]),
    ("UPDATE query_logs SET note_size = 2", ["queries.checkpoint"]),
]


@pytest.mark.parametrize(("change", "codes"), CHANGES)
def test_what_was_removed_or_changed_is_named(world: World, change: str, codes: list[str]) -> None:
    for subject in (FIRM, OTHER, FIRM):
        world.ask(subject)
    world.sequencer.run()
    assert world.codes() == []
    world.change(change)
    assert world.codes() == codes


def test_a_last_row_taken_away_with_its_leaf_is_behind_the_mark(world: World) -> None:
    world.ask(FIRM)
    world.sequencer.run()
    first = world.sequencer.note
    promise = world.ask(OTHER)
    world.sequencer.run()
    world.change("DELETE FROM query_rows WHERE idx = 1")
    world.change("DELETE FROM query_subjects WHERE place = 2")
    with world.store.write() as writes:
        writes.connection.exec_driver_sql(
            "UPDATE query_logs SET size = 1, note_size = 1, note = ?", (first,)
        )
    assert world.codes(promise) == ["queries.behind", "queries.promise-broken"]


def test_at_the_end_of_its_term_content_goes_and_the_tree_stays(world: World) -> None:
    world.ask(FIRM, at=NOW - YEARS - 10)
    world.ask(FIRM)
    waiting = QueryErasure(
        store=world.store,
        writer=world.writer,
        keys=world.keys,
        trusted=lambda: Timestamp(NOW),
        keep_seconds=YEARS,
        listing_is_over=lambda _origin, _index: False,
    )
    waiting.run()
    with world.store.read() as reads:  # it has no place yet, and is to be proved
        query = "SELECT count(*) FROM query_rows WHERE sealed IS NOT NULL"
        assert reads.connection.exec_driver_sql(query).scalar_one() == 2
    world.sequencer.run()
    waiting.run()
    report = world.desk.verify()
    assert (report["ok"], report["rows"], report["erased"]) == (True, 2, 1)
    assert [one["at"] for one in told(world)] == [NOW]
    world.now -= 60  # by a trusted time before the term it was erased too early
    assert world.codes() == ["queries.content-missing"]


def test_a_row_that_waits_for_long_is_named(world: World) -> None:
    world.ask(FIRM)
    assert world.codes() == []
    world.now += 61
    assert world.codes() == ["queries.waiting"]


def test_a_false_witness_and_a_false_promise_are_named(world: World) -> None:
    promise = world.ask(FIRM)
    world.sequencer.run()
    note = parse_note(world.sequencer.note)
    wrong = cosign("another\n", WITNESS, NOW)
    with world.store.write() as writes:
        merged = Note(text=note.text, signatures=(*note.signatures, wrong))
        put_query_note(writes, 1, 1, NOW, merged.to_bytes())
    assert world.codes(promise.replace(b"1795", b"1796")) == [
        "queries.promise",
        "queries.cosignature",
    ]


def test_qx4_one_entry_is_not_the_record_of_two_questions(world: World) -> None:
    true, other = (parse_note(world.ask(one)).text for one in (FIRM, OTHER))
    world.sequencer.run()
    kept = true.split("\n")
    lie = [*kept[:2], other.split("\n")[2], *kept[3:]]
    notes = [sign_note("\n".join(one), [SIGNER]).to_bytes() for one in (kept, lie)]
    assert world.codes(*notes) == ["queries.promise-broken"]
    assert world.codes(notes[0]) == []


def test_the_export_is_proved_without_the_node_and_shows_nobody(world: World) -> None:
    with pytest.raises(RefusedError):
        list(world.desk.export())
    for _ in range(3):
        world.ask(FIRM)
    world.sequencer.run()
    files = dict(world.desk.export())
    signed = open_checkpoint(files["checkpoint"], SIGNER.verifier)
    leaves = parse_entry_tile(files["tile/entries/000.p/3"])
    assert files["key"].decode().strip() == str(SIGNER.verifier)
    assert Frontier.empty().extend(leaf_hashes(leaves)).root() == signed.checkpoint.root
    assert files["tile/0/000.p/3"] == b"".join(leaf_hashes(leaves))
    assert not any(FIRM.name.encode() in data for data in files.values())


def test_ba5_who_was_asked_about_among_many_is_told_and_nobody_takes_that_away(
    world: World,
) -> None:
    held = asked_set([(FIRM.code, FIRM.name)])

    def kept(writes: QueryWrites) -> None:
        entry = Entry(
            kind=EntryKind.QUESTION,
            asker="k1",
            department="交易中心（演示）",
            action="check",
            at=Timestamp(NOW),
            number="511500-20261129-1",
            references=("batch 511500-20261129-1/3", ASKED + sha256(held).hexdigest()),
        )
        promise = world.log.record(writes, entry)
        sealed = world.keys.seal(held, place=promise.query_id)
        counts = {"asked": 1, "matches": 0, "insufficient": 0, "refused": 0}
        add_part(
            writes,
            StoredPart(
                number=entry.number,
                part=3,
                turn=0,
                query_id=promise.query_id,
                at=NOW,
                **counts,
                key=sealed.key,
                sealed=sealed.data,
            ),
        )

    world.writer.submit(kept).result()
    world.sequencer.run()
    assert [one["department"] for one in told(world, FIRM)] == ["交易中心（演示）"]
    assert told(world, OTHER) == []
    world.sequencer.run()
    assert world.desk.verify([])["findings"] == []

    def gone(writes: QueryWrites) -> None:
        writes.connection.execute(delete(batch_parts))

    world.writer.submit(gone).result()
    found = world.desk.verify([])["findings"]
    assert [one["code"] for one in found] == ["queries.tags-changed"]
