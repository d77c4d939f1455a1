"""Words of persons 具名签署: what a person signs, byte for byte, and when such a word counts.

A word is a signed note (C2SP signed-note) under the keys of persons. Its text has five lines:

    huxin/person/v1
    <origin of the node's log>
    <sort: one of `Sort`>
    <seconds, UTC, at which it was written>
    <body: one line of JSON, keys sorted, no blanks>

No checkpoint begins like that, so that no signature under the one is one under the other. Rules,
each with a test that fails without it:

    V1  who speaks is one of the persons of the configuration
    V2  each of them has signed, with the own key
    V3  what is signed is what is done: this node, this sort, this body
    V4  it was written in the last seven days, and not ahead of the node's clock
    V5  it was not written before what was said last of the same matter, and counts once
    V6  a key is one person's
    V7  a mapping publishes once two persons have signed it (`node.intake.signed_mappings`)
    V8  names that are one in their normal form are one person: width, blanks, case, characters that
        are not seen, traditional characters; a name without a normal form is nobody's
    V9  what asks two persons names two (V8), and where persons have keys carries the signed word of
        each; `node.persons.roster.Persons.agreed` is the one place of it
    V10 who says a word may name what was shown, and it is refused where that has changed since
        (`federation.shown`)
    V11 a name that comes over a credential without a signature is the caller's own
        (`node.services.names_said`)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from crypto.errors import FormatError, SignatureError
from crypto.keys import KeyType, Signer, VerifierKey
from crypto.notes import Note, parse_note, sign_note, verify_note
from crypto.strict import parse_decimal
from federation._traditional import SIMPLIFIED, TRADITIONAL
from federation.errors import RefusedError
from federation.ids import Date, Origin, StatementId, Timestamp
from federation.subject_names import normal_name

HEADING: Final = "huxin/person/v1"
AGE_SECONDS_MAX: Final = 7 * 86_400
"""A proposal and its adoption lie days apart; what is older is asked for anew."""
AHEAD_SECONDS_MAX: Final = 300
_UNSEEN: Final = str.maketrans(dict.fromkeys("\u115f\u1160\u3164\uffa0\u2800", ""))
"""Letters and a symbol, as Unicode has it, that show nothing; all else unseen goes by category."""
_PLAIN_CHARACTERS: Final = str.maketrans(TRADITIONAL, SIMPLIFIED)


class Sort(StrEnum):
    """What a person speaks about."""

    DECISION = "decision"
    EDITION = "edition"
    CONFIRMATION = "confirmation"
    MAPPING = "mapping"
    CLOCK = "clock"
    RELISTING = "relisting"
    ROWS = "rows"
    """Of a file."""
    INBOX = "inbox"
    """Of a platform's inbox."""
    GO_ON = "go-on"
    """That nothing newer was signed than this machine holds."""
    QUERIES = "queries"
    """That a subject is told who asked about it."""
    QUERY_LOG = "query-log"
    """That a new query log begins, since the store of the old one is lost."""
    LETTER = "letter"
    """That a letter 公文 is issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says; see the header of this module."""

    origin: Origin
    sort: Sort
    at: Timestamp
    body: str

    @property
    def text(self) -> str:
        """The bytes that are signed, as text."""
        return "\n".join((HEADING, self.origin, self.sort, str(self.at), self.body, ""))


def decision_body(
    *, statement_id: StatementId, rule: str, verdict: str, person: str, reason: str
) -> str:
    """What is said about a case; `rule` is the code of that which holds the listing."""
    return _json(
        {
            "person": person,
            "reason": reason,
            "rule": rule,
            "statement_id": statement_id.hex(),
            "verdict": verdict,
        }
    )


def edition_body(edition: str, text: str) -> str:
    """That an edition of the catalog, with exactly this text, is to take effect."""
    return _json({"edition": edition, "sha256": sha256(text.encode()).hexdigest()})


def confirmation_body(items: Sequence[str]) -> str:
    """That these entries (`edition/code`) agree with the official text."""
    return _json({"items": sorted(items)})


def mapping_body(mapping: str, text: str) -> str:
    """That a mapping of a source's columns, with exactly this text, is to be used."""
    return _json({"mapping": mapping, "sha256": sha256(text.encode()).hexdigest()})


def clock_body(moment: Timestamp, reason: str) -> str:
    """That it is this time now, seconds UTC; see `federation.trusted_time`, K6."""
    return _json({"reason": reason, "time": moment})


def queries_body(*, code: str, name: str, authorisation: str) -> str:
    """That this subject is told who asked about it, by this number of its authorisation."""
    return _json({"authorisation": authorisation, "subject_code": code, "subject_name": name})


