"""The high-water mark as a file: what this node has signed, kept apart from its database.

Two slots of 4 KiB, 64 KiB apart, in a file whose blocks are all written when it is made. A slot is
text behind which zeros stand:

    huxin high-water mark / sequence / origin / size / root / SHA-256 of the lines before

The mark is the slot of the higher sequence. It moves by overwriting the other one and one
`fdatasync`: no block is allocated, no name changes, and what is overwritten is the mark *before*
the one that stands. Both slots are whole at all times but while one is written, so that a slot that
is not, or a sequence that does not follow the other, says that a write was torn *or* that the
newest mark was lost; these cannot be told apart, and both are a mark that is missing (ADR 0015).

Where the mark was moved to another place (ADR 0044), or is about to come here, the file holds that
instead: a few lines, under which nothing is signed.

A lock file of its own is held from the comparison to the sync: a mark that is made anew changes
its inode. Files of three lines, as they were before, are read, and replaced whole.

An attacker who can write this file can make the node refuse to sign, or, with control over the
database as well, sign a second history; peers show it, and their cosignatures prove it.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.errors import HighWaterError, MarkElsewhereError
from adapters.files.atomic import write_atomically
from adapters.state.mark_row import Standing
from crypto.errors import FormatError
from crypto.merkle import EMPTY_ROOT, HASH_SIZE
from crypto.strict import b64, b64_strict, parse_decimal
from federation.errors import RefusedError
from federation.ids import Origin

SLOT_SIZE: Final = 4096
"""Bytes written at once: a block of the file system, so that nothing is read before it."""
DISTANCE: Final = 65_536
"""Bytes from slot to slot: the largest page that a system in use writes as a whole."""
FILE_SIZE: Final = DISTANCE + SLOT_SIZE

_TITLE: Final = "huxin high-water mark"
_ELSEWHERE: Final = "huxin high-water mark elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """A slot that is whole."""

    sequence: int
    size: int
    root: bytes

    @property
    def mark(self) -> tuple[int, bytes]:
        return self.size, self.root


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the file holds."""

    slots: tuple[_Slot, ...] = ()
    """Those that are whole, the newest last."""
    before: tuple[int, bytes] | None = None
    """The mark of a file of three lines."""
    damage: str = ""
    elsewhere: tuple[Standing, tuple[int, bytes]] | None = None
    """The mark that left, or is to come, and is not here."""

    @property
    def mark(self) -> tuple[int, bytes] | None:
        if self.damage:
            return None
        return self.slots[-1].mark if self.slots else self.before


