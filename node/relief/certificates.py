"""Makes certificates of repair 信用修复结果跨区域执行情况证明 of what is held (SPEC §8.5).

At the origin, or at any member to whom the relief was said. The opening of the relief is kept for
its subject also when everything else of the record is erased; of the listing only the leaf is
shown. Who asks says whose certificate it is to be, so that no firm gets another's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from adapters.state.keyring import KeyRing
from crypto.document import seal_document
from crypto.keys import Signer
from crypto.proof import Disclosure, parse_proof
from federation.charters.chain import CharterChain
from federation.errors import RefusedError
from federation.facts import PayloadReader
from federation.ids import Origin, StatementId, Timestamp
from federation.payloads import Listing, Penalty, Receipt, Relief
from federation.ports.store import LogHead, ReadSession, Store
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.certificate import (
    CertificateFacts,
    executing,
    verify_certificate,
)
from federation.relief.document_keys import document_keys
from federation.relief.evidence import (
    MAX_AUTHORITY,
    Disclosed,
    Evidence,
    PageVersion,
    ProvedLeaf,
    write_evidence,
)
from federation.rows import ADVERSE_KINDS, RELIEF_KINDS, State, StatementRow
from federation.statements import Kind, parse_header
from node.charters.view import TrustView
from node.records.proofs import ProofBundle, Proofs
from node.relief.typesetting import page_version, render_html, set_page

_RECEIPTS: Final = 256
_SKEW: Final = 86_400
"""Seconds by which clocks of members may differ before a receipt is not looked at."""
_ENDED: Final = (State.REPAIRED, State.WITHDRAWN)


class Certificate(NamedTuple):
    """A certificate as it is handed over."""

    number: str
    pdf: bytes
    html: bytes


class Certificates:
    """Makes them."""

    def __init__(  # noqa: PLR0913 - wired once, in node.relief.wiring
        self,
        *,
        own: Origin,
        store: Store,
        keyring: KeyRing,
        payloads: PayloadReader,
        proofs: Proofs,
        trust: Callable[[], TrustView],
        chains: Callable[[], Sequence[CharterChain]],
        signer: Signer | None,
        now: Callable[[], Timestamp],
        authorities: Mapping[str, str],
    ) -> None:
        """Wire it; `signer` is our document key, None where the node has none.

        `authorities` are names of authorities by their codes, for listings that are erased here.
        """
        self._authorities = authorities
        self._own = own
        self._store = store
        self._keyring = keyring
        self._payloads = payloads
        self._proofs = proofs
        self._trust = trust
        self._chains = chains
        self._signer = signer
        self._now = now

    def certificate(
        self, statement: StatementId, subject: str, check: str = "", report: bytes = b""
    ) -> Certificate:
        """Make, set and seal a certificate.

        Args:
            statement: the listing that was relieved, or the relief.
            subject: code of the firm that asks.
            check: address at which the certificate may be checked, in ASCII.
            report: signed note of an audit's report that is cited; empty for none.

        Raises:
            RefusedError: as `evidence`; `repair-certificate.no-document-key`,
                `repair-certificate.no-font`.
        """
        if self._signer is None:
            message = f"{self._own} has no document key: huxin keys document --new"
            raise RefusedError("repair-certificate.no-document-key", message)
        page = page_version()
        evidence = self.evidence(statement, subject, page, check, report)
        facts = verify_certificate(evidence, self._payloads)
        keys, _ = document_keys(self._own_chains(), self._own, facts.last_proved_at)
        if self._signer.verifier not in keys:
            message = f"no charter names the document key {self._signer.verifier} of this node"
            raise RefusedError("repair-certificate.no-document-key", message)
        data = write_evidence(evidence)
        return Certificate(
            number=evidence.number,
            pdf=seal_document(set_page(facts, data), self._signer),
            html=render_html(facts),
        )

    def evidence(
        self,
        statement: StatementId,
        subject: str,
        page: PageVersion,
        check: str = "",
        report: bytes = b"",
    ) -> Evidence:
        """Gather the evidence; what is gathered proves what it should.

        Raises:
            RefusedError: `record.unknown`; `repair-certificate.not-relieved`;
                `repair-certificate.forked`;
                `repair-certificate.opening-missing`; `repair-certificate.other-subject`;
                `repair-certificate.not-cosigned`, while no other node has cosigned the relief.
        """
        with self._store.read() as session:
            heads = {head.log: head for head in session.heads()}
            relief, listing = self._found(session, statement)
            self._check_unforked(session, heads, (relief, listing))
            said = self._disclosed(relief)
            payload = self._relief(said, relief, subject)
            receipts = self._receipts(session, heads, payload, relief, listing)
            name = self._named(session, heads, payload, listing)
        return self._checked(
            Evidence(
                by=self._own,
                at=self._now(),
                check=check,
                page=page,
                charters=tuple(chain.envelopes for chain in self._charters(payload)),
                listing=self._leaf(listing),
                relief=said,
                receipts=receipts,
                report=report,
                authority=name,
            )
        )

    def _checked(self, evidence: Evidence) -> Evidence:
        facts: CertificateFacts = verify_certificate(evidence, self._payloads)
        if facts.proved_at is None:
            message = (
                f"expected a checkpoint above {facts.relief_index} of {facts.relief_origin} that "
                "another node cosigned, got none yet; once a member or witness has it, ask again"
            )
            raise RefusedError("repair-certificate.not-cosigned", message)
        return evidence

    def _found(
        self, session: ReadSession, statement: StatementId
    ) -> tuple[StatementRow, StatementRow]:
        """The relief and the listing that it ended."""
        rows = session.rows_by_id(None, [statement])
        if not rows:
            message = f"no statement {statement.hex()} is held here"
            raise RefusedError("record.unknown", message)
        row = rows[0]
        if row.kind in RELIEF_KINDS:
            (leaf,) = session.leaves_at([(row.log, row.idx)])
            listings = session.rows_by_id(None, [parse_header(leaf).about])
            reliefs = [row]
        else:
            listings = [row]
            reliefs = [r for r in session.rows_about([statement]) if r.kind in RELIEF_KINDS]
        listings = [one for one in listings if one.kind in ADVERSE_KINDS]
        standing = [one for one in reliefs if one.state == State.IN_FORCE]
        if not listings or not standing or listings[0].state not in _ENDED:
            message = f"{statement.hex()} is not relieved: no relief of it stands here"
            raise RefusedError("repair-certificate.not-relieved", message)
        return min(standing, key=lambda one: (one.log, one.idx)), listings[0]

    def _check_unforked(
        self,
        session: ReadSession,
        heads: dict[int, LogHead],
        rows: Sequence[StatementRow],
    ) -> None:
        forked = {origin for origin, _ in session.forks()}
        for origin in (Origin(heads[row.log].origin) for row in rows):
            if origin in forked:
                message = f"{origin} has shown two histories: its times prove nothing"
                raise RefusedError("repair-certificate.forked", message)

    def _relief(self, said: Disclosed, row: StatementRow, subject: str) -> Relief:
        payload = self._payloads.decode(row.kind, said.disclosure.payload)
        if not isinstance(payload, Relief):
            message = f"expected a relief, got a {type(payload).__name__}"
            raise RefusedError("repair-certificate.not-relieved", message)
        code = "" if payload.record is None else payload.record.code
        if subject != code:
            message = "the relief is of another subject, or says no code of its subject"
            raise RefusedError("repair-certificate.other-subject", message)
        return payload

    def _named(
        self,
        session: ReadSession,
        heads: dict[int, LogHead],
        payload: Relief,
        listing: StatementRow,
    ) -> str:
        """The name of the authority that decided, as far as we know one; nothing proves it."""
        origin = heads[listing.log].origin
        stored = session.openings(listing.log, [listing.idx])
        for _, opening in self._keyring.held_openings(origin, stored):
            said = self._payloads.decode(listing.kind, opening.payload)
            if isinstance(said, Listing | Penalty) and said.authority == payload.authority:
                return said.authority_name[:MAX_AUTHORITY]
        return self._authorities.get(payload.authority, "")[:MAX_AUTHORITY]

    def _charters(self, payload: Relief) -> Sequence[CharterChain]:
        """The charters of the relief's audience that we hold."""
        wanted = payload.audience.charters
        chains = [chain for chain in self._chains() if chain.id in wanted]
        ours = {chain.id for chain in self._own_chains()}
        return [chain for chain in chains if chain.id in ours] or self._own_chains()

    def _own_chains(self) -> Sequence[CharterChain]:
        """The charters that name our own log."""
        return [
            chain
            for chain in self._chains()
            if any(self._own in member.origins for member in chain.latest.terms.members)
        ]

    def _receipts(
        self,
        session: ReadSession,
        heads: dict[int, LogHead],
        payload: Relief,
        relief: StatementRow,
        listing: StatementRow,
    ) -> tuple[Disclosed, ...]:
        """Of each member the first proved word that it applied and that it lifted."""
        trust = self._trust().trust
        origins = {heads[row.log].origin for row in (relief, listing)}
        wanted = {
            (heads[relief.log].origin, relief.idx): ReceiptOutcome.APPLIED,
            (heads[listing.log].origin, listing.idx): ReceiptOutcome.LIFTED,
        }
        (leaf,) = session.leaves_at([(relief.log, relief.idx)])
        since = max(0, parse_header(leaf).issued_at - _SKEW)
        speakers = executing(trust, payload, Origin(heads[listing.log].origin))
        chosen: dict[StatementId, Disclosed] = {}
        for origin, _ in speakers:
            logs = [h for h in heads.values() if h.origin in trust.chain(origin)]
            found: dict[ReceiptOutcome, tuple[bool, StatementId, Disclosed]] = {}
            for head in sorted(logs, key=lambda one: one.log):
                for statement, receipt in self._said(session, head, since):
                    for outcome in _outcomes(receipt, wanted, origins):
                        if outcome not in found or not found[outcome][0]:
                            one, proved = self._proved(statement)
                            if outcome not in found or proved:
                                found[outcome] = proved, statement, one
            chosen |= {statement: one for _, statement, one in found.values()}
        return tuple(chosen.values())

    def _said(
        self, session: ReadSession, head: LogHead, since: int
    ) -> Iterator[tuple[StatementId, Receipt]]:
        """The receipts of a log since a time, with their ids."""
        after: tuple[int, int] | None = None
        while rows := session.list_rows(
            log=head.log,
            kinds=[Kind.RECEIPT],
            states=[State.IN_FORCE],
            after=after,
            limit=_RECEIPTS,
        ):
            after = head.log, rows[-1].idx
            leaves = session.leaves_at([(row.log, row.idx) for row in rows])
            headers = {row.idx: parse_header(leaf) for row, leaf in zip(rows, leaves, strict=True)}
            recent = [index for index, header in headers.items() if header.issued_at >= since]
            stored = sorted(session.openings(head.log, recent), key=lambda one: one.index)
            for one, opening in self._keyring.held_openings(head.origin, stored):
                payload = self._payloads.decode(Kind.RECEIPT, opening.payload)
                if isinstance(payload, Receipt) and one.index < head.note_size:
                    yield headers[one.index].statement_id, payload

    def _disclosed(self, row: StatementRow) -> Disclosed:
        return _opened(self._proofs.proof(StatementId(row.statement_id)))

    def _proved(self, statement: StatementId) -> tuple[Disclosed, bool]:
        bundle = self._proofs.proof(statement)
        return _opened(bundle), bundle.first_cosigned_at > 0

    def _leaf(self, row: StatementRow) -> ProvedLeaf:
        bundle = self._proofs.proof(StatementId(row.statement_id))
        return ProvedLeaf(leaf=bundle.leaf, proof=parse_proof(bundle.proof))


def _outcomes(
    receipt: Receipt, wanted: dict[tuple[Origin, int], ReceiptOutcome], origins: Collection[Origin]
) -> Iterator[ReceiptOutcome]:
    """What a receipt says of what is wanted."""
    if receipt.origin not in origins:
        return
    for (origin, index), outcome in wanted.items():
        if receipt.origin == origin and any(
            batch.outcome == outcome and index in batch.indices for batch in receipt.batches
        ):
            yield outcome


def _opened(bundle: ProofBundle) -> Disclosed:
    if bundle.salt is None or bundle.payload is None:
        message = f"the opening of leaf {bundle.index} of {bundle.origin} is not held here"
        raise RefusedError("repair-certificate.opening-missing", message)
    return Disclosed(
        leaf=bundle.leaf,
        disclosure=Disclosure(
            proof=parse_proof(bundle.proof), salt=bundle.salt, payload=bundle.payload
        ),
    )
