"""Errors of the rules, each with a stable code (`identity.name-mismatch`).

FederationError
├── StatementError    a leaf, header or payload is not what the specification says
├── CharterError      a charter, its signatures or chain, or a request to join is not valid
├── EntitlementError  the speaker may not say this
├── ReplicationError  a peer delivered something that does not prove
├── ForkError         two signed histories contradict each other; carries the proof
├── WitnessError      an add-checkpoint request is refused; carries the code of C2SP
└── RefusedError      a local request goes against a rule or the state; the operator's to mend
"""

from __future__ import annotations


class FederationError(Exception):
    """Root of the errors of `federation`; `code` is stable, `str()` says expected and got."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StatementError(FederationError):
    """The speaker's fault: set the statement aside with the code, go on with the log."""


class CharterError(FederationError):
    """The charter file's fault: keep the version in force and show the message."""


class EntitlementError(FederationError):
    """The speaker's fault: the statement has no effect; relief is never refused by this."""


class ReplicationError(FederationError):
    """The deliverer's fault: drop the batch, blame the deliverer, ask by another path."""


class RefusedError(FederationError):
    """The request's fault: nothing was changed; the message says what to do."""
