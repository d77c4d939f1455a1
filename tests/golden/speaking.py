"""One node of the story that says things by its publisher, as the program does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

from crypto.commitment import Committer
from crypto.merkle import leaf_hash
from federation import payloads as p
from federation.ids import NO_STATEMENT, Date, LeafHash, Origin, StatementId
from federation.own_log import Draft, Sealed, make_leaves
from federation.statements import (
    HEADER_SIZE,
    AnnotationAction,
    Kind,
)
from node.charters.book import CharterBook
from node.codec import ProtobufPayloads
from node.log.units import Unit
from node.publishing.submissions import Published, Submission
from node.system.entropy import token
from tests.support.federation_dirs import (
    WiredNode,
    listing_of,
)

LATER = 255
"""A leaf's version, and a payload's `min_reader`, that no reader will have for long."""
PAYLOADS = ProtobufPayloads()


class Speaker:
    """One node that says things by its publisher, as the program does."""

    def __init__(self, node: WiredNode) -> None:
        self.node = node
        self.requests = 0

    def say(
        self,
        kind: int,
        payload: p.Payload | bytes,
        *,
        action: int = 0,
        about: bytes = NO_STATEMENT,
        flags: int = 0,
        statement_id: bytes = b"",
    ) -> Published:
        """Say something without asking whether it may be said."""
        raw = payload if isinstance(payload, bytes) else PAYLOADS.encode(payload)
        draft = Draft(
            kind=kind,
            action=action,
            flags=flags,
            about=StatementId(about),
            statement_id=StatementId(statement_id or token(16)),
            payload=raw,
        )
        found: list[Published] = []
        unit = Unit(
            drafts=lambda _: [draft],
            record=lambda _, placed: found.extend(
                Published(statement_id=one.statement_id, origin=self.node.origin, index=one.index)
                for one in placed
            ),
        )
        return self.node.submit(Submission(unit=unit, published=found))

    def say_later(self, kind: int, payload: p.Payload, *, about: bytes, flags: int) -> Published:
        """Say something in a leaf of a version that is not known."""
        with mock.patch("node.log.publisher.make_leaves", _later):
            return self.say(kind, payload, about=about, flags=flags)

    def publish(
        self, kind: int, payload: p.Payload, *, action: int = 0, about: bytes = b""
    ) -> Published:
        """Publish as a command does: checked against rights and what stands."""
        draft = (int(kind), int(action), about, payload)
        return self.node.submit(self.node.registry.publish(self._request(), [draft], ""))

    def list_(self, number: int, **changes: Any) -> Published:
        """List an invented subject."""
        return self.publish(Kind.LISTING, self.listing(number, **changes))

    def listing(self, number: int, **changes: Any) -> p.Listing:
        """The content of a listing, with its audience."""
        said = {"audience": self.audience, **changes}
        return replace(listing_of(self.node.me, number), **said)

    def relieve(self, kind: Kind, about: Published) -> Published:
        """Say a relief."""
        return self.node.submit(
            self.node.registry.relieve(
                self._request(),
                kind=kind,
                statement_id=about.statement_id,
                document=f"川修〔2026〕{self.requests}号",
                decided_on=Date(20261121),
            )
        )

    def relist(self, relief: Published, content: p.Listing, by: Sequence[str]) -> Published:
        """Say a relisting that revokes a relief obtained by fraud."""
        return self.node.submit(
            self.node.registry.relist(
                self._request(),
                relief=relief.statement_id,
                document=f"川修〔2026〕{self.requests}号",
                decided_on=Date(20261121),
                ground=p.RelistingGround.FRAUD,
                by=by,
                note="",
                listing=content,
            )
        )

    def annotate(self, about: Published, *actions: AnnotationAction) -> None:
        """Annotate a listing, one action after the other."""
        for action in actions:
            self.node.submit(
                self.node.registry.annotate(
                    self._request(),
                    statement_id=about.statement_id,
                    action=action,
                    document=f"川注〔2026〕{self.requests}号",
                    decided_on=Date(20261121),
                )
            )

    def correct(self, about: Published, listing: p.Listing, **changes: Any) -> p.Correction:
        """The content of a CORRECTION of a listing's own leaf."""
        return p.Correction(
            audience=listing.audience,
            replaces=self.reference(about).leaf_hash,
            payload=replace(listing, **changes),
        )

    def reference(self, said: Published) -> p.Reference:
        """Name a leaf of this node's log."""
        with self.node.store.read() as session:
            head = session.head(said.origin)
            assert head is not None
            (leaf,) = session.leaves(head.log, said.index, said.index + 1)
        return p.Reference(
            origin=said.origin, index=said.index, leaf_hash=LeafHash(leaf_hash(leaf))
        )

    @property
    def charters(self) -> CharterBook:
        assert isinstance(self.node.parts.charters, CharterBook)
        return self.node.parts.charters

    @property
    def audience(self) -> p.Audience:
        """All of this node's alliances."""
        (alliance,) = self.charters.view().trust.alliances
        return p.Audience(charters=(alliance.id,), purposes=alliance.charter.terms.purposes)

    def _request(self) -> str:
        self.requests += 1
        return f"{self.requests:032x}"


def _later(origin: Origin, drafts: Sequence[Draft], salts: bytes, issued_at: Any) -> list[Sealed]:
    commit = Committer(origin).commit
    made = []
    for sealed in make_leaves(origin, drafts, salts, issued_at):
        header = bytes([LATER]) + sealed.leaf[1:HEADER_SIZE]
        commitment = commit(sealed.opening.salt, header, sealed.opening.payload)
        made.append(sealed._replace(leaf=header + commitment))
    return made
