"""All operations, in the order of their description; a new table is a line here."""

from __future__ import annotations

from typing import Final

from node.web import operations_records, operations_status
from node.web.operations import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *operations_status.OPERATIONS,
    *operations_records.OPERATIONS,
)
