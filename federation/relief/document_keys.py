"""The keys by which a node may have sealed a certificate (SPEC §8.4, CT13)."""

from __future__ import annotations

from collections.abc import Iterable

from crypto.keys import VerifierKey
from federation.charters.chain import CharterChain
from federation.charters.values import Member
from federation.ids import Origin, Timestamp


def document_keys(
    chains: Iterable[CharterChain], by: Origin, last_proved_at: Timestamp | None
) -> tuple[tuple[VerifierKey, ...], tuple[VerifierKey, ...]]:
    """Keys by which the maker's node may have sealed (SPEC §8.4).

    Returns:
        Those that count: of the newest version, and of an older one if the evidence is proved to
        be older than the version that dropped them; then those of which the time is not proved.
    """
    good: dict[VerifierKey, None] = {}
    doubtful: dict[VerifierKey, None] = {}
    for chain in chains:
        newest = chain.latest
        listed = dict.fromkeys(_sealing(newest.terms.members, by), newest)
        good |= dict.fromkeys(listed)
        for version, after in zip(chain.versions, chain.versions[1:], strict=False):
            for key in _sealing(version.terms.members, by):
                if key in _sealing(after.terms.members, by):
                    continue
                before = last_proved_at is not None and last_proved_at < after.terms.issued_at
                (good if before else doubtful)[key] = None
    return tuple(good), tuple(key for key in doubtful if key not in good)


def _sealing(members: Iterable[Member], by: Origin) -> frozenset[VerifierKey]:
    return frozenset(key for one in members if by in one.origins for key in one.keys.document)
