"""Migrations lead to exactly the tables that the program uses, once, and never backwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from adapters.errors import SchemaError
from adapters.sql import open_store
from adapters.sql.migrating import HEAD
from adapters.sql.migrations.versions import (
    rev_0004_suppressions,
    rev_0007_first_notes,
    rev_0008_spelling,
    rev_0009_outlets,
)
from adapters.sql.schema import metadata
from federation.ids import Origin, Timestamp
from federation.peers.first_notes import FirstNote
from federation.ports.journal import JournalEntry, pair
from federation.rows import State
from federation.statements import Kind
from node.texts.messages import spoken
from tests.contracts.examples import row


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'huxin.db'}"
    given: str = request.getfixturevalue("postgres_database")
    return given


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The database from outside, after the store has made its tables."""
    open_store(url).close()
    engine = create_engine(url)
    yield engine
    engine.dispose()


def test_the_program_s_version_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", "adapters.sql:migrations")
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    assert script.get_bases() == ["0001"]


def test_migrating_an_empty_database_gives_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD
        indexes = inspect(connection).get_indexes("statements")
    assert {index["name"] for index in indexes} == {
        index.name for index in metadata.tables["statements"].indexes
    }


def test_partial_indexes_have_the_conditions_of_the_schema(engine: Engine) -> None:
    found = {
        index["name"]: index["dialect_options"]
        for index in inspect(engine).get_indexes("statements")
    }
    for index in metadata.tables["statements"].indexes:
        condition = index.dialect_options[engine.dialect.name]["where"]
        assert (condition is not None) == (f"{engine.dialect.name}_where" in found[index.name])
        if condition is not None and engine.dialect.name == "sqlite":
            assert str(found[index.name]["sqlite_where"]) == str(condition)


def test_opening_again_changes_nothing(url: str, engine: Engine) -> None:
    store = open_store(url)
    with store.write() as session:
        head = session.add_log(Origin("a.example/1"), ours=True)
    store.close()
    store = open_store(url)
    with store.read() as snapshot:
        assert list(snapshot.heads()) == [head]
    store.close()
    assert engine.dialect.name in url


def test_several_may_open_an_empty_database_at_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(open_store, [url] * 4))
    for store in stores:
        with store.read() as snapshot:
            assert list(snapshot.heads()) == []
        store.close()


def test_suppression_tags_get_the_reliefs_that_set_them(url: str, engine: Engine) -> None:
    """As the revision before had them: a tag and its last day, the reliefs in the journal alone."""
    entries: list[tuple[str, bytes | None, int, int, int]] = [
        ("suppression", b"a", 1, 5, 20270101),
        ("suppression", b"b", 1, 6, 20270101),
        ("suppression-lifted", b"b", 1, 7, 0),
        ("suppression", b"b", 2, 8, 20280101),
        ("suppression", b"a", 2, 9, 20290101),
        ("suppression", b"ended", 2, 9, 20200101),
        ("erasure", None, 1, 5, 0),
    ]
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE suppressions"))
        bytes_type = "BLOB" if engine.dialect.name == "sqlite" else "BYTEA"
        connection.execute(
            text(f"CREATE TABLE suppressions (tag {bytes_type} PRIMARY KEY, until BIGINT NOT NULL)")
        )
        for old in (b"a", b"b"):
            connection.execute(text("INSERT INTO suppressions VALUES (:t, 20270101)"), {"t": old})
        for kind, tag, log, idx, until in entries:
            connection.execute(
                text(
                    "INSERT INTO journal (at, kind, log, idx, tag, until, body) "
                    "VALUES (1, :kind, :log, :idx, :tag, :until, '')"
                ),
                {"kind": kind, "log": log, "idx": idx, "tag": tag, "until": until},
            )
        with Operations.context(MigrationContext.configure(connection)):
            rev_0004_suppressions.upgrade()
    store = open_store(url)
    with store.write() as session:
        assert session.suppressed([b"a", b"b", b"ended"]) == {
            b"a": [(1, 5), (2, 9)],
            b"b": [(2, 8)],
        }
        assert session.end_suppressions(20270102) == 1
        assert session.suppressed([b"a"]) == {b"a": [(2, 9)]}
    store.close()


