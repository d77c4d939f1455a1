"""The query logs of an audit: until when and how far other members vouched for each."""

from __future__ import annotations

from federation.audit.alliance_report import City, QueryLogSeen
from federation.audit.histories import Seen, kept
from federation.charters.trust import Trust
from federation.ids import Origin
from node.audit.verifying import Audited


def query_logs(audited: Audited, trust: Trust) -> list[QueryLogSeen]:
    """The query logs of the members, with what other members vouched for."""
    found: list[QueryLogSeen] = []
    for alliance in trust.alliances:
        for member in alliance.charter.terms.members:
            own = set(member.keys.witness)
            others = [key for key in trust.witness_keys() if key not in own]
            for key in member.keys.query_log:
                seen: list[Seen] = [one for signer, one in audited.queries if signer == key]
                city = City(member.region, member.name)
                notes = tuple(kept(seen, others, ()))
                found.append(QueryLogSeen(origin=Origin(key.name), city=city, notes=notes))
    return found
