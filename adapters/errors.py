"""Errors of the adapters; each message says what to do.

AdapterError
├── StoreError              the database; nothing of the session was kept
│   ├── UnreachableError    no such file or server, or the connection broke
│   ├── FullError           no space left for the database
│   ├── LockedError         another process has been writing for too long
│   ├── CorruptError        the database contradicts itself
│   ├── NotDurableError     the server may forget what it has committed
│   │   └── PooledError     a pooler gives each transaction another session
│   ├── EncodingError       a database of another encoding than UTF-8
│   ├── ReadOnlyError       the database, or its disk, takes no writes
│   ├── SchemaError         not a database of this program, or of a newer one
│   └── ConflictError       a row that must be new exists, or one that must exist does not
├── ProcessError            a process that did part of the work was ended from outside
├── KeyRingError            the key ring is missing or damaged
│   └── KeyRingModeError    others than its owner may have read it
└── HighWaterError          the high-water mark is damaged or cannot be written
    ├── MarkUnreachableError    the server of a shared mark does not answer
    ├── MarkServerError         the server of a shared mark is not fit for it
    └── MarkElsewhereError      the mark was moved to another place
"""

from __future__ import annotations


class AdapterError(Exception):
    """Root of the errors of `adapters`."""


class StoreError(AdapterError):
    """The database's fault: nothing of the session was kept; the same work may be tried again."""


class UnreachableError(StoreError):
    """The operator's to mend: file, server, network or rights. Trying again later may help."""


class FullError(StoreError):
    """The operator's to mend: free space first; trying again before that is of no use."""


class LockedError(StoreError):
    """Another process writes: wait and try again, or stop the other one."""


class CorruptError(StoreError):
    """Stop writing: restore the database or refill it from peers."""


class NotDurableError(StoreError):
    """The operator's to mend: the server's settings; nothing is signed over such a database."""

    code = "store.not-durable"


class PooledError(NotDurableError):
    """The operator's to mend: between us and PostgreSQL stands a pooler that pools transactions."""

    code = "store.pooled"


class EncodingError(StoreError):
    """The operator's to mend: the database cannot hold what is said in Chinese."""

    code = "store.encoding"


class ReadOnlyError(StoreError):
    """The operator's to mend: file system, file, or server were made read-only."""


class SchemaError(StoreError):
    """The operator's to mend: another program version or another database."""

    code = "store.schema"


class ConflictError(StoreError):
    """The caller's fault, or a second writer's: rows are not as the caller believed."""


class ProcessError(AdapterError):
    """The machine's fault: nothing is known of the work; try again with one process."""


class KeyRingError(AdapterError):
    """The operator's to mend: without its key ring a node opens, holds back and says nothing."""

    code = "keys.ring"


class KeyRingModeError(KeyRingError):
    """The operator's to mend: the ring is there, and others may have read it."""

    code = "keys.mode"


class HighWaterError(AdapterError):
    """The operator's to mend: without a readable mark nothing is signed."""

    code = "high-water.corrupt"


class MarkUnreachableError(HighWaterError):
    """The server's or the network's: nothing is signed meanwhile; the next call tries again."""

    code = "high-water.unreachable"


class MarkServerError(HighWaterError):
    """The operator's to mend: the server's settings, rights, or which server it is."""

    code = "high-water.server"

    def __init__(self, message: str, *, code: str = "") -> None:
        """Say what is wrong; `code` where it is not the class's."""
        super().__init__(message)
        if code:
            self.code = code


class MarkElsewhereError(HighWaterError):
    """The operator's to mend: the configuration names another place than has the mark."""

    code = "high-water.elsewhere"
