"""Exchange tables in a database of a test, made by the DDL that is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, NullPool, create_engine, insert, select, text, update

from adapters.platform.tables import METADATA, ROLE, inbox, outbox

DDL = Path(__file__).parents[2] / "deploy" / "exchange-tables"
PASSWORD = "p@ss:word/示例"


def make_tables(owner: URL) -> URL:
    """Run the shipped script as the owner of a database; returns the URL of the node's role.

    SQLite has no roles: its owner's.
    """
    dialect = {"sqlite": "", "postgresql": "postgresql"}.get(owner.get_backend_name(), "mysql")
    engine = create_engine(owner, poolclass=NullPool)
    if not dialect:
        METADATA.create_all(engine)
        return owner
    script = (DDL / f"{dialect}.sql").read_text("utf-8")
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    with engine.begin() as connection:
        for statement in "\n".join(lines).split(";\n"):
            if "CREATE ROLE" in statement or "CREATE USER" in statement:
                drop_role(owner)
            if statement.strip():
                connection.exec_driver_sql(statement.strip().removesuffix(";").replace("%", "%%"))
        if dialect == "postgresql":
            connection.execute(
                text(f"ALTER ROLE {ROLE} PASSWORD '{PASSWORD.replace(':', chr(92) + ':')}'")
            )
        else:
            quoted = PASSWORD.replace(":", "\\:")
            connection.execute(
                text(f"ALTER USER '{ROLE}'@'%' IDENTIFIED BY '{quoted}' ACCOUNT UNLOCK")
            )
    return owner.set(username=ROLE, password=PASSWORD)


def drop_role(owner: URL) -> None:
    """Take the role of an earlier test away; roles belong to the whole server."""
    engine = create_engine(owner, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if owner.get_backend_name() == "postgresql":
            if connection.execute(text(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'")).all():
                connection.execute(text(f"DROP OWNED BY {ROLE}"))
                connection.execute(text(f"DROP ROLE {ROLE}"))
        else:
            connection.execute(text(f"DROP USER IF EXISTS '{ROLE}'@'%'"))


def told(owner: URL) -> Sequence[dict[str, Any]]:
    """All rows of the outbox, in the order in which they were written."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(select(outbox).order_by(outbox.c.seq)).mappings()
        return [dict(row) for row in found]


def laid(owner: URL) -> Sequence[dict[str, Any]]:
    """All rows of the inbox, in the order of their ids."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.connect() as connection:
        found = connection.execute(select(inbox).order_by(inbox.c.id)).mappings()
        return [dict(row) for row in found]


def lay(owner: URL, *rows: dict[str, str]) -> None:
    """Lay rows into the inbox, as the platform does."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.begin() as connection:
        for row in rows:
            connection.execute(insert(inbox), row)


def change(owner: URL, number: int, content: str) -> None:
    """Change a row of the inbox, as the platform does."""
    engine = create_engine(owner, poolclass=NullPool)
    with engine.begin() as connection:
        asked = update(inbox).where(inbox.c.id == number)
        connection.execute(asked.values(content=content, answered_at=None))
