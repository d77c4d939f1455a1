"""What two persons say of an import: begun by one, said by each, counted here.

IM3  The text of a word is made once, and is what everybody signs: each hands in a signature of
     the own over the very bytes that the first one signed, which is not older than the word: none
     is handed in again for a word begun anew (IM9), or for another import. Nobody says a word
     twice; where no person has a key, one credential speaks for one person alone
IM4  A word is begun only about what the try found, or about a mapping that came with the
     import; once somebody has said it, it is not changed. What was begun keeps the import from
     being published until two have said it, or it is taken back while nobody has
IM7  A person may name the word as it was shown, by the digest of its bytes: what somebody began
     anew in between is not said by who has not seen it. The console does so where nobody signs
IM9  Whoever has not said a word may say no to it, and why: it is taken back with what others said
     of it, and the import shows who returned it until a word is begun anew. A no publishes nothing
     and needs no signature; it is kept under the name of who is signed in, or of who typed it at
     the node where nobody has keys, else without one, as the office's
IM10 A word about rows is about those that waited for it when the file was tried: a row that came to
     wait since, as its listing was relieved or the base library was replaced, waits all the same
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.persons import (
    Sort,
    Word,
    check_fresh,
    mapping_body,
    merge_words,
    normal_person,
    word_of_text,
)
from federation.screening.roles import Asker
from node.intake.imported import Import, ImportWord, Said, words_of
from node.intake.row_words import given, words_of_file
from node.persons.roster import TWO, Persons

SORTS: Final = (Sort.ROWS, Sort.MAPPING)


class ImportWords:
    """Begins words and takes signatures; keeps nothing itself."""

    def __init__(self, *, persons: Persons, origin: Origin, now: Callable[[], Timestamp]) -> None:
        """Wire it; `origin` is that of the node, which every word names."""
        self._persons = persons
        self._origin = origin
        self._now = now

    def begin(
        self, one: Import, sort: Sort, says: Sequence[str], reason: str, *, mapping: str, text: str
    ) -> Import:
        """Begin a word, or take back one that nobody has said yet.

        Args:
            one: the import.
            sort: `rows` or `mapping`.
            says: what is said of the rows; nothing takes the word back.
            reason: why.
            mapping: path of the mapping with which it is published, name of a built-in one, or
                empty.
            text: of the mapping that came with it; empty where none did.

        Raises:
            RefusedError: `import.word` (IM4), `import.said`, `rows.two-persons`.
        """
        before = one.word(sort)
        if sort not in SORTS:
            raise _no_word(f"rows, mapping; got {sort}")
        if sort is Sort.MAPPING:
            if not one.own:
                raise _no_word("a mapping that came with the import; got none")
            body = mapping_body(one.own, text)
        elif not says:
            if before is not None and before.said:
                raise _said_already()
            return one.without_word(sort)
        else:
            known = [found["word"] for found in one.awaited()]
            if unknown := sorted(set(says) - set(known)):
                raise _no_word(f"{', '.join(known) or 'nothing'}; got {', '.join(unknown)[:80]}")
            body = words_of_file(
                one.sha256,
                list_type=one.list_type,
                mapping=mapping,
                source=one.source,
                words=words_of(tuple(says), given(reason)),
            )
        if before is not None and before.said:
            if _body(before.text) == body:
                return one
            raise _said_already()
        word = Word(origin=self._origin, sort=sort, at=self._now(), body=body)
        begun = ImportWord(
            sort=sort.value, text=word.text, says=tuple(sorted(says)), reason=reason.strip()
        )
        return one.with_word(begun)

    def say(
        self,
        asker: Asker,
        one: Import,
        sort: Sort,
        person: str,
        note: str,
        shown: str = "",
        refusal: str = "",
        *,
        signed_in: bool = False,
    ) -> Import:
        """Take what one person says.

        Args:
            asker: with whose credential it came.
            one: the import.
            sort: of the word.
            person: who says it.
            note: the word with this person's signature; empty where the node names no persons.
            shown: SHA-256 of the bytes that this person saw, in hexadecimal; may be empty (IM7).
            refusal: why this person does not say it (IM9); empty: it is said.
            signed_in: whether the credential is this person's account.

        Raises:
            RefusedError: `import.word`: no such word was begun, or it was begun anew since it was
                shown (IM7); `import.said-before`,
                `import.same-credential` (IM3); `person.…`.
        """
        word = one.word(sort)
        if word is None:
            raise _no_word("a word that was begun; got none of this sort")
        if shown and shown != sha256(word.text.encode()).hexdigest():
            message = (
                "这一事项在您查看之后已改，请重新查看再确认 / this word was begun anew since "
                "it was shown: look at it as it stands, then say it"
            )
            raise RefusedError("import.word", message)
        if word.whole:
            raise _said_before(person)
        normal = normal_person(person)
        if not normal:
            message = "没有写明是谁 / expected the name of a person, got none"
            raise RefusedError("person.unknown", message)
        if any(normal_person(before.person) == normal for before in word.said):
            raise _said_before(person)
        if refusal.strip():
            own = signed_in or (asker.local and not self._persons.keys)
            who = person.strip() if own else ""
            back = {"sort": sort.value, "person": who, "reason": refusal.strip()}
            return replace(one.without_word(sort), returned=back)
        said = (*word.said, Said(person=person.strip(), credential=asker.credential))
        if not self._persons.keys:
            self._persons.heard(note, sort, _body(word.text), (person,))
            if not asker.local and asker.credential in [one.credential for one in word.said]:
                message = (
                    "另一人须用本人的帐户或凭据确认 / where persons have no keys each says it with "
                    "an account or a credential of the own; expected another one"
                )
                raise RefusedError("import.same-credential", message)
            return one.with_word(replace(word, said=said))
        kept = self._persons.heard(note, sort, _body(word.text), (person.strip(),))
        # What was signed of it before it was begun, or begun anew after a no, is not said of it.
        check_fresh(kept, self._now(), word_of_text(word.text).at, ())
        signed = merge_words(word.note, kept, person.strip())
        text = _text_of(signed)
        return one.with_word(replace(word, text=text, note=signed, said=said))

    def shown(self, word: ImportWord) -> dict[str, Any]:
        """A word, for who is to say it."""
        return {
            "sort": word.sort,
            "text": word.text,
            "note": word.note,
            "says": list(word.says),
            "reason": word.reason,
            "persons": [one.person for one in word.said],
            "needed": max(0, TWO - len(word.said)),
            "signed": bool(self._persons.keys),
        }


def _text_of(note: str) -> str:
    """The text under which signatures stand: all that is before the first empty line."""
    return note.partition("\n\n")[0] + "\n"


def _body(text: str) -> str:
    return text.split("\n")[4]


def _no_word(expected: str) -> RefusedError:
    return RefusedError("import.word", f"没有可确认的这一事项 / expected {expected}")


def _said_already() -> RefusedError:
    message = (
        "已有人确认，不得再改；如有误，删去这一导入后重新导入 / somebody has said this word: "
        "expected it as it stands; where it is wrong, drop the import and bring the file again"
    )
    return RefusedError("import.said", message)


def _said_before(person: str) -> RefusedError:
    message = (
        f"{person}：已确认过，须另一人确认 / {person}: expected somebody who has not said it yet"
    )
    return RefusedError("import.said-before", message)
