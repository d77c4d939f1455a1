"""One writer at a time within a process."""

from __future__ import annotations

import threading

from adapters.errors import LockedError
from adapters.sql.engine import WAIT


class Turn:
    """A lock whose holder is waited for as long as another process's would be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        if self._holder == threading.get_ident():
            message = "this thread has a session open; a second one would wait for itself"
            raise LockedError(message)
        if not self._lock.acquire(timeout=WAIT):
            message = f"another session of this process has been open for {WAIT} s"
            raise LockedError(message)
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()
