"""All operations, in the order of their description; a new table is a line here."""

from __future__ import annotations

from typing import Final

from node.web import (
    operations_access,
    operations_accounts,
    operations_act_letters,
    operations_acts,
    operations_campaigns,
    operations_cases,
    operations_catalog,
    operations_files,
    operations_import_rows,
    operations_imports,
    operations_letters,
    operations_members,
    operations_notices,
    operations_quality,
    operations_records,
    operations_repairs,
    operations_requests,
    operations_status,
    operations_tables,
    operations_watches,
)
from node.web.operations import Operation

OPERATIONS: Final[tuple[Operation, ...]] = (
    *operations_status.OPERATIONS,
    *operations_records.OPERATIONS,
    *operations_acts.OPERATIONS,
    *operations_files.OPERATIONS,
    *operations_imports.OPERATIONS,
    *operations_import_rows.OPERATIONS,
    *operations_tables.OPERATIONS,
    *operations_cases.OPERATIONS,
    *operations_catalog.OPERATIONS,
    *operations_quality.OPERATIONS,
    *operations_repairs.OPERATIONS,
    *operations_requests.OPERATIONS,
    *operations_notices.OPERATIONS,
    *operations_letters.OPERATIONS,
    *operations_act_letters.OPERATIONS,
    *operations_campaigns.OPERATIONS,
    *operations_watches.OPERATIONS,
    *operations_access.OPERATIONS,
    *operations_accounts.OPERATIONS,
    *operations_members.OPERATIONS,
)
