"""The key ring: sealing ties an opening to its place, and the file is for its owner only."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import KeyRingError
from adapters.state.keyring import KeyRing
from crypto.errors import SealError
from crypto.vault import opening_aad
from federation.ids import Origin, Timestamp
from federation.ports.store import StoredOpening
from federation.statements import Opening

NOW = Timestamp(1_798_735_000)  # 2027-01-01 in Shanghai, still 2026 in UTC
ORIGIN = Origin("510500.huxin.example/1")
SALT = bytes(range(32))


class Tokens:
    """Bytes that count up, and a note of what was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, size: int) -> bytes:
        self.asked.append(size)
        return bytes((len(self.asked) * 41 + i) % 256 for i in range(size))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node" / "state" / "keyring.json"


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def ring(path: Path, tokens: Tokens) -> KeyRing:
    return KeyRing.create(path, now=NOW, token=tokens)


def rewrite(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_new_ring_is_for_its_owner_only(ring: KeyRing, path: Path) -> None:
    assert ring.lookup(b"") != b""
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["keyring.json"]
    content = json.loads(path.read_text())
    assert [k["created_at"] for k in content["opening"]] == [NOW]
    assert [k["year"] for k in content["suppression"]] == [2027]


def test_a_ring_is_never_written_over(ring: KeyRing, path: Path, tokens: Tokens) -> None:
    tag = ring.lookup(b"x")
    with pytest.raises(KeyRingError, match="already"):
        KeyRing.create(path, now=NOW, token=tokens)
    assert KeyRing.load(path, token=tokens).lookup(b"x") == tag


def test_a_missing_ring_says_where_to_find_it(path: Path, tokens: Tokens) -> None:
    with pytest.raises(KeyRingError, match="restore it from escrow"):
        KeyRing.load(path, token=tokens)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_ring_that_others_could_read_is_refused(
    ring: KeyRing, path: Path, tokens: Tokens, mode: int
) -> None:
    assert ring.lookup(b"x")
    path.chmod(mode)
    with pytest.raises(KeyRingError, match=f"expected mode 0600, got {mode:04o}"):
        KeyRing.load(path, token=tokens)


def test_a_directory_that_others_could_enter_is_refused(
    ring: KeyRing, path: Path, tokens: Tokens
) -> None:
    assert ring.lookup(b"x")
    path.parent.chmod(0o755)
    with pytest.raises(KeyRingError, match="expected mode 0700, got 0755"):
        KeyRing.load(path, token=tokens)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"opening": []},
        {"suppression": []},
        {"opening": [{"number": 1, "key": "c0ffee"}]},
        {"lookup": {"number": 1}},
        {"lookup": {"number": 1, "key": "c0ffee-not-hex"}},
        {"opening": None},
    ],
)
def test_a_damaged_ring_is_refused_without_showing_it(
    ring: KeyRing, path: Path, tokens: Tokens, changes: dict[str, Any]
) -> None:
    assert ring.lookup(b"x")
    rewrite(path, **changes)
    with pytest.raises(KeyRingError, match="damaged") as caught:
        KeyRing.load(path, token=tokens)
    assert "c0ffee" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_openings_come_back(ring: KeyRing, path: Path, tokens: Tokens) -> None:
    openings = [(i, bytes([i]) * 32, b"payload" * i) for i in range(5)]
    stored = ring.seal_openings(ORIGIN, openings)
    assert [(s.index, s.key) for s in stored] == [(i, 1) for i in range(5)]
    again = KeyRing.load(path, token=tokens)
    assert again.open_openings(ORIGIN, stored) == [
        Opening(salt=salt, payload=payload) for _, salt, payload in openings
    ]
    assert ring.seal_openings(ORIGIN, []) == []
    assert ring.open_openings(ORIGIN, []) == []


def test_a_batch_asks_once_for_randomness_and_every_nonce_differs(
    ring: KeyRing, tokens: Tokens
) -> None:
    tokens.asked.clear()
    stored = ring.seal_openings(ORIGIN, [(7, SALT, b"same")] * 20)
    assert tokens.asked == [20 * 12]
    assert len({s.sealed[:12] for s in stored}) == 20


