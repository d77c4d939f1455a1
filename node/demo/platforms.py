"""The chapter of the demo in which platforms are databases and a service."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, NullPool, create_engine, func, insert, select, text, update

from adapters.files.atomic import write_atomically
from adapters.platform.acknowledging import DONE
from adapters.platform.tables import inbox, outbox
from federation.ids import StatementId
from node.demo.client import Clients, wait
from node.demo.exchange_tables import make_tables
from node.demo.members import LUZHOU, MEMBERS, YIBIN, ZIGONG
from node.demo.receiver import Receiver
from node.directory.config import FILE_NAME, load_config
from node.system.entropy import token

NAME: Final = "city"
PASSWORD_FILE: Final = f"keys/platform-{NAME}"
SOURCE: Final = "judgment-defaulter"
COURT: Final = "四川省泸州市中级人民法院"
"""An authority that the source may speak for."""
SERVICE: Final = "HTTP/JSON"
"""In the place of a database's version."""
_PASSWORD_BYTES: Final = 16


class Platforms:
    """Platforms by their region: databases as their owners reach them, and a service."""

    def __init__(self, owners: Mapping[str, URL], receiver: Receiver, secret: str) -> None:
        """Take empty databases, and the service of 自贡 with its token."""
        self._owners = owners
        self._receiver = receiver
        self._secret = secret

    def join(self, directory: Path) -> None:
        """Make the exchange tables, and tell each node's configuration of its platform."""
        _configure(directory / ZIGONG.region, self._receiver.url, self._secret, [])
        for region, owner in self._owners.items():
            role = make_tables(owner, token(_PASSWORD_BYTES).hex())
            url = URL.create(
                role.get_backend_name(),
                username=role.username,
                host=role.host,
                port=role.port,
                database=role.database,
            )
            sources = [SOURCE] if region == LUZHOU.region else []
            _configure(directory / region, str(url), str(role.password), sources)

    def acknowledge(self) -> None:
        """Let the databases' owners say that what stands in the exchange tables is done.

        The service says so in its answers.
        """
        done = (
            update(outbox)
            .where(outbox.c.acknowledged_at.is_(None))
            .values(acknowledged_at=func.now(), ack_result=DONE)
        )
        for owner in self._owners.values():
            with create_engine(owner, poolclass=NullPool).begin() as connection:
                connection.execute(done)

    def play(
        self, clients: Clients, relieved: Mapping[str, tuple[StatementId, str]]
    ) -> dict[str, Any]:
        """Wait until everything has arrived, and say what did.

        Args:
            clients: the running nodes.
            relieved: by region a listing of another city, and the state in which it ended.

        Returns:
            By region: the database's version (or that it is a service), rows of each log,
            statements by their newest state, and the versions in which the relieved listing came;
            of 泸州 also what became of a row of its inbox table.

        Raises:
            DemoError: not all has arrived.
        """
        found: dict[str, Any] = {}
        listed = self._list_by_inbox(clients)

        def unlike() -> str:
            wrong: list[str] = []
            statuses = clients.statuses()
            for region in (*self._owners, ZIGONG.region):
                status = statuses[region]
                late = [
                    log["origin"]
                    for log in status["logs"]
                    if log["origin"] != status["node"]["origin"]
                    and log["delivered_to"] != log["size"]
                ]
                waiting = [one for one in status["platforms"] if one["waiting"] or one["fault"]]
                found[region] = self._arrived(region, relieved[region][0])
                last = found[region]["record"][-1:]
                if late or waiting or [one["state"] for one in last] != [relieved[region][1]]:
                    wrong.append(f"{region}: not all of {late}, {waiting}, the record {last}")
            listed["arrived"] = _way(self._owners[YIBIN.region], listed["statement_id"])
            found[LUZHOU.region]["inbox"] = listed
            if not listed["arrived"]:
                wrong.append(f"{YIBIN.region}: nothing of the inbox's {listed}")
            return "; ".join(wrong)

        wait("the platforms have been told everything", unlike)
        return found

    def _arrived(self, region: str, listing: StatementId) -> dict[str, Any]:
        """What came to the platform of a region."""
        if region in self._owners:
            return _in_database(self._owners[region], listing)
        by_log = self._receiver.by_log()
        return _told(
            SERVICE, by_log, self._receiver.states(), list(self._receiver.way(listing.hex()))
        )

    def _list_by_inbox(self, clients: Clients) -> dict[str, Any]:
        """泸州's platform lays a row into its inbox table; what the node answered beside it."""
        (record,) = clients[LUZHOU].records(state="active", limit=1)
        content = {
            "记录编号": "DEMO-PLATFORM-1",
            "被执行人名称": record["subject"]["name"],
            "统一社会信用代码": record["subject"]["code"],
            "执行法院": COURT,
            "案号": "（2026）川05执平台演示1号",
            "失信决定日期": "2026-01-05",
            "告知日期": "2025-12-20",
        }
        columns = (inbox.c.outcome, inbox.c.code, inbox.c.statement_id)
        engine = create_engine(self._owners[LUZHOU.region], poolclass=NullPool)
        laid = {"source": SOURCE, "kind": "list", "content": json.dumps(content)}
        with engine.begin() as connection:
            connection.execute(insert(inbox), laid)
        answer: dict[str, Any] = {}

        def unlike() -> str:
            with engine.connect() as connection:
                answer.update(connection.execute(select(*columns)).mappings().one())
            return "" if answer["outcome"] == "listed" else f"got {answer}"

        wait("the row of the inbox table was listed", unlike)
        return answer


