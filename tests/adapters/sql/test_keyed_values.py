"""Every keyed value names its source or its end: a new column of bytes has to be listed.

docs/storage.md has the table; what is no keyed value stands here.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import LargeBinary

from adapters.sql import (
    campaign_tables,
    heard_tables,
    letter_tables,
    lookup_tables,
    name_tables,
    notice_tables,
    outlet_tables,
    schema,
    share_tables,
)
from adapters.sql.query_schema import metadata as queries

ROOT = Path(__file__).parents[3]
TABLES = (
    share_tables,
    campaign_tables,
    heard_tables,
    letter_tables,
    lookup_tables,
    name_tables,
    notice_tables,
    outlet_tables,
)
"""Imported so that the metadata has them all."""
NO_TAGS = {
    "accounts.sealed",  # of no subject
    "audiences.digest",  # of an audience: alliances, purposes, members
    "benefit_checks.scenario",
    "benefit_uses.case_id",  # random
    "benefit_uses.sealed",
    "benefit_uses.statement_id",
    "check_batch_parts.query_id",
    "check_batch_parts.sealed",
    "check_batches.sealed",
    "campaign_entries.statement_id",
    "check_matches.outcome_id",
    "checks.query_id",
    "checks.sealed",
    "credentials.certificate",
    "credentials.digest",  # of a certificate
    "first_notes.note",
    "forks.file",
    "last_writer.token",
    "logs.note",
    "logs.seen",
    "logs.witnessed_root",
    "openings.sealed",
    "attestations.sealed",
    "outcomes.case_id",  # random
    "outcomes.replaces",
    "outcomes.sealed",
    "outcomes.statement_id",
    "query_logs.note",
    "query_notes.note",
    "query_rows.leaf",  # header and salted commitment
    "query_rows.query_id",
    "query_rows.sealed",
    "query_tiles.data",
    "query_witnessed.note",
    "query_witnessed.root",
    "read_by.digest",  # of charters
    "requests.answer",
    "state_pages.data",
    "statements.about",
    "statements.names",
    "statements.statement_id",
    "feed_rows.statement_id",
    "tiles.data",
    "watch_answers.sealed",
    "watch_groups.sealed",
    "watches.sealed",
}
"""Columns of bytes that no key made of a subject, a record or a name."""


def listed() -> set[str]:
    section = (ROOT / "docs" / "storage.md").read_text("utf-8").partition("## Keyed values")[2]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([a-z_]+\.[a-z_]+)`", row)}


def test_every_column_of_bytes_is_listed_with_its_source_or_its_end() -> None:
    metadata = (schema.metadata, queries)
    columns = {
        f"{table.name}.{column.name}": column
        for one in metadata
        for table in one.sorted_tables
        for column in table.columns
    }
    binary = {name for name, column in columns.items() if isinstance(column.type, LargeBinary)}
    keyed = listed()
    assert keyed <= set(columns), "the page names what is not there"
    assert not keyed & NO_TAGS
    assert binary - keyed - NO_TAGS == set()
    assert binary >= NO_TAGS, "what is listed here is not there any more"