def test_what_is_stored_shows_nothing_and_is_bound_to_its_place(ring: KeyRing) -> None:
    stored = ring.seal_opening(ORIGIN, 7, SALT, b"a payload in clear")
    assert b"payload" not in stored.sealed
    assert SALT not in stored.sealed
    assert len(stored.sealed) == 12 + 32 + 18 + 16
    assert ring.open_opening(ORIGIN, stored) == Opening(salt=SALT, payload=b"a payload in clear")
    for origin, moved in (
        (ORIGIN, replace(stored, index=8)),
        (Origin("510500.huxin.example/2"), stored),
        (ORIGIN, replace(stored, sealed=stored.sealed[:-1] + bytes([stored.sealed[-1] ^ 1]))),
        (ORIGIN, replace(stored, sealed=stored.sealed[:20])),
        (ORIGIN, replace(stored, sealed=b"")),
    ):
        with pytest.raises(SealError, match=f"leaf {moved.index} does not open"):
            ring.open_opening(origin, moved)


def test_the_associated_data_are_those_of_the_vault() -> None:
    assert opening_aad(ORIGIN, 0)[:-8] + (258).to_bytes(8, "big") == opening_aad(ORIGIN, 258)


def test_a_salt_of_wrong_length_is_refused(ring: KeyRing) -> None:
    with pytest.raises(SealError, match="expected a salt of 32 bytes, got 31"):
        ring.seal_opening(ORIGIN, 0, SALT[:31], b"p")


def test_the_newest_key_seals_and_the_older_ones_still_open(
    ring: KeyRing, path: Path, tokens: Tokens
) -> None:
    old = ring.seal_opening(ORIGIN, 0, SALT, b"old")
    keys = json.loads(path.read_text())["opening"]
    rewrite(path, opening=[*keys, {"number": 2, "created_at": NOW, "key": "22" * 32}])
    rotated = KeyRing.load(path, token=tokens)
    assert rotated.open_opening(ORIGIN, old).payload == b"old"
    assert rotated.seal_opening(ORIGIN, 1, SALT, b"new").key == 2


def test_an_opening_under_a_destroyed_key_is_told_apart(ring: KeyRing) -> None:
    with pytest.raises(KeyRingError, match="opening key 9 is not in the key ring"):
        ring.open_opening(ORIGIN, StoredOpening(index=0, key=9, sealed=b"x" * 80))


def test_lookup_tags_are_truncated_hmacs_under_the_ring_s_key(ring: KeyRing, path: Path) -> None:
    key = bytes.fromhex(json.loads(path.read_text())["lookup"]["key"])
    assert ring.lookup(b"subject") == hmac.digest(key, b"subject", "sha256")[:16]


def test_suppression_tags_are_under_every_living_key_newest_first(
    ring: KeyRing, path: Path, tokens: Tokens
) -> None:
    assert len(ring.suppression(b"record")) == 1
    keys = [bytes.fromhex(k * 32) for k in ("27", "26", "25")]
    rewrite(
        path,
        suppression=[
            {"year": 2025, "key": "25" * 32},
            {"year": 2027, "key": "27" * 32},
            {"year": 2026, "key": "26" * 32},
        ],
    )
    tags = KeyRing.load(path, token=tokens).suppression(b"record")
    assert tags == [hmac.digest(key, b"record", "sha256") for key in keys]


