"""Logs of which two histories are proved: proofs taken, made, kept and passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from crypto.checkpoint import peek_checkpoint
from crypto.errors import CryptoError
from crypto.fork import ForkProof, bare_fork, parse_fork
from federation.errors import FederationError
from federation.ids import Origin
from federation.ports.store import Store
from node.charters.view import TrustView
from node.log.redelivery import tell_again

_log = structlog.get_logger()


class Forks:
    """Keeps fork proofs; methods that write run on the store's writer thread."""

    def __init__(
        self,
        *,
        store: Store,
        trust: Callable[[], TrustView],
        tell: Callable[[bytes], None],
        changed: Callable[[], None],
    ) -> None:
        """Wire it; `tell` is called with each new fork file, `changed` after it."""
        self._store = store
        self._trust = trust
        self._tell = tell
        self._changed = changed
        self.origins: set[Origin] = set()
        """Logs of which a proof is held."""
        self.damaged: dict[Origin, str] = {}
        """Logs of which the tiles stored were found not to fit their signed root, and how."""

    def take(self, file: bytes) -> None:
        """Keep a fork file that holds; one that does not is worth nothing and says nothing."""
        self.take_all((file,))

    def take_all(self, files: Iterable[bytes]) -> None:
        """Keep the fork files that hold of those that came together: of each log the first counts.

        Whoever shows many of one log makes nobody verify more than one, and is named once.
        """
        looked, refused = set[Origin](), list[Exception]()
        for file in files:
            try:
                fork = parse_fork(file)
                origin = Origin(peek_checkpoint(fork.smaller).origin)
                if origin in looked or origin in self.origins:
                    continue
                if origin not in self._trust().trust.origins():
                    continue
                looked.add(origin)
                fork = bare_fork(fork, self._trust().log_key(origin))
            except (CryptoError, FederationError) as error:
                refused.append(error)
                continue
            self._keep(origin, fork.to_bytes())
        if refused:
            first = str(refused[0])
            _log.warning("fork file refused", code="fork.invalid", error=first, files=len(refused))

    def proof_of(self, origin: Origin) -> ForkProof:
        """The proof held of a log that is forked."""
        with self._store.read() as snapshot:
            return parse_fork(next(file for log, file in snapshot.forks() if log == origin))

    def accuse(self, origin: Origin, proof: ForkProof) -> None:
        """Keep a proof made here, if it proves: made of damaged tiles it says only that they are.

        A signed root is never contradicted by what a disk has changed, only by another signature.
        """
        try:
            proof = bare_fork(proof, self._trust().log_key(origin))
        except CryptoError as error:
            _log.error("log damaged", code="store.damaged", origin=origin, error=str(error))
            self.damaged[origin] = f"what is stored contradicts its own signed root: {error}"
            return
        self._keep(origin, proof.to_bytes())

    def _keep(self, origin: Origin, file: bytes) -> None:
        """A log has two histories: keep the proof and tell everyone."""
        if origin in self.origins:
            return
        _log.error("two histories", code="log.forked", origin=origin)
        with self._store.write() as transaction:
            head = transaction.add_log(origin, ours=False)
            transaction.put_fork(origin, file)
            tell_again(transaction, head)
        self.origins.add(origin)
        self._tell(file)
        self._changed()