def test_what_was_believed_erased_on_a_peer_s_word_is_asked_for_again(
    url: str, engine: Engine
) -> None:
    """But not what this node erased itself; and ERASURE statements are read again at the start."""
    columns = ", ".join(metadata.tables["statements"].columns.keys())
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE first_notes"))
        connection.execute(text("DROP INDEX statements_pending_reliefs"))
        for idx, kind, opening in ((0, 1, 3), (1, 1, 3), (2, 1, 1), (3, 14, 1), (4, 14, 4)):
            said = {"idx": idx, "kind": kind, "opening": opening, "id": bytes([idx]) * 16}
            connection.execute(
                text(
                    f"INSERT INTO statements ({columns}) VALUES (1, :idx, :id, :kind, 0, 0, NULL, "
                    ":opening, NULL, NULL, '', '', 0, 0, 10, '', 1, NULL, :idx)"
                ),
                said,
            )
        connection.execute(
            text(
                "INSERT INTO journal (at, kind, log, idx, tag, until, body) "
                "VALUES (1, 'erasure', 1, 0, NULL, 0, ''), (1, 'go-on', NULL, NULL, NULL, 0, '')"
            )
        )
        with Operations.context(MigrationContext.configure(connection)):
            rev_0007_first_notes.upgrade()
    store = open_store(url)
    with store.write() as session:
        rows = session.rows_between(1, 0, 5)
        assert [row.opening for row in rows] == [3, 4, 1, 1, 4]
        assert [row.rule for row in rows] == ["", "", "", "entitlement.segment", ""]
        assert [row.idx for row in session.set_aside(1)] == [3]
        note = FirstNote(size=5, cosigned_at=Timestamp(1), note=b"note")
        session.put_first_note(1, note)
        assert session.first_note(1, 4) == note
    store.close()


def test_tags_of_before_are_marked_as_of_the_former_form(url: str, engine: Engine) -> None:
    """As the revision before had them: no twins, and nothing that says which form tags have."""
    with engine.begin() as connection:
        for table in ("twins", "unformed"):
            connection.execute(text(f"DROP TABLE {table}"))
        for index in ("suppressions_former", "journal_by_tag"):
            connection.execute(text(f"DROP INDEX {index}"))
        connection.execute(text("ALTER TABLE suppressions DROP COLUMN former"))
        connection.execute(
            text("INSERT INTO suppressions (tag, log, idx, until) VALUES (:tag, 1, 5, 20270101)"),
            {"tag": b"a"},
        )
        connection.execute(
            text(
                "INSERT INTO logs (origin, ours, size, applied_to, reconciled_to, delivered_to, "
                "receipted_to, note, note_size, witnessed_size, witnessed_root, seen) "
                "VALUES ('a.example/1', :ours, 9, 9, 9, 9, 9, :no, 0, 0, :no, :no)"
            ),
            {"ours": True, "no": b""},
        )
        with Operations.context(MigrationContext.configure(connection)):
            rev_0008_spelling.upgrade()
    store = open_store(url)
    with store.write() as session:
        assert session.unformed() == {session.heads()[0].log: 0}
        assert session.has_former_suppressions()
        again = JournalEntry(
            at=Timestamp(1), kind="suppression", log=1, index=5, tag=b"a", until=20270101
        )
        session.append_journal([again])
        assert not session.has_former_suppressions()
    store.close()


def test_what_the_files_were_told_counts_as_told_in_a_state_unknown(
    url: str, engine: Engine
) -> None:
    """As the revision before had it: a cursor of each log, and nothing leaf by leaf."""
    store = open_store(url)
    with store.write() as session:
        ours = session.add_log(Origin("a.example/1"), ours=True)
        log = session.add_log(Origin("b.example/1"), ours=False)
        session.set_head(replace(log, size=6, reconciled_to=6, delivered_to=5))
        receipt, aside = row(log.log, 1, kind=Kind.RECEIPT), row(log.log, 2, state=State.SET_ASIDE)
        others = [row(log.log, index) for index in (0, 3, 4, 5)]
        session.insert_rows([row(ours.log, 0), receipt, aside, *others])
    store.close()
    with engine.begin() as connection:
        for table in ("outlets", "outlet_cursors", "handed", "waiting", "outlet_differences"):
            connection.execute(text(f"DROP TABLE {table}"))
        with Operations.context(MigrationContext.configure(connection)):
            rev_0009_outlets.upgrade()
    store = open_store(url)
    with store.write() as session:
        (files,) = session.outlets()
        assert files.name == ""
        assert session.handed(files.outlet, log.log, range(6)) == {0: 0, 3: 0, 4: 0}
        assert session.handed(files.outlet, ours.log, range(6)) == {}
        assert session.handed_to(session.add_outlet("city").outlet) == {log.log: 5}
    store.close()


