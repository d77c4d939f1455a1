"""`node.access.query_keys`: monthly keys that end, and one that stays."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from adapters.errors import KeyRingError
from crypto.errors import SealError
from federation.ids import Timestamp
from node.access.query_keys import QueryKeys
from node.directory.keys import KeyFileError
from node.system.entropy import token

DAY = 86_400
NOVEMBER = 1_795_000_000  # 2026-11-18


class Moment:
    def __init__(self) -> None:
        self.now = NOVEMBER

    def __call__(self) -> Timestamp:
        return Timestamp(self.now)


def keys(directory: Path, moment: Moment) -> QueryKeys:
    return QueryKeys(directory / "queries", now=moment, token=token)


def test_what_is_sealed_opens_again_in_its_place_alone(tmp_path: Path) -> None:
    sealed = keys(tmp_path, Moment()).seal("问".encode(), place=b"row 1")
    again = keys(tmp_path, Moment())
    assert again.open(sealed, place=b"row 1").decode() == "问"
    with pytest.raises(SealError):
        again.open(sealed, place=b"row 2")
    assert not again.fresh
    for path in (tmp_path / "queries").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_tags_and_keyed_hashes_stay_and_differ(tmp_path: Path) -> None:
    one, again = keys(tmp_path, Moment()), keys(tmp_path, Moment())
    assert one.tag(b"a") == again.tag(b"a") != one.tag(b"b")
    assert one.mac(b"a") == again.mac(b"a")
    assert one.mac(b"a")[:16] != one.tag(b"a")
    (tmp_path / "other").mkdir()
    assert keys(tmp_path / "other", Moment()).tag(b"a") != one.tag(b"a")


def test_a_month_has_a_key_and_ends_with_it(tmp_path: Path) -> None:
    moment = Moment()
    ring = keys(tmp_path, moment)
    november = ring.seal(b"november")
    moment.now += 20 * DAY
    december = ring.seal(b"december")
    assert (november.key, december.key) == (1, 2)
    assert ring.seal(b"more").key == 2
    assert ring.destroy_before(Timestamp(moment.now)) == ()  # sealed until then
    assert ring.destroy_before(Timestamp(moment.now + 1)) == (1,)
    with pytest.raises(SealError):
        ring.open(november)
    assert ring.open(december) == b"december"
    assert [path.name for path in (tmp_path / "queries").glob("seal-*")] == ["seal-000002"]
    assert ring.destroy_before(Timestamp(moment.now + 9 * DAY)) == ()  # the newest stays


def test_a_clock_that_was_once_ahead_keeps_no_key_for_ever(tmp_path: Path) -> None:
    moment = Moment()
    ring = keys(tmp_path, moment)
    ring.seal(b"november")
    moment.now += 9000 * DAY
    ring.seal(b"far ahead")
    moment.now = NOVEMBER + 40 * DAY
    ring.seal(b"right again")
    assert ring.destroy_before(Timestamp(moment.now + 1)) == (1, 2)


def test_a_damaged_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    keys(tmp_path, Moment()).seal(b"x")
    path = tmp_path / "queries" / "seal-000001"
    secret = path.read_text()
    path.write_text(secret.replace('"key"', '"kex"'))
    with pytest.raises(KeyRingError) as caught:
        keys(tmp_path, Moment())
    assert secret[-20:-2] not in str(caught.value)
    path.chmod(0o644)
    with pytest.raises(KeyFileError):
        keys(tmp_path, Moment())
