"""Requests to join that wait for members' signatures, as a document; only read, nothing is settled.

`huxin charter pending -o json` and HTTP give the same rows. Who approves or refuses does so on the
machine, with the charter's key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from federation.charters.chain import CharterChain
from node.charters.joining import Pending, Waiting, is_in, taken

BETWEEN: Final = "; "


class WaitingRequests:
    """What waits in the directory of a running node; any thread, blocks."""

    def __init__(self, directory: Path, chains: Callable[[], Sequence[CharterChain]]) -> None:
        """Use the node's directory, and the charters of the moment."""
        self._directory = directory
        self._chains = chains

    def document(self) -> dict[str, Any]:
        """The requests of pinned alliances that no version in force has taken in."""
        pending, chains = Pending(self._directory), {one.id: one for one in self._chains()}
        rows = [
            row_of(chains[one.request.charter], one)
            for one in pending.all()
            if one.request.charter in chains
            and not is_in(chains[one.request.charter].latest.terms, one)
        ]
        return document(rows, (error.code for error in pending.damaged()))


def document(rows: Sequence[dict[str, Any]], damaged: Iterable[str]) -> dict[str, Any]:
    """The document of rows, and of the codes of requests that cannot be read."""
    return {"pending": list(rows), "damaged": list(damaged)}


def row_of(chain: CharterChain, waiting: Waiting) -> dict[str, Any]:
    """One request; `trouble` has texts `Chinese / English`, with `BETWEEN` between them."""
    member = waiting.request.member
    troubles = [one.detail for one in taken(chain.latest.terms, member) if one.state == "wrong"]
    return {
        "id": waiting.id,
        "alliance": chain.latest.terms.name,
        "name": member.name,
        "region": member.region,
        "roles": [role.value for role in member.roles],
        "votes": member.charter_key is not None,
        "fingerprint": waiting.fingerprint,
        "since": waiting.request.issued_at,
        "until": waiting.request.not_after,
        "endpoints": list(member.endpoints),
        "trouble": BETWEEN.join(troubles),
    }