def _configure(folder: Path, url: str, secret: str, sources: Sequence[str]) -> None:
    """Tell a node's configuration of its platform."""
    write_atomically(folder / PASSWORD_FILE, f"{secret}\n".encode(), mode=0o600)
    path = folder / FILE_NAME
    section = (
        f'\n[platform.{NAME}]\nurl = "{url}"\npassword_file = "{PASSWORD_FILE}"\n'
        f"sources = {json.dumps(sources)}\n"
    )
    write_atomically(path, (path.read_text("utf-8") + section).encode(), mode=0o600)
    load_config(folder)


def _in_database(owner: URL, listing: StatementId) -> dict[str, Any]:
    columns = outbox.c
    engine = create_engine(owner, poolclass=NullPool)
    with engine.connect() as connection:
        version = str(connection.execute(text("SELECT version()")).scalar_one())
        rows = connection.execute(
            select(columns.origin, columns.idx, columns.state).order_by(columns.seq)
        ).all()
    newest = {(origin, index): state for origin, index, state in rows}
    by_log = Counter(origin for origin, _, _ in rows)
    return _told(_product(version), by_log, Counter(newest.values()), _way(owner, listing.hex()))


def _told(
    what: str, by_log: Counter[str], states: Counter[str], way: list[dict[str, Any]]
) -> dict[str, Any]:
    """What stands in `story.json` of a platform."""
    names: dict[str, str] = {member.origin: member.region for member in MEMBERS}
    return {
        "database": what,
        "rows": by_log.total(),
        "rows_by_log": dict(sorted((names[origin], rows) for origin, rows in by_log.items())),
        "states": dict(sorted(states.items())),
        "record": way,
    }


def _way(owner: URL, statement_id: str) -> list[dict[str, Any]]:
    """The versions in which a statement came into a database."""
    columns = outbox.c
    asked = (
        select(columns.version, columns.state, columns.rule)
        .where(columns.statement_id == statement_id)
        .order_by(columns.version)
    )
    with create_engine(owner, poolclass=NullPool).connect() as connection:
        return [dict(row) for row in connection.execute(asked).mappings()]


def _product(version: str) -> str:
    """Name and number out of what a server says: `PostgreSQL 15.3 (…`, `10.11.2-MariaDB-…`."""
    number, found, _ = version.partition("-MariaDB")
    return f"MariaDB {number}" if found else version.partition(" (")[0]