def query_log_body(origin: Origin, reason: str) -> str:
    """That the query log with this origin begins; the one before it does not go on."""
    return _json({"origin": origin, "reason": reason})


def letter_body(*, kind: str, about: str, number: str) -> str:
    """That a letter of this kind about this is issued, under the number typed; empty: any."""
    return _json({"about": about, "kind": kind, "number": number})


def relisting_body(
    *, relief: StatementId, document: str, decided_on: Date, ground: int, content: bytes
) -> str:
    """That a relief is revoked, by this decision.

    Args:
        relief: the first relief that is revoked.
        document: of the decision.
        decided_on: YYYYMMDD.
        ground: number of the ground.
        content: payload of the listing that was given; empty where the node holds it.
    """
    return _json(
        {
            "content": sha256(content).hexdigest() if content else "",
            "decided_on": decided_on,
            "document": document,
            "ground": int(ground),
            "relief": relief.hex(),
        }
    )


def rows_body(
    *,
    file: str,
    list_type: str,
    mapping: str,
    source: str,
    says: Iterable[str],
    reason: str,
    rows: str = "",
) -> str:
    """That rows of a file are right, as they stand.

    Args:
        file: SHA-256 of its bytes, hexadecimal.
        list_type: as it is given to `huxin publish`, likewise the source; or empty.
        mapping: SHA-256 of the mapping file that is given, the name of a built-in one, or empty.
        source: see there.
        says: what is said of the rows: `one-subject`, `two-records`, `other-subjects`,
            `other-names`, `confirmed`.
        reason: why persons say so.
        rows: digest of those that waited when the file was tried; empty where none did, and
            of an import, which has them beside its file.
    """
    said = {
        "file": file,
        "list_type": list_type,
        "mapping": mapping,
        "reason": reason,
        "says": sorted(says),
        "source": source,
    }
    return _json(said | ({"rows": rows} if rows else {}))


def inbox_body(*, platform: str, source: str, code: str, rows: str, reason: str) -> str:
    """That rows of a platform's inbox are right, as they stand.

    Args:
        platform: name of the configuration.
        source: whose rows.
        code: with which they wait.
        rows: digest of their ids and contents, hexadecimal.
        reason: why persons say so.
    """
    return _json(
        {"code": code, "platform": platform, "reason": reason, "rows": rows, "source": source}
    )


def go_on_body(size: int, reason: str, *, mark: bool) -> str:
    """That no member holds more of our log than so many leaves.

    Args:
        size: leaves that this machine holds.
        reason: why persons say so.
        mark: whether the high-water mark is there.
    """
    return _json({"mark": mark, "reason": reason, "size": size})


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names of different persons (V8): of those that are one the first, without blanks around it.

    A name that has no normal form is none.
    """
    found: dict[str, str] = {}
    for name in names:
        if normal := normal_person(name):
            found.setdefault(normal, name.strip())
    return tuple(found.values())


def normal_person(name: str) -> str:
    """The normal form of a person's name (V8); empty where it has none."""
    seen = name.translate(_UNSEEN).casefold().translate(_PLAIN_CHARACTERS)
    return normal_name(seen).translate(_UNSEEN)


def sign_word(word: Word, signer: Signer) -> str:
    """Sign a word as its first person."""
    return sign_note(word.text, [signer]).to_bytes().decode()


def join_word(note: str, signer: Signer) -> str:
    """Sign a word that others signed before; its text and their lines stay as they are.

    Raises:
        RefusedError: `person.note`.
    """
    told = _parse(note)
    (line,) = sign_note(told.text, [signer]).signatures
    return Note(text=told.text, signatures=(*told.signatures, line)).to_bytes().decode()


def merge_words(note: str, other: str, person: str) -> str:
    """Put a person's signature under a word that others may have signed.

    Args:
        note: the word with the lines of those who signed before; empty: nobody has.
        other: the same word with this person's signature; lines of others are left out.
        person: whose.

    Raises:
        RefusedError: `person.note`; `person.other-words`: another text was signed.
    """
    more = _parse(other)
    before = _parse(note) if note else None
    if before is not None and before.text != more.text:
        message = (
            "签署的不是同一份文本，请下载原文签署 / another text was signed: expected the very "
            "bytes that the first person signed"
        )
        raise RefusedError("person.other-words", message)
    lines = () if before is None else before.signatures
    own = tuple(line for line in more.signatures if line.name == person)
    return Note(text=more.text, signatures=(*lines, *own)).to_bytes().decode()


