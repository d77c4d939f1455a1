"""What the application for strangers needs of a node: its logs as files, and its witness.

Every call says who asks: a member by its exact certificate, or nobody that is known. They block,
and are made on threads for such calls.
"""

from __future__ import annotations

from typing import Protocol

from federation.ids import MemberId


class LogFiles(Protocol):
    """`node.audit.shown_logs.ShownLogs`.

    What gives bytes raises:
        RefusedError: `tiles.unknown`: there is no such file; `tiles.members-only`.
        AdapterError: the store.
    """

    def member(self, certificate: bytes) -> MemberId | None:
        """Who has exactly this certificate (DER); None for nobody's, and for none."""
        ...

    def is_public(self, log: str) -> bool:
        """Whether everyone may see a log."""
        ...

    def checkpoint(self, log: str, member: MemberId | None) -> bytes:
        """The newest checkpoint of a log, named by its folder."""
        ...

    def tile(self, log: str, path: str, member: MemberId | None) -> bytes:
        """A tile, by its path below `tile/`."""
        ...

    def opening(self, log: str, path: str, member: MemberId | None) -> bytes:
        """An opening of an open kind, by its path below `openings/`."""
        ...

    def charter(self, alliance: str, version: str, member: MemberId | None) -> bytes:
        """A version of a charter."""
        ...


class WitnessCalls(Protocol):
    """`node.audit.shown_witness.ShownWitness`."""

    def add_checkpoint(self, body: bytes, member: MemberId | None, address: str) -> bytes:
        """Cosign a checkpoint; the signature lines.

        Raises:
            WitnessError: refused, with the status of the specification.
            FederationError: not now, or not to this caller.
            AdapterError: the store.
        """
        ...

    def cosigned_last(self, origin_hash: str, member: MemberId | None) -> bytes:
        """The checkpoint of a log that was cosigned last.

        Raises:
            RefusedError: `tiles.unknown`: none was; `tiles.members-only`.
            AdapterError: the store.
        """
        ...
