"""The node's key ring: three secrets outside the database and its backups (ADR 0006).

Opening keys seal the openings at rest, the lookup key makes the tags of subjects and records in
derived tables, suppression keys (one a year) make the tags that stay after an erasure. Destroying a
key makes unreadable what stands under it in every old page, log, dump and archive.

Openings are sealed with ChaCha20-Poly1305 under a random 12-byte nonce: 1.2 µs for 300 bytes on any
processor (XChaCha20 of libsodium: 4.3 µs). Of 2^32 openings under one key two share a nonce with
probability 2^-33, and the key is replaced every month.

A rotation adds an opening key, which seals from then on, and retires the older ones once nothing
living stands under them. What files held is overwritten (`adapters.state.shredding`).

File (JSON, mode 0600 in a directory of mode 0700; keys in hexadecimal):

    {"version": 1,
     "opening": [{"number": 1, "created_at": SECONDS, "key": "…"}, …],   the last one seals
     "lookup": {"number": 1, "key": "…"},            and "lookup_next" (`…state.lookup_keys`)
     "suppression": [{"year": 2026, "key": "…"}, …]}

Who reads the ring and the database reads every opening held, and can test guesses at subjects;
with the ring alone he has nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from adapters.errors import KeyRingError, KeyRingModeError
from adapters.files.atomic import write_atomically
from adapters.state.lent_keys import LentKeys, Sealing
from adapters.state.lookup_keys import Retagging, begun, finished, next_of
from adapters.state.reading_ring import ReadingKeys, ReadingRing
from adapters.state.shredding import replace_retaining, shred_leftovers
from crypto.keyed import KeyedHash
from crypto.vault import KEY_SIZE
from federation.ids import Origin, Timestamp
from federation.ports.store import StoredOpening

_VERSION: Final = 1
_SHANGHAI: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    """What the file holds: opening keys with their time by number, suppression keys by year."""

    opening: dict[int, tuple[Timestamp, bytes]]
    lookup: bytes
    lookup_number: int
    lookup_next: Retagging | None
    suppression: dict[int, bytes]


class KeyRing(ReadingRing):
    """Seals and opens openings; a `federation.ports.store.Tagger`.

    Any thread may use it. One at a time changes it; others see the old keys or the new ones whole.
    """

    def __init__(
        self, path: Path, *, token: Callable[[int], bytes], escrow: Path | None = None
    ) -> None:
        """Hold the keys of a file; see `create` and `load`."""
        self._path, self._escrow = path, escrow
        self._token = token
        self._retired: dict[int, ChaCha20Poly1305] = {}
        self._take(_read(path))

    @classmethod
    def create(cls, path: Path, *, now: Timestamp, token: Callable[[int], bytes]) -> KeyRing:
        """Make a ring with one key of each sort, and its directory.

        Raises:
            KeyRingError: there is one already, or it cannot be written.
        """
        content = {
            "version": _VERSION,
            "opening": [{"number": 1, "created_at": now, "key": token(KEY_SIZE).hex()}],
            "lookup": {"number": 1, "key": token(KEY_SIZE).hex()},
            "suppression": [
                {"year": datetime.fromtimestamp(now, _SHANGHAI).year, "key": token(KEY_SIZE).hex()}
            ],
        }
        if path.exists():
            raise KeyRingError(f"{path}: there is a key ring already; a new one would lose all")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(0o700)
            write_atomically(path, json.dumps(content, indent=1).encode(), mode=0o600)
        except OSError as error:
            message = f"{path}: the key ring cannot be written: {error}"
            raise KeyRingError(message) from error
        return cls(path, token=token)

    @classmethod
    def load(
        cls, path: Path, *, token: Callable[[int], bytes], escrow: Path | None = None
    ) -> KeyRing:
        """Read a ring.

        Args:
            path: its file.
            token: gives that many random bytes.
            escrow: the copy that is to be kept off the machine; written before every change, so
                that no key is used that is not in it.

        Raises:
            KeyRingError: it is missing or damaged.
            KeyRingModeError: others than its owner could read it.
        """
        return cls(path, token=token, escrow=escrow)

    def suppression(self, key: bytes) -> Sequence[bytes]:
        """See `Tagger.suppression`."""
        return [secret.digest(key) for _, secret in self._suppression]

    @property
    def lookup_number(self) -> int:
        """Number of the lookup key in use."""
        return self._lookup_number

    @property
    def lookup_next(self) -> Retagging | None:
        """The key that is to take its place; None where none is."""
        return self._lookup_next

    def retagging(self) -> Retagging:
        """That in use, for the tags of a database whose own key is gone."""
        return Retagging.of(self._lookup_number, self._lent.lookup, self._token(KEY_SIZE))

    def begin_lookup_key(self) -> None:
        """Add the next lookup key, where there is none; see `add_opening_key`."""
        self._change(lambda content: begun(content, self._token))

    def finish_lookup_key(self) -> None:
        """Put the next lookup key into use; `shred` then overwrites the old one."""
        self._change(finished)

    @property
    def sealing(self) -> int:
        """Number of the opening key under which is sealed."""
        return self._sealing.number

    @property
    def lent(self) -> LentKeys:
        """What a process that prepares batches needs of the ring; another value after a change."""
        return self._lent

    @property
    def sealing_since(self) -> Timestamp:
        """When that key was made."""
        return self._since

    @property
    def suppression_years(self) -> tuple[int, ...]:
        """Years of the suppression keys, the newest first: it makes the tags."""
        return tuple(year for year, _ in self._suppression)

    def add_opening_key(self, now: Timestamp) -> int:
        """Add a key, under which is sealed from now on; returns its number.

        Raises:
            KeyRingError: the ring cannot be written; nothing has changed.
        """
        number = self.sealing + 1
        key = {"number": number, "created_at": now, "key": self._token(KEY_SIZE).hex()}
        self._change(lambda content: content["opening"].append(key))
        shred_leftovers(self._path)
        return number

    def retire_opening_keys(self) -> None:
        """Take all opening keys but the newest from the file; `shred` then overwrites the old one.

        This process still opens with them what its readers have in hand, until `forget`.

        Raises:
            KeyRingError: the ring cannot be written; nothing has changed.
        """
        older = {n: cipher for n, cipher in self._ciphers.items() if n != self.sealing}

        def edit(content: dict[str, Any]) -> None:
            content["opening"] = [e for e in content["opening"] if e["number"] == self.sealing]

        self._retired = self._retired | older
        self._change(edit)

    def update_escrow(self) -> None:
        """Bring the copy in escrow up to date, where one is configured.

        Raises:
            KeyRingError: it cannot be written.
        """
        text = self._path.read_bytes()
        if self._escrow is not None and not _holds(self._escrow, text):
            self._write_escrow(self._escrow, text)

    def forget(self) -> None:
        """Drop retired keys from memory."""
        self._retired = {}

    def shred(self) -> None:
        """Overwrite what replaced files held.

        Raises:
            KeyRingError: they cannot be written.
        """
        try:
            shred_leftovers(self._path)
        except OSError as error:
            message = f"{self._path}: the old key ring cannot be overwritten: {error}"
            raise KeyRingError(message) from error

    def change_suppression_years(self, years: Collection[int]) -> None:
        """Keep the suppression keys of these years, make those that are missing, destroy the rest.

        Raises:
            KeyRingError: the ring cannot be written; nothing has changed.
        """
        made = {year: self._token(KEY_SIZE).hex() for year in sorted(years)}

        def edit(content: dict[str, Any]) -> None:
            kept = {entry["year"]: entry["key"] for entry in content["suppression"]}
            content["suppression"] = [
                {"year": year, "key": kept.get(year, key)} for year, key in made.items()
            ]

        self._change(edit)
        self.shred()

    def seal_opening(
        self, origin: Origin, index: int, salt: bytes, payload: bytes
    ) -> StoredOpening:
        """Seal one opening; see `seal_openings`."""
        (stored,) = self.seal_openings(origin, [(index, salt, payload)])
        return stored

    def seal_openings(
        self,
        origin: Origin,
        openings: Sequence[tuple[int, bytes, bytes]],
        *,
        beside: bytes = b"",
    ) -> list[StoredOpening]:
        """Seal openings of one log under the current key, each to its place.

        Args:
            origin: the log.
            openings: (index, salt of 32 bytes, payload).
            beside: name of what is kept beside an opening and sealed alike; neither opens as the
                other.

        Returns:
            In the same order; `sealed` is nonce ‖ ciphertext with its tag.

        Raises:
            SealError: a salt has not 32 bytes.
        """
        return self._sealing.seal(origin, openings, beside)

    def _elsewhere(self, number: int) -> ChaCha20Poly1305:
        """A key just retired, or one that another process has added since this one has read."""
        cipher = self._retired.get(number)
        if cipher is None and number > self.sealing:
            self._take(_read(self._path))
            cipher = self._ciphers.get(number)
        return cipher or super()._elsewhere(number)

    def _take(self, keys: _Keys) -> None:
        newest = max(keys.opening)
        opening = {number: key for number, (_, key) in keys.opening.items()}
        self._hold(ReadingKeys(opening=opening, lookup=keys.lookup))
        self._since = keys.opening[newest][0]
        self._lent = LentKeys(number=newest, opening=opening[newest], lookup=keys.lookup)
        self._sealing = Sealing(self._lent, token=self._token)
        self._lookup_number, self._lookup_next = keys.lookup_number, keys.lookup_next
        years = sorted(keys.suppression, reverse=True)
        self._suppression = [(year, KeyedHash(keys.suppression[year])) for year in years]

    def _change(self, edit: Callable[[dict[str, Any]], None]) -> None:
        """Edit the file's content, then hold the keys that are in it."""
        _read(self._path)
        content = json.loads(self._path.read_text("utf-8"))
        edit(content)
        text = json.dumps(content, indent=1)
        if self._escrow is not None:
            self._write_escrow(self._escrow, text.encode())
        try:
            replace_retaining(self._path, text.encode(), 0o600)
        except OSError as error:
            message = f"{self._path}: the key ring cannot be written: {error}"
            raise KeyRingError(message) from error
        self._take(_parse(text))

    @staticmethod
    def _write_escrow(escrow: Path, text: bytes) -> None:
        try:
            if escrow.exists():
                replace_retaining(escrow, text, 0o600)
                shred_leftovers(escrow)
            else:
                write_atomically(escrow, text, 0o600)
        except OSError as error:
            message = (
                f"{escrow}: the escrow copy of the key ring cannot be written: {error}; make the "
                "place available again, or change keys.escrow"
            )
            raise KeyRingError(message) from error


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.read_bytes() == text
    except OSError:
        return False