class FileHighWater:
    """`federation.ports.highwater.HighWater` for one host; several hosts need a shared store."""

    def __init__(
        self, path: Path, origin: Origin, sync: Callable[[int], None] = os.fdatasync
    ) -> None:
        """Use a file, which need not exist, as the mark of our own log.

        Args:
            path: its directory must exist.
            origin: our log; a mark of another one is refused.
            sync: makes durable what was written through a descriptor.
        """
        self._path = path
        self._origin = origin
        self._sync = sync

    def load(self) -> tuple[int, bytes] | None:
        """See `HighWater.load`.

        Raises:
            HighWaterError: the file cannot be read, or is the mark of another log.
        """
        return self._settled().mark

    def remains(self) -> tuple[int, bytes] | None:
        """See `HighWater.remains`.

        Raises:
            HighWaterError: as `load`.
        """
        found = self._settled()
        return found.slots[-1].mark if found.slots else found.before

    def damage(self) -> str:
        """Why the file that is there is taken for a missing mark; empty where it is not.

        Raises:
            HighWaterError: as `load`.
        """
        return self._settled().damage

    def create_empty(self) -> None:
        """Write the mark of size 0, for a fresh key.

        Raises:
            RefusedError: `high-water.exists`; also where it is damaged.
            HighWaterError: it cannot be written.
        """
        with self._locked():
            if self._path.exists():
                message = f"{self._path}: there is a high-water mark already"
                raise RefusedError("high-water.exists", message)
            self._make((0, EMPTY_ROOT))

    def migrate(self) -> None:
        """Bring a file of three lines into two slots; a crash leaves the one or the other.

        Raises:
            HighWaterError: it cannot be read or written.
        """
        if self._read().before is None:
            return
        with self._locked():
            before = self._read().before
            if before is not None:
                self._make(before)

    def advance(self, expected: tuple[int, bytes] | None, new: tuple[int, bytes]) -> None:
        """See `HighWater.advance`.

        Raises:
            RefusedError: `high-water.moved`; also where the mark has gone missing, or has come
                back where none was expected.
            HighWaterError: it cannot be read or written, or the disk did not say that it is
                durable; the mark is the old one, the new one, or damaged.
        """
        with self._locked():
            found = self._here(self._read())
            if found.mark != expected:
                raise self._moved(expected, found)
            if found.mark is None or not found.slots:
                self._make(new)
            else:
                self._overwrite(found.slots[-1].sequence + 1, new)

    def hold(self, expected: tuple[int, bytes]) -> None:
        """See `HighWater.hold`.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: as `load`.
        """
        found = self._settled()
        if found.mark != expected:
            raise self._moved(expected, found)

    # ------------------------------------------------------------ moving it (SM10)

    def standing(self) -> tuple[Standing, tuple[int, bytes]] | None:
        """Whether the mark stands here, and which; None where there is no file.

        Raises:
            HighWaterError: as `load`, or it is damaged.
        """
        found = self._quiet()
        if found.damage:
            raise HighWaterError(f"{self._path}: {found.damage}")
        if found.elsewhere is not None:
            return found.elsewhere
        return None if found.mark is None else (Standing.HERE, found.mark)

    def prepare(self, mark: tuple[int, bytes]) -> None:
        """Write a mark that is to come here, in place of one that is not here.

        Raises:
            RefusedError: `high-water.two-marks`.
            HighWaterError: as `standing`; or it would go back.
        """
        standing = self.standing()
        if standing is not None:
            state, before = standing
            if state is Standing.HERE:
                message = "a high-water mark stands in both places"
                raise RefusedError("high-water.two-marks", message)
            if before[0] > mark[0]:
                text = f"the high-water mark at size {before[0]} does not go back to {mark[0]}"
                raise HighWaterError(text)
        self._put_elsewhere(Standing.COMING, mark)

    def leave(self, mark: tuple[int, bytes]) -> None:
        """End the mark here, which must be this one.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: as `standing`.
        """
        self._require_standing(Standing.HERE, mark)
        self._put_elsewhere(Standing.GONE, mark)

    def arrive(self, mark: tuple[int, bytes]) -> None:
        """Begin the mark that was prepared here, which must be this one.

        Raises:
            RefusedError: `high-water.moved`.
            HighWaterError: as `standing`.
        """
        self._require_standing(Standing.COMING, mark)
        with self._locked():
            self._make(mark)

    def _require_standing(self, state: Standing, mark: tuple[int, bytes]) -> None:
        if self.standing() != (state, mark):
            message = f"{self._path}: another process moved the mark meanwhile"
            raise RefusedError("high-water.moved", message)

    # ------------------------------------------------------------ reading

    def _settled(self) -> _Found:
        """What the mark is, when nobody writes it.

        Raises:
            MarkElsewhereError: the file is not the mark.
        """
        return self._here(self._quiet())

    def _quiet(self) -> _Found:
        """What the file holds when nobody writes it: half a write of another process is not it."""
        found = self._read()
        if not found.damage:
            return found
        with self._locked():
            return self._read()

    def _here(self, found: _Found) -> _Found:
        if found.elsewhere is not None:
            message = (
                f"{self._path}: the mark of {self._origin} was moved from here: "
                "huxin mark show; [state] mark"
            )
            raise MarkElsewhereError(message)
        return found

    def _read(self) -> _Found:
        try:
            with self._path.open("rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                if size < SLOT_SIZE:
                    return self._read_lines(file.read(SLOT_SIZE))
                texts = [_read_slot(file.fileno(), place) for place in (0, DISTANCE)]
        except FileNotFoundError:
            return _Found()
        except OSError as error:
            message = f"{self._path}: the high-water mark cannot be read: {error}"
            raise HighWaterError(message) from error
        slots = [slot for place, text in enumerate(texts) if (slot := self._slot(text, place))]
        slots.sort(key=lambda slot: slot.sequence)
        damage = ""
        if len(slots) < len(texts):
            damage = f"{len(texts) - len(slots)} of 2 slots are not whole"
        elif slots[0].sequence + 1 != slots[1].sequence:
            damage = f"slot {slots[1].sequence} does not follow slot {slots[0].sequence}"
        return _Found(slots=tuple(slots), damage=damage)

    def _slot(self, data: bytes, place: int) -> _Slot | None:
        """A slot, or None where it is not, to the last byte, what is written into this place."""
        try:
            _, sequence, origin, size, root, _ = data.rstrip(b"\0").decode().split("\n")[:6]
            slot = _Slot(
                sequence=parse_decimal(sequence), size=parse_decimal(size), root=b64_strict(root)
            )
        except (ValueError, FormatError):
            return None
        whole = data == _text(origin, slot.sequence, slot.mark) and len(slot.root) == HASH_SIZE
        if not whole or slot.sequence % 2 != place:
            return None
        self._require_own(origin)
        return slot

    def _read_lines(self, data: bytes) -> _Found:
        """The form of three lines (origin, size, root), or a mark that is not here."""
        try:
            if data.startswith(f"{_ELSEWHERE}\n".encode()):
                _, state, origin, size, root, _ = data.decode("utf-8").split("\n", 5)
                mark = parse_decimal(size), b64_strict(root)
                if data != _elsewhere(origin, Standing(state), mark):
                    return _Found(damage="it says where the mark is, and is not whole")
                self._require_own(origin)
                return _Found(elsewhere=(Standing(state), mark))
            origin, size, root, rest = data.decode("utf-8").split("\n")
            mark = parse_decimal(size), b64_strict(root)
        except (ValueError, FormatError):
            return _Found(damage=f"expected {FILE_SIZE} bytes, got {len(data)}")
        if rest or len(mark[1]) != HASH_SIZE:
            return _Found(damage="expected origin, size and root")
        self._require_own(origin)
        return _Found(before=mark)

    def _require_own(self, origin: str) -> None:
        if origin != self._origin:
            message = f"{self._path}: expected a mark of {self._origin}, got {origin[:200]!r}"
            raise HighWaterError(message)

    # ------------------------------------------------------------ writing, under the lock

    def _make(self, mark: tuple[int, bytes]) -> None:
        slots = [_text(self._origin, sequence, mark) for sequence in (0, 1)]
        self._put(slots[0].ljust(DISTANCE, b"\0") + slots[1])

    def _put_elsewhere(self, state: Standing, mark: tuple[int, bytes]) -> None:
        with self._locked():
            self._put(_elsewhere(self._origin, state, mark))

    def _put(self, content: bytes) -> None:
        """Write the file whole; also remove what a process left that was killed while it wrote."""
        try:
            for leftover in self._path.parent.glob(f".{self._path.name}.*.part"):
                leftover.unlink()
            write_atomically(self._path, content, mode=0o600)
        except OSError as error:
            raise self._cannot_be_written(error) from error

    def _overwrite(self, sequence: int, mark: tuple[int, bytes]) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                text = _text(self._origin, sequence, mark)
                written = os.pwrite(descriptor, text, sequence % 2 * DISTANCE)
                if written != len(text):
                    raise OSError(errno.EIO, f"{written} of {len(text)} bytes written")
                self._sync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._cannot_be_written(error) from error

    def _moved(self, expected: tuple[int, bytes] | None, found: _Found) -> RefusedError:
        message = (
            f"{self._path}: expected {_said(expected)}, found {_said(found.mark)}: another process "
            "signs for this log; stop one of the two"
        )
        return RefusedError("high-water.moved", message)

    def _cannot_be_written(self, error: OSError) -> HighWaterError:
        return HighWaterError(f"{self._path}: the high-water mark cannot be written: {error}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._path.with_name(f"{self._path.name}.lock")
        try:
            descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            message = f"{lock}: cannot be opened: {error}"
            raise HighWaterError(message) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _text(origin: str, sequence: int, mark: tuple[int, bytes]) -> bytes:
    size, root = mark
    lines = f"{_TITLE}\n{sequence}\n{origin}\n{size}\n{b64(root)}\n".encode()
    return (lines + f"{b64(sha256(lines).digest())}\n".encode()).ljust(SLOT_SIZE, b"\0")


def _elsewhere(origin: str, state: Standing, mark: tuple[int, bytes]) -> bytes:
    lines = f"{_ELSEWHERE}\n{state}\n{origin}\n{mark[0]}\n{b64(mark[1])}\n".encode()
    return lines + f"{b64(sha256(lines).digest())}\n".encode()


def _read_slot(descriptor: int, offset: int) -> bytes:
    """The bytes of a slot; none where the disk cannot read what it half wrote."""
    try:
        return os.pread(descriptor, SLOT_SIZE, offset)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return b""


def _said(mark: tuple[int, bytes] | None) -> str:
    return "none" if mark is None else f"the mark at size {mark[0]}"
