"""What is wrong with one cell, on its way to becoming a `RowFault`."""

from __future__ import annotations


class CellError(Exception):
    """The sender's fault; never leaves this package. `secret`: the value may not be repeated.

    `expected` is of no language (see `RowFault`).
    """

    def __init__(self, code: str, expected: str, message: str, *, secret: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.expected = expected
        self.message = message
        self.secret = secret
