"""The persons of a node: whose signed word it takes for proposals, adoptions and decisions.

`[persons]` of the configuration names them. Where it names none, persons are names that the
operator types, and nothing is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from crypto.keys import VerifierKey
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.persons import Sort, Word, check_fresh, check_word, read_persons, read_word

NOTE_ENDING: Final = ".note"
"""Of the file beside an edition or a mapping that holds its signed word."""


class Persons:
    """Checks what persons signed."""

    def __init__(
        self, *, origin: Origin, configured: Mapping[str, str], now: Callable[[], Timestamp]
    ) -> None:
        """Read the keys.

        Raises:
            RefusedError: `person.key`, `person.same-key`.
        """
        self._origin = origin
        self._keys = read_persons(configured)
        self.now = now
        """The node's clock."""

    @property
    def keys(self) -> Mapping[str, VerifierKey]:
        """By name; none where nothing is signed here."""
        return self._keys

    def check_known(self, person: str) -> None:
        """Refuse a name that is none of the persons, where there are any.

        Raises:
            RefusedError: `person.unknown`.
        """
        if self._keys and person not in self._keys:
            message = f"{person}: expected one of [persons]: {', '.join(self._keys)}"
            raise RefusedError("person.unknown", message)

    def heard(
        self,
        note: str,
        sort: Sort,
        body: str,
        persons: Sequence[str],
        *,
        since: Timestamp = Timestamp(0),
        earlier: Iterable[str] = (),
    ) -> str:
        """Check a word that was given with a request.

        Args:
            note: the word; empty where none was given.
            sort: what the request is about.
            body: what the request would do.
            persons: who is said to say so.
            since: when something was said last of the same matter.
            earlier: the words said of it.

        Returns:
            The word, to be kept; empty where the node names no persons.

        Raises:
            RefusedError: `person.…`: see `federation.persons`; `person.unsigned`.
        """
        if not self._keys:
            if note:
                message = "a signed word was given, but [persons] of huxin.toml names nobody"
                raise RefusedError("person.unknown", message)
            return ""
        for person in persons:
            self.check_known(person)
        if not note:
            message = f"expected the signed word of {', '.join(persons)}; see --key"
            raise RefusedError("person.unsigned", message)
        self.check_kept(note, sort, body, persons, self._keys)
        check_fresh(note, self.now(), since, earlier)
        return note

    def check_kept(
        self,
        note: str,
        sort: Sort,
        body: str,
        persons: Sequence[str],
        keys: Mapping[str, VerifierKey],
    ) -> None:
        """Check a word whenever it was said.

        Raises:
            RefusedError: see `federation.persons.check_word`.
        """
        word = Word(origin=self._origin, sort=sort, at=read_word(note).at, body=body)
        check_word(note, word, persons, keys)