def test_two_tags_become_one_and_what_names_them_follows(url: str) -> None:
    """As the revision before had them: a record's tag of its own, 16 bytes, beside its subject's.

    Of a relief the record may be that of its listing, and its subject unknown or another's.
    """
    subject, other = b"\0s" * 8, b"o\0" * 8
    record, relieved = b"r\0\1" + bytes(5) + b"R" * 8, b"q" * 8 + b"Q" * 8
    now, both = subject + record[:8], record + relieved
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "adapters.sql:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        for idx, kind, state, record_tag, subject_tag in (
            (0, 1, 1, record, subject),
            (1, 4, 10, record, None),
            (2, 4, 10, record, other),
            (3, 17, 10, None, other),
            (4, 10, 10, None, None),
            (5, 5, 10, relieved, None),
            (1500, 18, 4, relieved, subject),
        ):
            connection.execute(
                text(
                    "INSERT INTO statements (log, idx, statement_id, kind, action, flags, opening, "
                    "record_tag, subject_tag, list_type, authority, decided_on, until, state, "
                    "rule, header_state, current) VALUES (1, :idx, :id, :kind, 0, 0, 1, :record, "
                    ":subject, '', '', 0, 0, :state, '', :state, :idx)"
                ),
                {
                    "idx": idx,
                    "id": bytes([idx % 256]) * 16,
                    "kind": kind,
                    "state": state,
                    "record": record_tag,
                    "subject": subject_tag,
                },
            )
        for tag, of in ((b"1", record), (b"2", b"?" * 16)):
            connection.execute(
                text("INSERT INTO feed_rows VALUES ('f', :tag, :of, :tag, :tag, 0, '', NULL, '')"),
                {"tag": tag, "of": of},
            )
        connection.execute(
            text("INSERT INTO twins VALUES (:tag, 1, 5, :record, :subject, 0)"),
            {"tag": b"t", "record": record, "subject": subject},
        )
        for said, tag in (("told-apart", both), ("suppression", both)):
            connection.execute(
                text("INSERT INTO journal (at, kind, tag, until, body) VALUES (1, :k, :t, 0, '')"),
                {"k": said, "t": tag},
            )
    engine.dispose()
    store = open_store(url)
    with store.read() as session:
        tags = {row.idx: row.tag for row in session.rows_between(1, 0, 2000)}
        listed = subject + relieved[:8]
        assert tags == {0: now, 1: now, 2: now, 3: other, 4: None, 5: listed, 1500: listed}
        assert {row.record_tag for row in session.feed_rows("f", None)} == {now, b"?" * 16}
        assert [twin.record for twin in session.twins_of([subject])] == [now]
        assert session.told_apart([pair(now, listed)])
        assert [entry.tag for _, entry in session.entries("suppression")] == [both]
        assert session.count_states()[1][Kind.REPAIR, State.IN_FORCE, ""] == 2
        assert list(session.header_states(1, 1501)) == [(0, 1), (1500, 4)]
        assert not session.miscounted(1)
    store.close()


def test_commendations_held_before_are_judged_now(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "adapters.sql:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0016")
        for idx, kind in enumerate((Kind.LISTING, Kind.COMMENDATION, Kind.COMMENDATION)):
            connection.execute(
                text(
                    "INSERT INTO statements (log, idx, statement_id, kind, action, flags, opening, "
                    "list_type, authority, decided_on, until, state, rule, header_state, current) "
                    "VALUES (1, :idx, :id, :kind, 0, 0, 1, '', '', 0, 0, 1, '', 1, :idx)"
                ),
                {"idx": idx, "id": bytes([idx]) * 16, "kind": int(kind)},
            )
        connection.execute(text("INSERT INTO due (log, idx) VALUES (1, 2)"))
    engine.dispose()
    store = open_store(url)
    with store.read() as session:
        assert session.due(9) == [(1, 1), (1, 2)]
    store.close()


def test_findings_held_before_are_counted(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "adapters.sql:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0023")
        for log, idx, finding in ((1, 0, 5), (1, 1, 5), (1, 2, 6), (2, 0, 5)):
            connection.execute(
                text("INSERT INTO findings (log, idx, finding) VALUES (:log, :idx, :finding)"),
                {"log": log, "idx": idx, "finding": finding},
            )
    engine.dispose()
    store = open_store(url)
    with store.read() as session:
        assert session.count_findings() == {1: {5: 2, 6: 1}, 2: {5: 1}}
        assert not session.miscounted(1)
    store.close()


def test_a_newer_schema_is_refused(url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="has schema 9999, this program knows up to") as caught:
        open_store(url)
    assert caught.value.code == "store.schema"
    said = spoken("store.schema", str(caught.value), english=False)
    assert said.startswith("数据库的结构为 9999，本程序只认到")
    assert "恢复升级之前的备份" in said


def test_a_database_of_today_opens_without_the_migration_tool(url: str, engine: Engine) -> None:
    program = (
        "import sys; from adapters.sql import open_store; open_store(sys.argv[1]).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    assert engine.dialect.name in url
    assert (
        subprocess.run([sys.executable, "-c", program, url], cwd=root, check=False).returncode == 0
    )
