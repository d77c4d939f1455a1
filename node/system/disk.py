"""The disk's reserve: below it only relief and what else may not wait is still written.

While less than the reserve is free where the node's directory lies, nothing is published that can
wait: listings and scenarios, and what else `STOPPED` names; nor is any file of them read, whose
copy and spool would go below it. Reliefs, annotations, corrections and
erasures go on into the reserve. The logs of others may take half of it; after that only what leads
to their reliefs is taken (`node.peers.disk_pressure`). What then still meets a full disk keeps
nothing and is tried again (`adapters.errors`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from federation.errors import RefusedError
from federation.statements import Kind

STOPPED: Final = frozenset(
    {
        Kind.LISTING,
        Kind.RELISTING,
        Kind.SCENARIO,
        Kind.RECOGNITION,
        Kind.COMMENDATION,
        Kind.OUTCOME,
        Kind.REQUEST,
        Kind.COMMITMENT,
        Kind.PENALTY,
    }
)
"""Kinds that are not published while the reserve is all that is left."""
FOLLOWING: Final = 2
"""The logs of others wait when less than this part of the reserve is left; ADR 0017."""
SHARE: Final = 20
"""A reserve that a small disk never has would stop everything for ever."""


def free_bytes(directory: Path) -> int:
    """Bytes that this process may still write where the directory lies."""
    return shutil.disk_usage(directory).free


class Reserve:
    """Says whether there is room for more than relief; asked at each publication, on any thread."""

    def __init__(
        self, directory: Path, size: int, free: Callable[[Path], int] = free_bytes
    ) -> None:
        """Keep `size` bytes free where `directory` lies, at most a `SHARE`th of that disk."""
        self._directory = directory
        self._size = min(size, shutil.disk_usage(directory).total // SHARE)
        self._free = free

    @property
    def short(self) -> bool:
        """Whether less than the reserve is free."""
        return self._free(self._directory) < self._size

    @property
    def tight(self) -> bool:
        """Whether so little is free that the logs of others must not take it."""
        return self._free(self._directory) < self._size // FOLLOWING

    def check(self, kind: int) -> None:
        """See that a statement of this kind may be published now.

        Raises:
            RefusedError: `disk.reserve`.
        """
        if kind in STOPPED and self.short:
            raise self._refusal()

    def check_room(self, size: int) -> None:
        """See that so many bytes more may be written for what can wait.

        Raises:
            RefusedError: `disk.reserve`.
        """
        if self._free(self._directory) - size < self._size:
            raise self._refusal(size)

    def report(self) -> dict[str, Any]:
        """The `disk` part of the status: bytes free, kept, and kept from the logs of others.

        With the refusal where one stands.
        """
        free = self._free(self._directory)
        refusal = self._refusal() if free < self._size else None
        return {
            "free_bytes": free,
            "reserve_bytes": self._size,
            "following_bytes": self._size // FOLLOWING,
            "problem": None if refusal is None else {"code": refusal.code, "message": str(refusal)},
        }

    def _refusal(self, more: int = 0) -> RefusedError:
        free, size, needed = (
            round(count / 2**20, 1) for count in (self._free(self._directory), self._size, more)
        )
        also = f"，另加读取所需 {needed} MiB " if more else ""
        besides = f" and {needed} MiB for what is being read" if more else ""
        return RefusedError(
            "disk.reserve",
            f"{self._directory}: 磁盘应余 {size} MiB（storage.reserve_bytes）{also}以上，"
            f"实余 {free} MiB；修复、撤销照常发布，其余待腾出空间 / "
            f"expected more than {size} MiB free (storage.reserve_bytes){besides}, got {free} MiB; "
            "relief is published, all else waits until space is freed",
        )
