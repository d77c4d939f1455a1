"""The versions of one alliance as a node holds them, and forks between them (SPEC §7.2).

Two valid charters of one version are a proof that voting members signed twice. From then on
nothing is punished under the charter, while relief and the exchange go on, until a version says
which branch continues:

- it follows one branch by the ordinary rules (`charter.verify_step`);
- it names the digest of the other in `previous_conflicting`;
- two thirds (rounded up) of the voting members of the last version that both branches share have
  signed it. That version is the same for every reader, and neither branch can choose its voters.

Whatever arrives first is kept as the trunk; the proof does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import TypeAlias

from crypto.dsse import Envelope
from federation.charters.verification import (
    Charter,
    Conflict,
    Terms,
    check_alliance,
    read_envelope,
    signers,
    two_thirds,
    verify_first,
    verify_next,
    verify_step,
)
from federation.errors import CharterError
from federation.ids import CharterId

Read: TypeAlias = tuple[Envelope, Terms]
"""What `read_envelope` made of an envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterFork:
    """Two valid charters of one version; both envelopes prove it to anyone who holds `parent`.

    Attributes:
        parent: the last version that both branches share.
        held: the version of the trunk.
        other: the conflicting version, and what is known to follow it.
    """

    parent: Charter
    held: Charter
    other: tuple[Charter, ...]

    @property
    def proof(self) -> tuple[bytes, bytes]:
        """The two contradicting envelopes, verbatim."""
        return self.held.envelope, self.other[0].envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVersion:
    """The newest version of a charter that somebody holds: its number, and SHA-256 of its text."""

    charter: CharterId
    version: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CharterChain:
    """Versions 1 to N, each verified against the one before, and the unsettled forks."""

    versions: tuple[Charter, ...]
    forks: tuple[CharterFork, ...] = ()

    @property
    def latest(self) -> Charter:
        """The newest version of the trunk."""
        return self.versions[-1]

    @property
    def id(self) -> CharterId:
        """The alliance."""
        return self.latest.id

    @property
    def envelopes(self) -> tuple[bytes, ...]:
        """Every envelope held, in an order in which `advance` takes them again."""
        branches = tuple(charter for fork in self.forks for charter in fork.other)
        return tuple(charter.envelope for charter in self.versions + branches)

    @property
    def held(self) -> HeldVersion:
        """What to tell a peer of this chain, so that it leaves out what is known here."""
        latest = self.latest
        return HeldVersion(charter=self.id, version=latest.terms.version, digest=latest.digest)

    def beyond(self, held: Iterable[HeldVersion]) -> tuple[bytes, ...]:
        """The envelopes that somebody needs who holds these versions, in the order of `envelopes`.

        Left out is what leads to a version that both hold, byte for byte, in the trunk. Who names
        another digest, or a version that is not here, gets all: one of us may hold a fork. Branches
        are told to everybody.
        """
        shared = max(
            (
                one.version
                for one in held
                if one.charter == self.id
                and 0 < one.version <= len(self.versions)
                and self.versions[one.version - 1].digest == one.digest
            ),
            default=0,
        )
        return self.envelopes[shared:]

    def knows(self, version: int, digest: bytes) -> bool:
        """Whether this is held, or was set aside by a version that settled a fork.

        The number counts too: it chose whose two thirds were asked for.
        """
        branches = [charter for fork in self.forks for charter in fork.other]
        held = {charter.digest for charter in (*self.versions, *branches)}
        return digest in held or any(
            Conflict(version=version, digest=digest) in charter.terms.previous_conflicting
            for charter in self.versions
        )


def begin_chain(data: bytes, pinned: CharterId) -> CharterChain:
    """Begin with version 1.

    Raises:
        CharterError: as `charter.verify_first`.
    """
    return CharterChain(versions=(verify_first(data, pinned),))


