"""The doors by which repairs are said in a siege, and what each must answer to have said them."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import grpc
from huxin.v1 import registry_pb2

from federation.errors import FederationError
from federation.ids import StatementId
from node.demo.client import NodeClient
from node.demo.members import DemoMember
from node.directory.presence import NotReadyError
from tests.support.commands import run
from tests.support.days import REPAIRED, number_of
from tests.support.federation_dirs import SOURCE, list_row, repair_row
from tests.support.siege_watch import PATIENCE_SECONDS, Ledger, Repair

RELIEVED: Final = ("relieved", "relieved-before")


def platform_file(directory: Path, region: str) -> Path:
    """The database of a city's platform; it is not on the node's disk."""
    return directory / f"platform-{region}.db"


class Doors:
    """Those of one city."""

    def __init__(self, directory: Path, member: DemoMember, ledger: Ledger) -> None:
        self.city = member.region
        self.database = platform_file(directory, self.city)
        self.inbox = directory / member.region / "inbox" / SOURCE
        self.refused: list[str] = []
        """Files and rows that should have been taken, and their reasons."""
        self._directory = directory
        self._member = member
        self._ledger = ledger
        self._files: dict[str, Sequence[Repair]] = {}
        self._rows: dict[int, Repair] = {}

    def command(self, repairs: Sequence[Repair]) -> None:
        """`huxin repair`; acknowledged by exit code 0."""
        for repair in repairs:
            folder = self._directory / self.city
            document = f"川修〔2026〕{repair.number}号"
            options = ("--document", document, "--date", REPAIRED.isoformat(), "--dir", folder)
            self._ledger.say(repair)
            if run("repair", repair.statement_id, *options).code == 0:
                repair.acknowledged = True
            else:
                self._ledger.take_back(repair)

    def call(self, repairs: Sequence[Repair]) -> None:
        """The Registry service; acknowledged by its answer."""
        for repair in repairs:
            self._ledger.say(repair)
            try:
                with closing(NodeClient(self._directory, self._member)) as client:
                    client.relieve(
                        registry_pb2.RELIEF_KIND_REPAIR,
                        StatementId(bytes.fromhex(repair.statement_id)),
                        f"川修〔2026〕{repair.number}号",
                        number_of(REPAIRED),
                    )
                repair.acknowledged = True
            except (grpc.RpcError, FederationError, NotReadyError):
                self._ledger.take_back(repair)

    def file(self, repairs: Sequence[Repair]) -> None:
        """The drop folder; acknowledged by `taken/` without a row refused."""
        rows = [json.loads(repair_row(self.city, repair.number)["content"]) for repair in repairs]
        name = f"修复-{repairs[0].number}.csv"
        try:
            with (self.inbox / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            (self.inbox / f"{name}.done").touch()
        except OSError:  # the disk is full: whoever drops a file sees that it did not get there
            (self.inbox / name).unlink(missing_ok=True)
            return
        for repair in repairs:
            self._ledger.say(repair)
        self._files[name] = repairs

    def row(self, repairs: Sequence[Repair]) -> None:
        """The platform's inbox; acknowledged by the answer beside the row."""
        for repair in repairs:
            with suppress(sqlite3.Error):  # somebody has locked it: nothing is laid
                (number,) = self.lay([repair_row(self.city, repair.number)])
                self._ledger.say(repair)
                self._rows[number] = repair

    def lay(self, rows: Sequence[dict[str, str]]) -> list[int]:
        """Lay rows into the inbox table; returns their ids."""
        asked = "INSERT INTO huxin_inbox (source, kind, list_type, content) VALUES (?, ?, ?, ?)"
        with (
            closing(sqlite3.connect(self.database, timeout=PATIENCE_SECONDS)) as database,
            database,
        ):
            return [
                int(
                    database.execute(
                        asked, (row["source"], row["kind"], row["list_type"], row["content"])
                    ).lastrowid
                    or 0
                )
                for row in rows
            ]

    def list_(self, number: int) -> dict[str, str]:
        """A row that lists an invented subject."""
        return list_row(self.city, number)

    def look(self) -> None:
        """See what was acknowledged."""
        for name in list(self._files):
            if (self.inbox / "taken" / name).exists():
                if (faults := self.inbox / "taken" / f"{name}.errors.csv").exists():
                    self.refused.append(f"{name}: {faults.read_text('utf-8-sig')}")
                for repair in self._files.pop(name):
                    repair.acknowledged = True
            elif (self.inbox / "refused" / name).exists():
                faults = self.inbox / "refused" / f"{name}.errors.csv"
                self.refused.append(f"{name}: {faults.read_text('utf-8-sig')}")
                del self._files[name]
        if not self._rows:
            return
        for number, outcome, code in self._answered(list(self._rows)):
            repair = self._rows.pop(number)
            repair.acknowledged = outcome in RELIEVED
            if not repair.acknowledged:
                self.refused.append(f"row {number} of {repair.number}: {outcome} {code}")

    def _answered(self, numbers: Sequence[int]) -> list[tuple[int, str, str]]:
        asked = (
            "SELECT id, outcome, code FROM huxin_inbox WHERE answered_at IS NOT NULL AND id IN "
            f"({', '.join(map(str, numbers))})"
        )
        with closing(sqlite3.connect(self.database, timeout=PATIENCE_SECONDS)) as database:
            return database.execute(asked).fetchall()

    def waiting(self) -> int:
        """Rows without an answer."""
        asked = "SELECT count(*) FROM huxin_inbox WHERE answered_at IS NULL"
        with closing(sqlite3.connect(self.database, timeout=30)) as database:
            return int(database.execute(asked).fetchone()[0])