def test_a_rotation_adds_a_key_then_retires_the_old_one(
    ring: KeyRing, path: Path, tokens: Tokens
) -> None:
    old = ring.seal_opening(ORIGIN, 0, SALT, b"old")
    first = json.loads(path.read_text())["opening"][0]["key"]
    later = Timestamp(NOW + 1)
    assert ring.add_opening_key(later) == 2
    assert [*ring.numbers, ring.sealing, ring.sealing_since] == [1, 2, 2, later]
    assert ring.seal_opening(ORIGIN, 1, SALT, b"new").key == 2
    assert ring.open_opening(ORIGIN, old).payload == b"old"
    ring.retire_opening_keys()
    assert list(ring.numbers) == [2]
    assert first not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert ring.open_opening(ORIGIN, old).payload == b"old", "a reader had it in hand"
    ring.forget()
    with pytest.raises(KeyRingError, match="opening key 1 is not in the key ring"):
        ring.open_opening(ORIGIN, old)
    with pytest.raises(KeyRingError, match="opening key 1 is not in the key ring"):
        KeyRing.load(path, token=tokens).open_opening(ORIGIN, old)


def test_a_key_number_is_never_given_twice(ring: KeyRing, path: Path, tokens: Tokens) -> None:
    for number in (2, 3, 4):
        assert ring.add_opening_key(NOW) == number
        ring.retire_opening_keys()
        assert KeyRing.load(path, token=tokens).numbers == (number,)


def test_another_process_finds_a_key_that_was_added_since(
    ring: KeyRing, path: Path, tokens: Tokens
) -> None:
    other = KeyRing.load(path, token=tokens)
    ring.add_opening_key(NOW)
    stored = ring.seal_opening(ORIGIN, 1, SALT, b"new")
    assert other.open_opening(ORIGIN, stored).payload == b"new"


def test_what_a_ring_held_is_overwritten_in_its_blocks(ring: KeyRing, path: Path) -> None:
    first = json.loads(path.read_text())["opening"][0]["key"].encode()
    ring.add_opening_key(NOW)
    ring.retire_opening_keys()
    old = path.with_name(".keyring.json.old")
    assert first in old.read_bytes()
    with old.open("rb") as file:
        ring.shred()
        assert file.read().strip(b"\0") == b""
    assert [p.name for p in path.parent.iterdir()] == ["keyring.json"]


def test_what_a_crash_left_is_overwritten_and_the_ring_is_not(
    ring: KeyRing, path: Path, tokens: Tokens
) -> None:
    tag = ring.lookup(b"x")
    part = path.with_name(f".{path.name}.77.part")
    part.write_bytes(b"a key of a ring that was never used")
    path.with_name(".keyring.json.old").hardlink_to(path)  # before the rename
    with part.open("rb") as file:
        ring.shred()
        assert file.read().strip(b"\0") == b""
    assert [p.name for p in path.parent.iterdir()] == ["keyring.json"]
    assert KeyRing.load(path, token=tokens).lookup(b"x") == tag


def test_suppression_keys_are_kept_made_and_destroyed_by_year(
    ring: KeyRing, path: Path, tokens: Tokens
) -> None:
    (tag,) = ring.suppression(b"record")
    ring.change_suppression_years({2027, 2028})
    assert list(ring.suppression_years) == [2028, 2027]
    assert ring.suppression(b"record")[1] == tag
    ring.change_suppression_years({2028})
    assert tag not in KeyRing.load(path, token=tokens).suppression(b"record")
    assert list(ring.suppression_years) == [2028]


def test_the_escrow_copy_has_every_key_before_it_is_used(
    ring: KeyRing, path: Path, tokens: Tokens, tmp_path: Path
) -> None:
    assert ring.numbers
    escrow = tmp_path / "elsewhere" / "ring"
    kept = KeyRing.load(path, token=tokens, escrow=escrow)
    with pytest.raises(KeyRingError, match="escrow copy of the key ring cannot be written"):
        kept.add_opening_key(NOW)
    assert list(KeyRing.load(path, token=tokens).numbers) == [1], "no key that only this ring has"
    escrow.parent.mkdir()
    kept.update_escrow()
    assert escrow.read_bytes() == path.read_bytes()
    assert escrow.stat().st_mode & 0o777 == 0o600
    kept.add_opening_key(NOW)
    assert escrow.read_bytes() == path.read_bytes()
    kept.retire_opening_keys()
    kept.shred()
    assert escrow.read_bytes() == path.read_bytes()
    assert [p.name for p in escrow.parent.iterdir()] == ["ring"]
