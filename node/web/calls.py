"""What the HTTP application needs of a node.

Two things fulfil it: the desks in this process, and a client of the node's Unix socket. Every call
takes the token as it came and lets the other side find out who asks; it blocks, and is made on a
thread for such calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Calls(Protocol):
    """One node, as departments see it over HTTP.

    Each method but `health` and `exposed` raises (`open_session`, `begin_session` and
    `finish_session` are of whoever signs in):
        RefusedError: `access.…`: the token is nobody's, or this may not be asked with it; and what
            the rules refuse.
        FederationError: the content, or the node is not ready.
        AdapterError: the store.
    """

    def check(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask about one subject for one matter and one case."""
        ...

    def check_batch(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask about many for one matter and one case."""
        ...

    def report_outcome(
        self, token: str, number: str, report: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Report what was done about a match of the answer with this number."""
        ...

    def check_benefit(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask whether a subject may have one benefit."""
        ...

    def list_benefits(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask which benefits a subject may have."""
        ...

    def report_use(self, token: str, number: str, report: Mapping[str, Any]) -> Mapping[str, Any]:
        """Report that the benefit of the answer with this number was used."""
        ...

    def submit_displays(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask which rows of what a third party displays must go."""
        ...

    def acknowledge_displays(
        self, token: str, number: str, said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Say which rows of the batch with this number were taken down."""
        ...

    def matters(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the matters that may be asked for with this token."""
        ...

    def measures(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the measures of the region."""
        ...

    def scenarios(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the scenarios in force."""
        ...

    def scenario(self, token: str, scenario: str) -> Mapping[str, Any]:
        """One scenario in full, by the digits of its id."""
        ...

    def open_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open a session of an account; needs no token."""
        ...

    def begin_session(self) -> Mapping[str, Any]:
        """Begin a session by the identity provider; needs no token."""
        ...

    def finish_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open the session of who came back from there; likewise."""
        ...

    def close_session(self, token: str) -> None:
        """End the session of a token."""
        ...

    def health(self) -> None:
        """Return where questions are answered.

        Raises:
            UnavailableError: they are not, at the moment.
        """
        ...

    def exposed(self, token: str, place: str) -> None:
        """Tell the operator that a token came in a place where others can read it.

        Args:
            token: the token; only the id of its credential is kept.
            place: `url` or `body`.
        """
        ...
