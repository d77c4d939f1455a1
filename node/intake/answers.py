"""What a row is answered that is not taken, and how its fault is told."""

from __future__ import annotations

from dataclasses import replace

from adapters.files.faults import RowFault
from adapters.platform.inbox import REFUSED, Answer


def refusal(code: str, message: str) -> Answer:
    """Return the answer to a row with one fault."""
    return Answer(outcome=REFUSED, code=code, message=message, faults=(code,))


def answer_of(fault: RowFault, before: Answer | None = None) -> Answer:
    """Return the answer to a row with a fault.

    Args:
        fault: what is wrong with it.
        before: the answer so far, where more is wrong with it.
    """
    if before is not None:
        return replace(before, faults=(*before.faults, fault.code))
    column = f"{fault.column}: " if fault.column else ""
    return refusal(fault.code, f"{column}{fault.message}")


def fault_of(row: int, code: str, message: str) -> RowFault:
    """Return the fault of a row as a whole."""
    return RowFault(row=row, column="", code=code, value="", expected="", message=message)
