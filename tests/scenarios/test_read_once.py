"""A list file is read once, and what is published is what was read (F50)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.files._conversion import Conversion
from adapters.files.spool import Spool
from federation.facts import PayloadFacts
from federation.payloads import Listing
from federation.rows import State
from federation.statements import Kind
from node.codec import ProtobufPayloads
from node.intake.read_rows import ReadRows
from node.intake.row_words import RowWords, digest_of
from tests.scenarios.test_row_keys import COURT, row
from tests.support import canaries
from tests.support.tables import TableDesk, city

WORDS = RowWords(other_subjects=True, by=("甲", "乙"), reason="已核对")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TableDesk]:
    made = TableDesk(city(tmp_path)["510500"], tmp_path)
    yield made
    made.writer.close()


def names(desk: TableDesk) -> list[str]:
    """The subjects of our listings, in the order of the log."""
    node = desk.node
    with node.store.read() as session:
        (head,) = [one for one in session.heads() if one.ours]
        stored = session.openings_between(head.log, 0, head.size)
    opened = node.keyring.open_openings(node.origin, stored)
    said = [node.payloads.decode(Kind.LISTING, one.payload) for one in opened]
    return [one.subject.name for one in said if isinstance(one, Listing)]


def when_heard(
    desk: TableDesk, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]
) -> list[str]:
    """Act when persons are heard, which is after the file was read; the digests that they heard."""
    heard: list[str] = []

    def hear(digest: str, **_: Any) -> tuple[str, ...]:
        heard.append(digest)
        act()
        return ("甲", "乙")

    monkeypatch.setattr(desk.intake._hearing, "hear", hear)
    return heard


def test_f50_what_persons_agreed_on_is_published_though_the_file_is_another_now(
    desk: TableDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = desk.write("list.csv", row(1, 1), row(2, 2))
    digest = digest_of(agreed)
    other = desk.write("other.csv", row(1, 8), row(2, 9)).read_bytes()

    def swap() -> None:
        agreed.write_bytes(other)
        for copy in (desk.folder / "reading").rglob("*.csv"):
            copy.write_bytes(other)

    heard = when_heard(desk, monkeypatch, swap)
    assert desk.publish(agreed, COURT, words=WORDS)["published"] == 2
    assert heard == [digest]
    assert names(desk) == [row(n, n)["被执行人姓名/名称"] for n in (1, 2)]


def test_f50_every_row_is_read_and_converted_once(
    desk: TableDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted: list[int] = []
    convert = Conversion.convert

    def noted(self: Conversion, number: int, cells: Sequence[str]) -> Any:
        converted.append(number)
        return convert(self, number, cells)

    monkeypatch.setattr(Conversion, "convert", noted)
    read: list[bytes] = []
    facts = ProtobufPayloads.facts

    def counted(self: ProtobufPayloads, kind: int, payload: bytes) -> PayloadFacts:
        read.append(payload)
        return facts(self, kind, payload)

    monkeypatch.setattr(ProtobufPayloads, "facts", counted)
    result = desk.take(*(row(n, n) for n in range(1, 6)), list_type=COURT, full_snapshot=True)
    assert result["published"] == 5
    assert converted == [2, 3, 4, 5, 6]
    assert read == [], "what was made here is not read again"


def test_f50_nothing_of_the_rows_is_readable_once_they_were_read(
    desk: TableDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Canaries of rows that are good, refused, or no longer stand, while all of it waits."""
    good = row(1, 1) | {"被执行人姓名/名称": canaries.name("好"), "统一社会信用代码": canaries.CODE}
    bad = good | {"id": "2", "失信决定日期": canaries.MARK}
    spools: list[Spool] = []
    make = desk.intake.room.spool

    def kept(key: bytes, most: int, need: Callable[[int], None]) -> Spool:
        spools.append(make(key, most, need))
        return spools[-1]

    monkeypatch.setattr(desk.intake.room, "spool", kept)
    waiting: list[bytes] = []

    def look() -> None:
        descriptor = spools[0]._file.fileno()
        waiting.append(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
        (folder,) = (desk.folder / "reading").iterdir()
        assert list(folder.iterdir()) == [], "nor is the copy there any more"

    when_heard(desk, monkeypatch, look)
    result = desk.take(good, bad, list_type=COURT, words=replace(WORDS, shown={}))
    assert (result["published"], result["refused_rows"]) == (1, 1)
    assert len(waiting[0]) > 500
    assert not canaries.in_bytes(waiting[0])
    assert spools[0]._file.closed


def test_a_row_that_comes_twice_counts_where_the_first_no_longer_stands(desk: TableDesk) -> None:
    """F16 before what comes twice: what a row lists that is over hides no other row."""
    over = row(1, 1)
    rows = [over, row(1, 2), over | {"id": "3", "移出日期": "2026-04-01"}]
    rows = [one | {"移出日期": one.get("移出日期", "")} for one in rows]
    result = desk.take(*rows, list_type=COURT)
    assert result["rows"] == 3
    assert names(desk) == [row(1, 2)["被执行人姓名/名称"]]
    assert desk.states() == [State.ACTIVE]


def test_f50_what_is_kept_of_a_row_does_not_grow_with_what_it_says(
    desk: TableDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory: hashes while the file is read; of rows that come once none afterwards."""
    made: list[ReadRows] = []
    begin = ReadRows.__init__

    def noted(self: ReadRows, *parts: Any) -> None:
        begin(self, *parts)
        made.append(self)

    monkeypatch.setattr(ReadRows, "__init__", noted)
    rows = [row(n, n) for n in range(1, 31)]
    assert desk.take(*rows, list_type=COURT)["published"] == 30
    (read,) = made
    assert [len(hashes) for hashes in read._twice] == [0, 0]
    assert read._siblings() is None
    kept = {name: sys.getsizeof(value) for name, value in vars(read._reaching).items()}
    assert kept.keys() == {"_subjects", "_documents"}
    assert sum(kept.values()) <= 2 * (8 * 30 + 200)


def test_a_list_that_was_pasted_twice_counts_once(desk: TableDesk) -> None:
    """The first of each counts, also for the rules that look at the file as a whole (F12, F14)."""
    one, others = row(1, 1), [row(n, n) for n in range(2, 21)]
    result = desk.take(*[one] * 400, *others, *others, list_type=COURT)
    assert (result["published"], result["refused_rows"]) == (20, 418)
    assert result["faults"] == {"row.duplicate": 418}
    again = [one | {"统一社会信用代码": row(2, 99)["统一社会信用代码"]}, *others]
    assert desk.take(*again[:1] * 40, *again[1:], list_type=COURT)["refused_rows"] == 39


def test_what_every_city_will_hold_is_counted_before_it_is_published(desk: TableDesk) -> None:
    bare = desk.write("list.csv", row(1, 1), row(2, 2))
    assert desk.publish(bare, COURT, dry_run=True)["notices"]["notice.missing"] == 2
    dated = desk.write("dated.csv", *(row(n, n) | {"告知日期": "2026-03-01"} for n in (1, 2)))
    assert "notice.missing" not in desk.publish(dated, COURT, dry_run=True)["notices"]
