"""Credentials as docs/operations/access.md describes them."""

from __future__ import annotations

from typing import Any, Protocol

from node.documents import answers


class Made(answers.Told, Protocol):
    """The answer to who makes a credential."""

    @property
    def token(self) -> str:
        """Shown this once; empty where there is a certificate."""
        ...


def made(answer: Made) -> dict[str, Any]:
    """A new credential, with its token."""
    return answers.document(answer) | {"token": answer.token}