def read_persons(configured: Mapping[str, str]) -> dict[str, VerifierKey]:
    """Read the persons of a configuration.

    Args:
        configured: verifier key (signed-note) by name.

    Raises:
        RefusedError: `person.key`: no verifier key of that name; `person.same-key`,
            `person.same-name`.
    """
    keys: dict[str, VerifierKey] = {}
    owners: dict[bytes, str] = {}
    if len(distinct(configured)) < len(configured):  # V8
        message = f"expected names of different persons, got {', '.join(configured)}"
        raise RefusedError("person.same-name", message)
    for name, text in configured.items():
        key = _key(name, text)
        owner = owners.setdefault(key.public, name)
        if owner != name:  # V6
            message = f"{owner} and {name} have the same key; each person has one of their own"
            raise RefusedError("person.same-key", message)
        keys[name] = key
    return keys


def check_word(
    note: str, word: Word, persons: Sequence[str], keys: Mapping[str, VerifierKey]
) -> None:
    """Check that persons said exactly this (V1 to V3); also what an auditor checks years later.

    Args:
        note: the word as it was given.
        word: what is done by it.
        persons: who must have signed.
        keys: of the persons known.

    Raises:
        RefusedError: `person.unknown`, `person.note`, `person.other-words`, `person.signature`.
    """
    if unknown := [name for name in persons if name not in keys]:  # V1
        message = f"{unknown[0]}: expected one of [persons]: {', '.join(keys) or 'nobody'}"
        raise RefusedError("person.unknown", message)
    told = _parse(note)
    if told.text != word.text:  # V3
        wanted = word.text.splitlines()
        given = told.text.splitlines()
        pairs = zip(wanted, [*given, *[""] * len(wanted)], strict=False)
        line, got = next(((w, g) for w, g in pairs if w != g), ("nothing more", told.text[:200]))
        message = f"another word was signed: expected {line[:200]}, got {got[:200]}"
        raise RefusedError("person.other-words", message)
    try:
        signed = {key.name for key in verify_note(told, [keys[name] for name in persons])}
    except SignatureError as error:
        raise RefusedError("person.signature", str(error)) from error
    if missing := [name for name in persons if name not in signed]:  # V2
        message = f"no signature by the key of {missing[0]} that [persons] names"
        raise RefusedError("person.signature", message)


def read_word(note: str) -> Word:
    """Read what a word says, without verifying anything.

    Raises:
        RefusedError: `person.note`.
    """
    return word_of_text(_parse(note).text)


def word_of_text(text: str) -> Word:
    """Read the text of a word, which nobody may have signed.

    Raises:
        RefusedError: `person.note`.
    """
    lines = text.split("\n")
    try:
        heading, origin, sort, at, body, end = lines
        word = Word(
            origin=Origin(origin), sort=Sort(sort), at=Timestamp(parse_decimal(at)), body=body
        )
    except (ValueError, FormatError) as error:
        raise RefusedError("person.note", f"expected a word of five lines: {error}") from error
    if heading != HEADING or end:
        raise RefusedError("person.note", f"expected {HEADING}, got {heading[:40]}")
    return word


def signers_of(note: str) -> tuple[str, ...]:
    """The names under a word, none of them verified.

    Raises:
        RefusedError: `person.note`.
    """
    return tuple(line.name for line in _parse(note).signatures)


def check_fresh(note: str, now: Timestamp, since: Timestamp, earlier: Iterable[str]) -> None:
    """Check that a word is of now (V4), and not one that was said before (V5).

    Args:
        note: the word.
        now: the node's clock.
        since: when something was said last of the same matter.
        earlier: the words said of it.

    Raises:
        RefusedError: `person.note`, `person.time`, `person.repeated`.
    """
    at = read_word(note).at
    earliest = max(now - AGE_SECONDS_MAX, since)
    if not earliest <= at <= now + AHEAD_SECONDS_MAX:
        message = (
            f"written at {at}: expected from {earliest} (a week ago, or what was said last of "
            f"this) to {now} (the node's clock); sign it again"
        )
        raise RefusedError("person.time", message)
    text = _parse(note).text
    if any(_parse(one).text == text for one in earlier):
        raise RefusedError("person.repeated", "this word was said before; a new one is signed anew")


def _key(name: str, text: str) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except FormatError as error:
        raise RefusedError("person.key", f"persons.{name}: {error}") from error
    if (key.name, key.type) != (name, KeyType.NOTE):
        message = (
            f"persons.{name}: expected a key of type 1 with this name, got one of {key.name} of "
            f"type {key.type:d}"
        )
        raise RefusedError("person.key", message)
    return key


def _parse(note: str) -> Note:
    try:
        return parse_note(note.encode())
    except FormatError as error:
        raise RefusedError("person.note", str(error)) from error


def _json(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
