"""What an operator does with running nodes, and waiting until all of them show it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from node.demo.members import DemoMember
from tests.support.commands import run
from tests.support.days import REPAIRED
from tests.support.federation_dirs import LIST_TYPE, write_list
from tests.support.processes import eventually


def publish(directory: Path, member: DemoMember, rows: range) -> None:
    """Publish a list file of so many rows."""
    path = directory / f"{member.region}-{rows.start}.csv"
    write_list(path, member.region, rows)
    published = run(
        "publish", path, "--list", LIST_TYPE, "--dir", directory / member.region, "-o", "json"
    )
    assert published.code == 0, published.err
    assert published.json["published"] == len(rows)


def repair(directory: Path, member: DemoMember, statement_id: str) -> None:
    """Repair one of a member's listings."""
    repaired = run(
        "repair",
        statement_id,
        "--document",
        "川修〔2026〕1号",
        "--date",
        REPAIRED.isoformat(),
        "--dir",
        directory / member.region,
    )
    assert repaired.code == 0, repaired.err


def wait_listed(
    directory: Path, origin: DemoMember, count: int, members: Sequence[DemoMember]
) -> list[str]:
    """Wait until each member shows so many listings of a log; ids in the order of the log."""
    seen_at: dict[str, list[dict[str, Any]]] = {}

    def missing() -> dict[str, int]:
        for member in members:  # who has shown them is not asked again
            if len(seen_at.get(member.region, ())) != count:
                seen_at[member.region] = records(directory, member, "--origin", origin.origin)
        return {
            region: len(records) for region, records in seen_at.items() if len(records) != count
        }

    eventually(f"{count} listings of {origin.region} are everywhere", missing)
    ids = [[record["statement_id"] for record in records] for records in seen_at.values()]
    assert all(one == ids[0] for one in ids)
    return ids[0]


def wait_state(
    directory: Path, statement_id: str, state: str, members: Sequence[DemoMember]
) -> None:
    """Wait until a listing is in a state at each member."""

    def others() -> list[str]:
        return [
            member.region
            for member in members
            if statement_id
            not in {
                record["statement_id"] for record in records(directory, member, "--state", state)
            }
        ]

    eventually(f"{statement_id} is {state} everywhere", others)


def records(directory: Path, member: DemoMember, *options: str) -> list[dict[str, Any]]:
    """What `huxin records list` of a member shows."""
    listed = run("records", "list", "--dir", directory / member.region, "-o", "json", *options)
    if "log.unknown" in listed.err:  # nothing of it has come yet
        return []
    assert listed.code == 0, listed.err
    records: list[dict[str, Any]] = listed.json
    return records


def status(directory: Path, member: DemoMember) -> dict[str, Any]:
    """What `huxin status` of a member shows."""
    shown = run("status", "--dir", directory / member.region, "-o", "json")
    assert shown.code in (0, 1), shown.err  # 1: no node runs there
    status: dict[str, Any] = shown.json
    return status
