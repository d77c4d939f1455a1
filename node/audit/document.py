"""The report of an audit as a JSON document: what is wrong, what is not known, what was not seen.

Three things are kept apart: `findings` (proved by the export), `incomplete` (an accusation of
nobody), `not_looked_at`. The result is `findings` where there is one, else `incomplete`, else
`clean`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from crypto.fork import ForkProof
from crypto.strict import b64
from federation.audit.alliance import ReliefSeen
from federation.audit.found import Found, Weight
from federation.audit.months import ranges_of
from federation.charters.chain import CharterChain
from federation.charters.trust import Trust
from federation.ids import CharterId, Origin, Timestamp
from federation.relief.audit_note import FORMAT, AuditNote
from federation.relief.progress import MemberProgress
from federation.statements import Kind
from node.audit.log_seen import LogSeen
from node.audit.query_logs import query_logs
from node.audit.verifying import Audited
from node.system.clock import CHINA

CLEAN: Final = "clean"
FINDINGS: Final = "findings"
INCOMPLETE: Final = "incomplete"
NOT_SEEN: Final = ("openings.closed",)
"""What no audit export shows, whoever made it: list types, documents, dates and subjects."""
_KNOWN: Final = frozenset(map(int, Kind))


def result_of(audited: Audited) -> str:
    """In one word."""
    weights = {one.weight for one in audited.found}
    if Weight.FINDING in weights:
        return FINDINGS
    return INCOMPLETE if weights else CLEAN


def note_of(audited: Audited, files: Mapping[str, bytes]) -> AuditNote:
    """What is signed of a report: how far was looked, what came of it, and its files.

    Args:
        audited: what was proved.
        files: digest of each file of the report.
    """
    points = {o: seen.checkpoint.signed.checkpoint for o, seen in audited.logs.items()}
    return AuditNote(
        result=result_of(audited),
        as_of=audited.as_of,
        logs={origin: (point.size, point.root) for origin, point in points.items()},
        files=files,
    )


def report_document(
    audited: Audited,
    pins: Sequence[CharterId],
    names: Sequence[str],
    *,
    now: Timestamp,
    deadlines: Sequence[str],
) -> dict[str, Any]:
    """Write the report.

    Args:
        audited: what was proved.
        pins: of the auditor.
        names: of the folders, in the order of their numbers.
        now: when it was made, by the auditor's clock.
        deadlines: ids of the editions by which lateness was judged.
    """
    found = sorted(audited.found, key=_order)
    return {
        "format": FORMAT,
        "made_at": moment(now),
        "as_of": moment(audited.as_of or None),
        "result": result_of(audited),
        "pins": [pin.hex() for pin in pins],
        "exports": [{"number": n, "folder": name} for n, name in enumerate(names, 1)],
        "deadlines": list(deadlines),
        "alliances": [_alliance(chain) for chain in audited.chains],
        "logs": [_log(seen, audited.trust) for seen in audited.logs.values()],
        "copies": [_copy(seen) for seen in audited.copies],
        "query_logs": _query_logs(audited),
        "openings_looked_at": [
            {"origin": seen.origin, "ranges": [list(one) for one in ranges_of(seen.facts.handed)]}
            for seen in audited.logs.values()
            if seen.facts.handed
        ],
        "reliefs": [_relief(one, audited.trust) for one in audited.reliefs],
        "erasures": [_erasures(seen) for seen in audited.logs.values() if seen.facts.erasures],
        "forks": [_fork(origin, proof) for origin, proof in audited.forks],
        "findings": [_sentence(one) for one in found if one.weight is Weight.FINDING],
        "incomplete": [_sentence(one) for one in found if one.weight is Weight.INCOMPLETE],
        "not_looked_at": [
            {"code": code, "what": what}
            for code, what in (*dict.fromkeys(audited.not_looked_at), *((c, "") for c in NOT_SEEN))
        ],
    }


def moment(at: Timestamp | None) -> str | None:
    """A time as people in China write it."""
    if at is None:
        return None
    return dt.datetime.fromtimestamp(at, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _order(one: Found) -> tuple[str, str, int, str]:
    return (one.code, one.origin, -1 if one.index is None else one.index, one.path)


def _sentence(one: Found) -> dict[str, Any]:
    return {
        "code": one.code,
        "message": one.message,
        "export": one.export or None,
        "origin": one.origin or None,
        "index": one.index,
        "path": one.path or None,
        "member": one.member or None,
    }


def _alliance(chain: CharterChain) -> dict[str, Any]:
    """The alliance, and who was a member since which version, to which."""
    latest = chain.latest.terms
    spans: dict[str, dict[str, Any]] = {}
    for version in chain.versions:
        for member in version.terms.members:
            ended = all(segment.cut is not None for segment in member.segments)
            span = spans.setdefault(
                member.id,
                {
                    "id": member.id,
                    "name": member.name,
                    "region": member.region,
                    "since_version": version.terms.version,
                    "since": moment(version.terms.issued_at),
                    "ended_in_version": None,
                },
            )
            if ended and member.segments and span["ended_in_version"] is None:
                span["ended_in_version"] = version.terms.version
    return {
        "id": chain.id.hex(),
        "name": latest.name,
        "version": latest.version,
        "not_after": moment(latest.not_after),
        "members": list(spans.values()),
    }


def _log(seen: LogSeen, trust: Trust | None) -> dict[str, Any]:
    kinds = Counter(seen.facts.kinds)
    refs = () if trust is None else trust.members(seen.origin)
    city = trust.member(refs[0]).name if trust is not None and refs else ""
    return {
        "origin": seen.origin,
        "city": city,
        "export": seen.export,
        "size": seen.size,
        "root": b64(seen.checkpoint.signed.checkpoint.root),
        "cosigners": list(seen.cosigners),
        "vouched_until": moment(seen.facts.newest),
        "checkpoints_kept": len(seen.notes),
        "openings": seen.openings,
        "kinds": {
            Kind(kind).name if kind in _KNOWN else str(kind): number
            for kind, number in sorted(kinds.items())
        },
    }


def _query_logs(audited: Audited) -> list[dict[str, Any]]:
    """Of each query log the largest checkpoint, and until when its witnesses vouched for it."""
    if audited.trust is None:
        return []
    found = []
    for log in query_logs(audited, audited.trust):
        sizes = [
            seen.signed.checkpoint.size for key, seen in audited.queries if key.name == log.origin
        ]
        if sizes:
            until = max((note.latest for note in log.notes), default=None)
            found.append(
                {
                    "origin": log.origin,
                    "city": log.city.name,
                    "size": max(sizes),
                    "vouched_until": moment(until),
                    "checkpoints": len(sizes),
                }
            )
    return found


def _copy(seen: LogSeen) -> dict[str, Any]:
    point = seen.checkpoint.signed.checkpoint
    return {
        "export": seen.export,
        "origin": seen.origin,
        "size": point.size,
        "root": b64(point.root),
        "sound": seen.sound,
    }


def _relief(one: ReliefSeen, trust: Trust | None) -> dict[str, Any]:
    refs = () if trust is None else trust.members(one.origin)
    return {
        "origin": one.origin,
        "city": trust.member(refs[0]).name if trust is not None and refs else "",
        "index": one.index,
        "statement_id": one.statement_id.hex(),
        "kind": Kind(one.kind).name,
        "listing": {"origin": one.listing_origin, "index": one.listing},
        "published_at": moment(one.progress.published.by),
        "due": one.progress.due.last if one.progress.due else None,
        "members": [_member(member) for member in one.progress.members],
    }


def _member(member: MemberProgress) -> dict[str, Any]:
    return {
        "member": member.member,
        "city": member.city,
        "received_at": moment(member.received.by) if member.received else None,
        "applied_at": moment(member.applied.by) if member.applied else None,
        "lifted": member.lifted is not None,
        "lifted_at": moment(member.lifted.by) if member.lifted else None,
        "verdict": member.verdict.value,
    }


def _erasures(seen: LogSeen) -> dict[str, Any]:
    grounds = Counter(one.ground.name.lower() for one in seen.facts.erasures.values())
    return {"origin": seen.origin, "grounds": dict(sorted(grounds.items()))}


def _fork(origin: Origin, proof: ForkProof) -> dict[str, Any]:
    return {"origin": origin, "file": proof.to_bytes().decode()}
