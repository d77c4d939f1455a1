"""Errors of the platform's database, each with a stable code."""

from __future__ import annotations

from adapters.errors import AdapterError


class PlatformError(AdapterError):
    """Nothing of the batch was kept: it waits and is tried again.

    `code` is `platform.unreachable` (down, slow, wrong password), `platform.full` (no space) or
    `platform.refused` (rights, tables, or a value that the database does not take).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnreadableError(PlatformError):
    """A value is no text, or none that the database can keep; `platform.refused`.

    It is the row's fault, or its answer's: others are read and written all the same.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            "platform.refused",
            f"a text that the database cannot give or keep ({name}); expected UTF-8 throughout, "
            "see the encoding of the database",
        )


class RowsNotOfferedError(AdapterError):
    """A service gives control totals, but not the rows behind them; nobody's fault."""

    def __init__(self) -> None:
        super().__init__("the service offers no rows behind its totals")
