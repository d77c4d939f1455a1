"""What must hold at all nodes at the end of a step; each check says what differs, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from federation.reconcile.findings import RULES, Finding
from node.demo.members import HUB, MEMBERS, DemoMember, known_to, lineless

Statuses = Mapping[str, Mapping[str, Any]]

_COMPARED: Final = ("size", "root", "log_state")
ATTESTED: Final = RULES[Finding.ATTESTED].code
UNKNOWN: Final = RULES[Finding.SUBJECT_UNKNOWN].code
_ASKED: Final = (
    ATTESTED,
    RULES[Finding.ATTESTED_DIFFERS].code,
    RULES[Finding.ATTESTED_UNKNOWN].code,
)


def not_connected(statuses: Statuses) -> str:
    """Peers to which a node should have a stream and has none, or has one and should not."""
    missing: list[str] = []
    for member in MEMBERS:
        if member.region not in statuses:
            continue
        wanted = {m.region for m in known_to(member) if m is not member and not lineless(m, member)}
        wrong = wanted ^ set(statuses[member.region]["peers"])
        missing += [f"{member.name} → {region}" for region in sorted(wrong & set(statuses))]
    return ", ".join(missing)


def not_agreed(statuses: Statuses, sizes: Mapping[DemoMember, int]) -> str:
    """Logs that are not of the same size, root and state wherever they are held, or not applied.

    Args:
        statuses: by region.
        sizes: the least number of entries that the log of each member must have.
    """
    wrong: list[str] = []
    for member, least in sizes.items():
        seen: dict[tuple[Any, ...], list[str]] = {}
        origin, holders = member.origin, {holder.region for holder in known_to(member)}
        for region, status in statuses.items():
            log = log_of(status, origin)
            if region not in holders:
                wrong += [f"{region} holds {origin} of another alliance"] if log else []
                continue
            if log is None:
                wrong.append(f"{region} does not hold {origin}")
                continue
            if log["size"] < least:
                wrong.append(f"{region} holds {log['size']} of {least} entries of {origin}")
            if not log["size"] == log["signed_size"] == log["reconciled_to"]:
                wrong.append(f"{region} has not applied all of {origin}")
            seen.setdefault(tuple(log[name] for name in _COMPARED), []).append(region)
        if len(seen) > 1:
            wrong.append(f"{origin} differs between {' and '.join(map(str, seen.values()))}")
    return "; ".join(wrong[:4])


def attested(
    statuses: Statuses, cities: Sequence[DemoMember]
) -> dict[str, dict[str, dict[str, int]]]:
    """What regions said of subjects: by asking city, then by whose listings name them.

    `asked`: the listings about whose subjects an answer came; `agreed`: those recognised by it;
    `unknown`: those whose subject nobody has answered for.
    """
    return {
        city.region: {
            other.region: {
                "asked": sum(findings.get(code, 0) for code in _ASKED),
                "agreed": findings.get(ATTESTED, 0),
                "unknown": findings.get(UNKNOWN, 0),
            }
            for other in cities
            if other is not city
            and (log := log_of(statuses[city.region], other.origin))
            and (findings := log["findings"]) is not None
        }
        for city in cities
    }


def not_attested(
    found: Mapping[str, Mapping[str, Mapping[str, int]]], old: Mapping[str, int]
) -> str:
    """Where more subjects are unknown than those whose former code names no region.

    Args:
        found: see `attested`.
        old: how many listings of each city name their subject by a former code.
    """
    wrong = [
        f"{region}: {counts['unknown']} subjects of {by} not answered for"
        for region, logs in found.items()
        for by, counts in logs.items()
        if counts["unknown"] > old[by] or not counts["agreed"]
    ]
    return "; ".join(wrong[:4])


def not_ok(statuses: Statuses) -> str:
    """Logs of the cities that are not `ok` at some node."""
    wrong = [
        f"{region}: {log['origin']} is {log['state']}"
        for region, status in statuses.items()
        for log in status["logs"]
        if log["state"] != "ok" and log["origin"] != HUB.origin
    ]
    return ", ".join(wrong)


def unexpected_rows(result: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """Where the result of a list file is not what `expected.json` says of it."""
    wrong: list[str] = []
    if result["rows"] != expected["rows"]:
        wrong.append(f"rows {result['rows']}, expected {expected['rows']}")
    if result["published"] != expected["accepted"]:
        wrong.append(f"published {result['published']}, expected {expected['accepted']}")
    if result["faults"] != expected["faults"]:
        wrong.append(f"faults {result['faults']}, expected {expected['faults']}")
    return "; ".join(wrong)


def log_of(status: Mapping[str, Any], origin: str) -> Mapping[str, Any] | None:
    """A log in a status document."""
    logs: list[Mapping[str, Any]] = status["logs"]
    return next((log for log in logs if log["origin"] == origin), None)


def own_size(statuses: Statuses, member: DemoMember) -> int:
    """Entries of a node's own log."""
    log = log_of(statuses[member.region], member.origin)
    return 0 if log is None else int(log["size"])