def prove_fork(parent: Charter, one: bytes, other: bytes) -> CharterFork:
    """Verify the proof of a fork: two different valid versions after `parent`.

    Raises:
        CharterError: one of them is not valid after `parent`, or they are the same
            (`charter.no-fork`).
    """
    held, second = verify_next(parent, one), verify_next(parent, other)
    if held.digest == second.digest:
        message = f"charter: expected two versions {held.terms.version}, got one twice"
        raise CharterError("charter.no-fork", message)
    return CharterFork(parent=parent, held=held, other=(second,))


def advance(chain: CharterChain, data: bytes, read: Read | None = None) -> CharterChain:
    """Take an envelope of this alliance; returns the same chain if it says nothing new.

    `read` is what `read_envelope` made of the same bytes, where they were read before.

    Raises:
        CharterError: it follows nothing that is held (`charter.version` if its number is beyond
            the next one, else `charter.previous`), settles a fork without two thirds
            (`charter.settlement`), or a code of `charter.verify_step`. The chain in force stays.
    """
    envelope, terms = read = read or read_envelope(data)
    if chain.knows(terms.version, sha256(envelope.payload).digest()):
        return chain
    check_alliance(chain.id, terms)
    if terms.previous == chain.latest.digest:
        return _extend_trunk(chain, data, read)
    for fork in chain.forks:
        if terms.previous == fork.other[-1].digest:
            return _extend_branch(chain, fork, data, read)
    for parent, held in pairwise(chain.versions):
        if terms.previous == parent.digest:
            other = _verify_after(chain.versions[: parent.terms.version], data, read)
            fork = CharterFork(parent=parent, held=held, other=(other,))
            return replace(chain, forks=(*chain.forks, fork))
    newest = max(len(chain.versions), *(one.other[-1].terms.version for one in chain.forks), 0)
    got = "none" if terms.previous is None else terms.previous.hex()
    message = f"charter: expected a version that follows one held, got {terms.version} after {got}"
    code = "charter.version" if terms.version > newest + 1 else "charter.previous"
    raise CharterError(code, message)


def _extend_trunk(chain: CharterChain, data: bytes, read: Read) -> CharterChain:
    charter = _verify_after(chain.versions, data, read)
    open_forks = tuple(fork for fork in chain.forks if not _names(charter, fork.other[0]))
    return CharterChain(versions=(*chain.versions, charter), forks=open_forks)


def _extend_branch(chain: CharterChain, fork: CharterFork, data: bytes, read: Read) -> CharterChain:
    """Follow the branch that is not the trunk; if the version settles the fork, it becomes it."""
    shared = fork.parent.terms.version
    branch = (*chain.versions[:shared], *fork.other)
    charter = _verify_after(branch, data, read)
    if not _names(charter, fork.held):
        longer = replace(fork, other=(*fork.other, charter))
        forks = tuple(longer if one is fork else one for one in chain.forks)
        return replace(chain, forks=forks)
    still = tuple(
        one
        for one in chain.forks
        if one.parent.terms.version < shared and not _names(charter, one.other[0])
    )
    return CharterChain(versions=(*branch, charter), forks=still)


def _names(charter: Charter, set_aside: Charter) -> bool:
    """Whether a version names another as not continued, by number and digest."""
    conflict = Conflict(version=set_aside.terms.version, digest=set_aside.digest)
    return conflict in charter.terms.previous_conflicting


def _verify_after(history: tuple[Charter, ...], data: bytes, read: Read) -> Charter:
    """Verify a version after the last of `history`, with the two thirds for what it settles."""
    charter, envelope = verify_step(history[-1], data, read)
    for conflict in charter.terms.previous_conflicting:
        shared = history[conflict.version - 2]
        signed = signers(envelope, shared.terms)
        if not two_thirds(len(signed), len(shared.terms.voters)):
            message = (
                f"charter: expected two thirds of the {len(shared.terms.voters)} voting members "
                f"of version {shared.terms.version}, got {sorted(signed)}"
            )
            raise CharterError("charter.settlement", message)
    return charter
