"""The persons of a node: whose signed word it takes for proposals, adoptions and decisions.

`[persons]` of the configuration names them. Where it names none, persons are names that the
operator types, and nothing is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.keys import VerifierKey
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.persons import (
    Sort,
    Word,
    check_fresh,
    check_word,
    distinct,
    read_persons,
    read_word,
)

NOTE_ENDING: Final = ".note"
"""Of the file beside an edition or a mapping that holds its signed word."""

TWO: Final = 2
"""What widens a penalty, or cannot be taken back, needs so many persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """Persons who agree, and their signed word; empty where the node names no persons."""

    persons: tuple[str, ...]
    note: str


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

    def agreed(
        self,
        by: Iterable[str],
        note: str,
        sort: Sort,
        body: str,
        *,
        code: str,
        needed: int = TWO,
        words: Iterable[str] | None = (),
    ) -> Agreed:
        """Hear persons about an act that asks for several of them (V9).

        Args:
            by: their names, as they were given with the request.
            note: their signed word; empty where none was given.
            sort: what the act is.
            body: what exactly it would do.
            code: of the refusal of too few persons.
            needed: how many different persons must say so.
            words: the words kept so far, of which those of the same matter are looked at; None
                where the age of a word is not asked for.

        Raises:
            RefusedError: `code`; `person.…` where the node names persons.
        """
        persons = distinct(by)
        if len(persons) < needed:
            message = (
                f"expected the names of {needed} persons, got {len(persons)}: names that differ in "
                "blanks, width, case or unseen characters alone are one person"
            )
            raise RefusedError(code, message)
        if words is not None:
            before = [word for word in words if _is_of(word, sort, body)]
            since = max((read_word(word).at for word in before), default=Timestamp(0))
            kept = self.heard(note, sort, body, persons, since=since, earlier=before)
            return Agreed(persons=persons, note=kept)
        if self._keys:
            self._check_given(persons, note)
            self.check_kept(note, sort, body, persons, self._keys)
        return Agreed(persons=persons, note=note if self._keys else "")

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
        self._check_given(persons, note)
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

    def _check_given(self, persons: Sequence[str], note: str) -> None:
        for person in persons:
            self.check_known(person)
        if not note:
            message = f"expected the signed word of {', '.join(persons)}; see huxin sign, and --key"
            raise RefusedError("person.unsigned", message)


def _is_of(note: str, sort: Sort, body: str) -> bool:
    word = read_word(note)
    return (word.sort, word.body) == (sort, body)
