"""Errors of the file adapter, each with a stable code.

    FileAdapterError (of AdapterError)
    ├── TableError     the file as a whole cannot be read; nothing of it is used
    └── MappingError   the mapping file is not valid, or does not fit the header

A fault of a single row is no exception: it is a `RowFault` (see `faults`), and the rows around it
go on.
"""

from __future__ import annotations

from adapters.errors import AdapterError


class FileAdapterError(AdapterError):
    """Root of the errors of `adapters.files`; `code` is stable, `str()` says expected and got."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TableError(FileAdapterError):
    """The sender's fault: refuse the file whole and show the message."""


class MappingError(FileAdapterError):
    """The fault of who wrote the mapping or chose it for this file: mend it, read again."""
