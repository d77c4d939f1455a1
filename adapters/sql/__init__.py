"""The store over SQL: SQLite (embedded default) and PostgreSQL (production), one schema."""

from adapters.sql.store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
