"""Alembic revisions; run by `adapters.sql.migrating`, in the transaction that it began."""