def _read(path: Path) -> _Keys:
    try:
        for place, allowed in ((path.parent, 0o700), (path, 0o600)):
            mode = place.stat().st_mode & 0o777
            if mode & ~allowed:
                message = (
                    f"{place}: 权限过宽，他人可能已读取：应为 {allowed:04o}，实为 {mode:04o}；"
                    f"先 chmod {allowed:04o} {place}，再更换密钥（huxin keys rotate） / "
                    f"expected mode {allowed:04o}, got {mode:04o}: others may have read the keys; "
                    f"chmod {allowed:04o} {place}, then rotate them (huxin keys rotate)"
                )
                raise KeyRingModeError(message)
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        message = f"{path}: the key ring is missing; restore it from escrow"
        raise KeyRingError(message) from error
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: the key ring cannot be read: {error}"
        raise KeyRingError(message) from error
    try:
        return _parse(text)
    except (ValueError, KeyError, TypeError) as error:
        # `from None`: the cause could show a part of the file, which is all secret.
        message = (
            f"{path}: the key ring is damaged ({type(error).__name__}); restore it from escrow"
        )
        raise KeyRingError(message) from None


def _parse(text: str) -> _Keys:
    content = json.loads(text)
    if content["version"] != _VERSION:
        message = f"expected version {_VERSION}"
        raise ValueError(message)
    opening = {
        int(entry["number"]): (Timestamp(int(entry["created_at"])), _key(entry))
        for entry in content["opening"]
    }
    suppression = {int(entry["year"]): _key(entry) for entry in content["suppression"]}
    if not opening or not suppression:
        message = "expected at least one key of each sort"
        raise ValueError(message)
    return _Keys(
        opening=opening,
        lookup=_key(content["lookup"]),
        lookup_number=int(content["lookup"]["number"]),
        lookup_next=next_of(content),
        suppression=suppression,
    )


def _key(entry: dict[str, Any]) -> bytes:
    key = bytes.fromhex(entry["key"])
    if len(key) != KEY_SIZE:
        message = f"expected keys of {KEY_SIZE} bytes"
        raise ValueError(message)
    return key
