"""The exchange tables in a database, made by the shipped DDL as a platform's owner would."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import URL, NullPool, create_engine, text

import node
from adapters.platform.tables import ROLE

DDL: Final = Path(node.__file__).parent.parent / "deploy" / "exchange-tables"


def make_tables(owner: URL, password: str) -> URL:
    """Run the shipped script in a database of PostgreSQL or MariaDB, and let the role in.

    Args:
        owner: the database as its owner reaches it.
        password: of the node's role.

    Returns:
        The database as the node's role reaches it.
    """
    postgresql = owner.get_backend_name() == "postgresql"
    script = (DDL / f"{'postgresql' if postgresql else 'mysql'}.sql").read_text("utf-8")
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    engine = create_engine(owner, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in "\n".join(lines).split(";\n"):
            if "CREATE ROLE" in statement or "CREATE USER" in statement:
                drop_role(owner)
            if statement.strip():
                connection.exec_driver_sql(statement.strip().removesuffix(";").replace("%", "%%"))
        quoted = password.replace(":", "\\:")
        if postgresql:
            connection.execute(text(f"ALTER ROLE {ROLE} PASSWORD '{quoted}'"))
        else:
            connection.execute(
                text(f"ALTER USER '{ROLE}'@'%' IDENTIFIED BY '{quoted}' ACCOUNT UNLOCK")
            )
    return owner.set(username=ROLE, password=password)


def drop_role(owner: URL) -> None:
    """Take away the role that an earlier run left; roles belong to the whole server."""
    engine = create_engine(owner, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if owner.get_backend_name() == "postgresql":
            found = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
            if connection.execute(found, {"role": ROLE}).all():
                connection.execute(text(f"DROP OWNED BY {ROLE}"))
                connection.execute(text(f"DROP ROLE {ROLE}"))
        else:
            connection.execute(text(f"DROP USER IF EXISTS '{ROLE}'@'%'"))
