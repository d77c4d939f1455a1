"""The keys of the query store: files of DIR/state/queries/, mode 0600, in no backup.

    lookup            one key for tags, keyed hashes and what has no term; never changed, or nobody
                      is found any more
    seal-000001 …     what rows are sealed under, one a month, numbered; a used one is never changed

What is sealed under the newest key is what is written now; a new one is begun when the month has
changed in Asia/Shanghai since the newest was made. At the end of the term a key is overwritten and
removed, and what was sealed under it is unreadable in every copy of the database (`destroy_before`,
which the caller asks by *trusted* time). Who reads this directory and the database reads who asked
about whom.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.errors import KeyRingError
from adapters.files.atomic import make_directory
from adapters.state.shredding import shred
from crypto.errors import SealError
from crypto.keyed import KeyedHash
from crypto.vault import KEY_SIZE, NONCE_SIZE, seal, unseal
from federation.ids import Timestamp
from node.directory.keys import read_private, write_private
from node.system.clock import date_of

TAG_SIZE: Final = 16
LOOKUP_FILE: Final = "lookup"
_SEAL_FILE: Final = re.compile(r"seal-[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Ciphertext, and the number of the key that opens it."""

    key: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _SealKey:
    number: int
    created_at: Timestamp
    key: bytes


class QueryKeys:
    """Seals, opens and tags; any thread. Only the process that holds the directory makes keys."""

    def __init__(
        self, directory: Path, *, now: Callable[[], Timestamp], token: Callable[[int], bytes]
    ) -> None:
        """Read the keys, or make the first ones where the directory is not there yet.

        Raises:
            KeyRingError: a key is damaged, or some are there and others not.
            KeyFileError: a file is readable by others.
        """
        self._directory = directory
        self._now = now
        self._token = token
        self._lock = threading.Lock()
        make_directory(directory, 0o700)
        self.fresh = not any(directory.glob("[!.]*"))
        """Whether there were none: tags that a store holds are of other keys then."""
        if self.fresh:
            write_private(directory / LOOKUP_FILE, _encode(0, now(), token(KEY_SIZE)))
        lookup = self._read(LOOKUP_FILE).key
        self._tags = KeyedHash(KeyedHash(lookup).digest(b"huxin/query-tag/v1"))
        self._macs = KeyedHash(KeyedHash(lookup).digest(b"huxin/query-mac/v1"))
        self._vault = KeyedHash(lookup).digest(b"huxin/query-vault/v1")
        names = sorted(path.name for path in directory.iterdir())
        keys = [self._read(name) for name in names if _SEAL_FILE.fullmatch(name)]
        self._keys = {key.number: key for key in keys}

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the seal keys that are there, the newest last."""
        return tuple(self._keys)

    def seal(self, plain: bytes, *, place: bytes = b"") -> Sealed:
        """Seal under the month's key.

        Args:
            plain: what is hidden.
            place: what must be given again to open it, such as the row's id: a store cannot
                answer with another row's content.
        """
        key = self._current()
        data = seal(key.key, self._token(NONCE_SIZE), plain, place)
        return Sealed(key=key.number, data=data)

    def open(self, sealed: Sealed, *, place: bytes = b"") -> bytes:
        """Open what was sealed.

        Raises:
            SealError: it was changed, moved, or its key is not there (any more).
        """
        key = self._keys.get(sealed.key)
        if key is None:
            message = f"seal key {sealed.key} is not there: destroyed at the end of its term?"
            raise SealError(message)
        return unseal(key.key, sealed.data, place)

    def wrap(self, plain: bytes, *, place: bytes) -> bytes:
        """Seal what has no term, such as an account, under a key that is never changed."""
        return seal(self._vault, self._token(NONCE_SIZE), plain, place)

    def unwrap(self, data: bytes, *, place: bytes) -> bytes:
        """Open what was wrapped.

        Raises:
            SealError: it was changed, or moved to another place.
        """
        return unseal(self._vault, data, place)

    def tag(self, value: bytes) -> bytes:
        """16 bytes by which equal values are found again, and that say nothing without the key."""
        return self._tags.digest(value)[:TAG_SIZE]

    def mac(self, value: bytes) -> bytes:
        """32 bytes that only who has the key can make of a value; for secrets, such as tokens."""
        return self._macs.digest(value)

    def destroy_before(self, cutoff: Timestamp) -> tuple[int, ...]:
        """Destroy the keys under which nothing was sealed at `cutoff` or later; never the newest.

        Returns:
            Their numbers.

        Raises:
            OSError: a file cannot be overwritten; its key is still used to open.
        """
        destroyed: list[int] = []
        with self._lock:
            while len(self._keys) > 1:
                first, *later = self._keys.values()
                # A clock that once was ahead must not keep the keys before it for ever.
                if min(key.created_at for key in later) >= cutoff:
                    break
                shred(self._directory / _name(first.number))
                self._keys = {key.number: key for key in later}
                destroyed.append(first.number)
        return tuple(destroyed)

    def _current(self) -> _SealKey:
        newest = next(reversed(self._keys.values()), None)
        now = self._now()
        if newest is not None and _month(newest.created_at) == _month(now):
            return newest
        with self._lock:
            newest = next(reversed(self._keys.values()), None)
            if newest is None or _month(newest.created_at) != _month(now):
                newest = self._make(1 if newest is None else newest.number + 1, now)
            return newest

    def _make(self, number: int, now: Timestamp) -> _SealKey:
        made = _SealKey(number=number, created_at=now, key=self._token(KEY_SIZE))
        write_private(self._directory / _name(number), _encode(number, now, made.key))
        self._keys = self._keys | {number: made}
        return made

    def _read(self, name: str) -> _SealKey:
        path = self._directory / name
        try:
            content = json.loads(read_private(path))
            read = _SealKey(
                number=int(content["number"]),
                created_at=Timestamp(int(content["created_at"])),
                key=bytes.fromhex(content["key"]),
            )
        except (ValueError, KeyError, TypeError):
            read = None
        expected = 0 if name == LOOKUP_FILE else int(name[-6:])
        if read is None or len(read.key) != KEY_SIZE or read.number != expected:
            # none of it is shown: it is all secret
            message = f"{path}: the key of the query store is damaged; restore it from escrow"
            raise KeyRingError(message)
        return read


def _name(number: int) -> str:
    return f"seal-{number:06}"


def _encode(number: int, created_at: Timestamp, key: bytes) -> bytes:
    return json.dumps({"number": number, "created_at": created_at, "key": key.hex()}).encode()


def _month(at: Timestamp) -> int:
    return date_of(at) // 100
