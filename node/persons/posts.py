"""Units and posts 单位、岗位 of persons: as the configuration says, else as their account does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from federation.persons import normal_person


class Post(NamedTuple):
    """Where a person works; empty where nobody has said it."""

    unit: str = ""
    post: str = ""


class Posts:
    """Says where persons work, as of now; any thread."""

    def __init__(
        self, configured: Mapping[str, Post], account: Callable[[str], Post | None]
    ) -> None:
        """Wire it.

        Args:
            configured: by name, of the configuration.
            account: what the account of a name says; None where there is none.
        """
        self._configured = {normal_person(name): post for name, post in configured.items()}
        self._account = account

    def of(self, person: str) -> Post:
        """Where a person works."""
        configured = self._configured.get(normal_person(person))
        return configured or self._account(person) or Post()
