"""Every word of persons that is kept, checked again: decisions, editions, mappings, rows.

Reads what the node keeps, verifies each word anew, and believes no check that was made before:
who changed the database shows here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from crypto.keys import VerifierKey
from federation.errors import RefusedError
from federation.ids import StatementId
from federation.persons import (
    Sort,
    confirmation_body,
    decision_body,
    edition_body,
    read_word,
    signers_of,
)
from federation.ports.journal import FileWord, InboxWord, Relisted
from federation.ports.store import ReadSession
from federation.reconcile.cases import NO_VERDICTS
from federation.reconcile.findings import RULES
from node.persons.roster import Persons

SIGNED: Final = "signed"
UNSIGNED: Final = "person.unsigned"
_ABOUT: Final[Mapping[Sort, Callable[[dict[str, Any]], str]]] = {
    Sort.GO_ON: lambda said: str(said["size"]),
    Sort.LETTER: lambda said: f"{said['kind']}/{said['about']}",
}
"""What words that stand for themselves are about."""


def check_words(
    session: ReadSession, persons: Persons, keys: Mapping[str, VerifierKey]
) -> Iterator[dict[str, Any]]:
    """Check all words.

    Args:
        session: a snapshot of the store.
        persons: of the node.
        keys: of all persons who spoke here, by name, also those who left.

    Yields:
        `sort`, `about` (statement, edition or entry), `persons`, `note`, and as `result` `signed`
        or the code of what is wrong with it.
    """

    def row(sort: Sort, about: str, names: Sequence[str], body: str, note: str) -> dict[str, Any]:
        result = UNSIGNED
        if note:
            try:
                persons.check_kept(note, sort, body, names, keys)
                result = SIGNED
            except RefusedError as error:
                result = error.code
        return {
            "sort": sort.value,
            "about": about,
            "persons": list(names),
            "result": result,
            "note": note,
        }

    for decision in (one for one in session.all_decisions() if one.verdict not in NO_VERDICTS):
        (statement,) = session.rows_at([(decision.log, decision.index)])
        body = decision_body(
            statement_id=StatementId(statement.statement_id),
            rule=RULES[decision.finding].code,
            verdict=decision.verdict,
            person=decision.person,
            reason=decision.reason,
        )
        about = statement.statement_id.hex()
        yield row(Sort.DECISION, about, [decision.person], body, decision.note)
    kept = _by_body(session.words())
    for edition in session.editions():
        body = edition_body(edition.id, edition.text)
        note = kept[Sort.EDITION, body]
        yield row(Sort.EDITION, edition.id, edition.adopted_by, body, note)
    for (sort, body), note in list(kept.items()):
        if sort is Sort.MAPPING:
            yield row(sort, json.loads(body)["mapping"], signers_of(note), body, note)
        elif sort in _ABOUT:
            yield row(sort, _ABOUT[sort](json.loads(body)), signers_of(note), body, note)
    yield from _relistings(session, kept, row)
    yield from _rows_said(session, kept, row)
    confirmed = _by_item(kept)
    for item, person in sorted(session.confirmations().items()):
        body, note = confirmed.get((item, person), ("", ""))
        yield row(Sort.CONFIRMATION, item, [person], body, note)


def _relistings(
    session: ReadSession, kept: Mapping[tuple[Sort, str], str], row: Callable[..., dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Every RELISTING of ours that persons decided, by the relief that it revokes first."""
    signed = {
        bytes.fromhex(json.loads(body)["relief"]): (body, note)
        for (sort, body), note in kept.items()
        if sort is Sort.RELISTING
    }
    entries = [*session.entries(Relisted.EARLIER), *session.entries(Relisted.KIND)]
    for said in (one for _, entry in entries if (one := Relisted.of(entry)) is not None):
        (statement,) = session.rows_at([(said.log, said.index)])
        relief = statement.about or b""
        body, note = signed.get(relief, ("", ""))
        yield row(Sort.RELISTING, relief.hex(), said.by, body, note)


def _rows_said(
    session: ReadSession, kept: Mapping[tuple[Sort, str], str], row: Callable[..., dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Everything that persons said of rows: of a file by its digest, of an inbox by its source."""
    for _, entry in session.entries(FileWord.KIND):
        said = FileWord.of(entry)
        note = kept.get((Sort.ROWS, said.body), "")
        yield row(Sort.ROWS, said.file, said.by, said.body, note)
    for _, entry in session.entries(InboxWord.KIND):
        word = InboxWord.of(entry)
        about = f"{word.platform}/{word.source}"
        note = kept.get((Sort.INBOX, word.body), "")
        yield row(Sort.INBOX, about, word.persons, word.body, note)


def _by_body(notes: Sequence[str]) -> defaultdict[tuple[Sort, str], str]:
    """The newest word of each sort and body; empty where there is none."""
    found: defaultdict[tuple[Sort, str], str] = defaultdict(str)
    for note in notes:
        word = read_word(note)
        found[word.sort, word.body] = note
    return found


def _by_item(kept: Mapping[tuple[Sort, str], str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Body and word of each (entry, signer) that was confirmed."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for (sort, body), note in kept.items():
        if sort is Sort.CONFIRMATION:
            items = json.loads(body)["items"]
            signers = signers_of(note)
            for item in items:
                found |= {(item, name): (confirmation_body(items), note) for name in signers}
    return found
