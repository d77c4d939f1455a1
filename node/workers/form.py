"""What goes to a worker and comes back from it: tables of numbers, and the bytes that they cut.

Nothing here is executed or built by name, as pickling would: a worker handles what strangers
wrote, and whoever takes it over must not come further by what it answers. An answer is checked
like any foreign bytes: every length, every place in a table, every number that is one of a few.
What it says of an opening is believed, since it has the keys; leaves, their hashes, their proof and
the charters never leave the process that stores them.

All numbers are little-endian.

    question   first (8) count (4) by_origin (1) bytes of the origin (2); the origin;
               for each leaf status (1), bytes of leaf, salt and payload (4 each); then all those
    answer     first (8) count (4), number of the opening key (4), how many texts, audiences and
               misopened (4 each); for each text and audience its bytes, for each misopened its
               place (4 each); for each leaf a row (`_ROW`); then texts, audiences, parts of leaves
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct
from struct import error as StructError  # noqa: N812 - its name says nothing
from typing import Final, TypeAlias

from google.protobuf.message import DecodeError
from huxin.v1 import payload_pb2 as pb

from federation.facts import PayloadFacts
from federation.ids import Origin
from federation.life.reading import UNASKED, Examined
from federation.payloads import Audience
from federation.peers.openings import DeliveredOpening, absent
from federation.peers.replication import MAX_BATCH_BYTES, MAX_BATCH_LEAVES
from federation.ports.store import StoredOpening
from federation.rows import OpeningStatus, State
from federation.statements import HEADER_SIZE, parse_header
from node.codec.shared import audience_from_proto, audience_to_proto

MAX_ANSWER: Final = 16 * MAX_BATCH_BYTES
"""Bytes; more than any batch within its bounds makes, normalised texts included."""

Entitled: TypeAlias = Callable[[int, int, PayloadFacts], tuple[str, State]]
"""`StatementReading.entitled`."""

_QUESTION: Final = Struct("<QIBH")
_LEAF: Final = Struct("<BIII")
_ANSWER: Final = Struct("<QIIIII")
_ROW: Final = Struct("<BBBHHHHHHIIIIQIIIBIIHI")
"""Of one leaf: opening, state, body; rule, audience plus one, list type, authority, scheme, origin
referred to (places in the tables); minimal reader, approvals, decided on, publish until, index
referred to; bytes of key, subject, names, hash referred to, code, document, tag, and the sealed
opening. A subject that begins the key is not sent again."""

_STATES: Final = {int(state): state for state in State}
_PRESENT: Final = int(OpeningStatus.PRESENT)
_OPENINGS: Final = frozenset(map(int, OpeningStatus))


class FormError(Exception):
    """The worker's fault: what it answered has not the form; believe nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Proved leaves, as they lie in their log, with their openings as delivered."""

    origin: Origin
    first: int
    leaves: Sequence[bytes]
    openings: Sequence[DeliveredOpening]
    by_origin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a worker read of them: `examined` with `UNASKED` where the charters are to be asked."""

    key: int
    """Number of the opening key."""
    openings: Sequence[DeliveredOpening]
    """As checked (R7, E1-E3)."""
    examined: Sequence[Examined]
    sealed: Sequence[StoredOpening]
    misopened: Sequence[int]
    """Indices (R7)."""


def question_to_bytes(question: Question) -> bytes:
    """Write a question."""
    origin = question.origin.encode()
    head = _QUESTION.pack(question.first, len(question.leaves), question.by_origin, len(origin))
    table: list[bytes] = []
    parts: list[bytes] = []
    pack = _LEAF.pack
    for leaf, (status, salt, payload, _) in zip(question.leaves, question.openings, strict=True):
        table.append(pack(status, len(leaf), len(salt), len(payload)))
        parts += (leaf, salt, payload)
    return b"".join((head, origin, *table, *parts))


def question_from_bytes(data: bytes) -> Question:
    """Read a question; it comes from the process whose worker this is."""
    first, count, by_origin, length = _QUESTION.unpack_from(data)
    begin = _QUESTION.size + length
    origin = Origin(data[_QUESTION.size : begin].decode())
    end = begin + count * _LEAF.size
    place = end
    leaves: list[bytes] = []
    openings: list[DeliveredOpening] = []
    for status, leaf, salt, payload in _LEAF.iter_unpack(data[begin:end]):
        salt_at = place + leaf
        payload_at = salt_at + salt
        leaves.append(data[place:salt_at])
        place = payload_at + payload
        openings.append(DeliveredOpening(status, data[salt_at:payload_at], data[payload_at:place]))
    return Question(
        origin=origin, first=first, leaves=leaves, openings=openings, by_origin=bool(by_origin)
    )


def answer_to_bytes(first: int, answer: Answer) -> bytes:
    """Write an answer."""
    texts: dict[str, int] = {}
    audiences: dict[Audience, int] = {}
    sealed = {one.index: one.sealed for one in answer.sealed}
    rows: list[bytes] = []
    parts: list[bytes] = []
    pack = _ROW.pack
    last: Audience | None = None
    number = 0
    for index, one in enumerate(answer.examined, first):
        _, opening, rule, state, facts, tag = one
        (reader, audience, key, subject, list_type, authority, decided_on, until, names) = facts[:9]
        (origin, referred, referred_hash, approvals, body, scheme, code, document) = facts[9:]
        if audience is not last:  # hashing an audience costs more than the rest of a row
            last = audience
            number = 0 if audience is None else audiences.setdefault(audience, len(audiences)) + 1
        code_bytes, document_bytes = code.encode(), document.encode()
        held = sealed.get(index, b"")
        rows.append(
            pack(
                opening,
                state,
                body,
                texts.setdefault(rule, len(texts)),
                number,
                texts.setdefault(list_type, len(texts)),
                texts.setdefault(authority, len(texts)),
                texts.setdefault(scheme, len(texts)),
                texts.setdefault(origin, len(texts)),
                reader,
                approvals,
                decided_on,
                until,
                referred,
                len(key),
                len(subject),
                len(names),
                len(referred_hash),
                len(code_bytes),
                len(document_bytes),
                len(tag or b""),
                len(held),
            )
        )
        parts += (
            key,
            subject if not key else b"",
            names,
            referred_hash,
            code_bytes,
            document_bytes,
            tag or b"",
            held,
        )
    table = [text.encode() for text in texts]
    table += [audience_to_proto(one).SerializeToString() for one in audiences]
    numbers = [*map(len, table), *(index - first for index in answer.misopened)]
    head = _ANSWER.pack(
        first, len(rows), answer.key, len(texts), len(audiences), len(answer.misopened)
    )
    return b"".join((head, Struct(f"<{len(numbers)}I").pack(*numbers), *rows, *table, *parts))


def answer_from_bytes(data: bytes, question: Question, entitled: Entitled) -> Answer:
    """Read the answer to a question, and ask the charters what it left open.

    Args:
        data: what the worker sent.
        question: what it was asked.
        entitled: rule and state of a statement by index, kind and facts (S7).

    Raises:
        FormError: it is not the answer to this question.
    """
    try:
        return _read(data, question, entitled)
    except (StructError, IndexError, KeyError, UnicodeDecodeError, DecodeError) as error:
        raise FormError(type(error).__name__) from None


def _read(data: bytes, question: Question, entitled: Entitled) -> Answer:
    first, count, key_number, texts_count, audiences_count, misopened_count = _ANSWER.unpack_from(
        data
    )
    _require(first == question.first and count == len(question.leaves) <= MAX_BATCH_LEAVES)
    numbers = texts_count + audiences_count + misopened_count
    rows_at = _ANSWER.size + 4 * numbers
    place = rows_at + count * _ROW.size
    _require(place <= len(data))
    lengths = Struct(f"<{numbers}I").unpack_from(data, _ANSWER.size)
    table: list[bytes] = []
    for length in lengths[: texts_count + audiences_count]:
        table.append(data[place : place + length])
        place += length
    texts = [text.decode() for text in table[:texts_count]]
    audiences: list[Audience | None] = [None]
    audiences += [audience_from_proto(pb.Audience.FromString(raw)) for raw in table[texts_count:]]
    misopened = lengths[texts_count + audiences_count :]
    _require(all(offset < count for offset in misopened))
    examined: list[Examined] = []
    openings: list[DeliveredOpening] = []
    sealed: list[StoredOpening] = []
    leaves = zip(question.leaves, question.openings, strict=True)
    for index, (row, (leaf, delivered)) in enumerate(
        zip(_ROW.iter_unpack(data[rows_at : rows_at + count * _ROW.size]), leaves, strict=True),
        first,
    ):
        (
            opening,
            state,
            body,
            rule_at,
            audience_at,
            list_type_at,
            authority_at,
            scheme_at,
            origin_at,
            reader,
            approvals,
            decided_on,
            until,
            referred,
            key_bytes,
            subject_bytes,
            names_bytes,
            hash_bytes,
            code_bytes,
            document_bytes,
            tag_bytes,
            sealed_bytes,
        ) = row
        key = data[place : (place := place + key_bytes)]
        begins = key or data[place : (place := place + subject_bytes)]
        subject = begins[:subject_bytes]
        names = data[place : (place := place + names_bytes)]
        referred_hash = data[place : (place := place + hash_bytes)]
        code = data[place : (place := place + code_bytes)].decode()
        document = data[place : (place := place + document_bytes)].decode()
        tag = data[place : (place := place + tag_bytes)]
        facts = PayloadFacts(
            reader,
            audiences[audience_at],
            key,
            subject,
            texts[list_type_at],
            texts[authority_at],
            decided_on,
            until,
            names,
            texts[origin_at],
            referred,
            referred_hash,
            approvals,
            body,
            texts[scheme_at],
            code,
            document,
        )
        if opening == _PRESENT:
            _require(delivered.status == _PRESENT and sealed_bytes > 0)
            sealed.append(
                StoredOpening(
                    index=index, key=key_number, sealed=data[place : place + sealed_bytes]
                )
            )
            place += sealed_bytes
            openings.append(delivered)
        else:
            _require(opening in _OPENINGS and sealed_bytes == 0)
            openings.append(absent(leaf, delivered.status, by_origin=question.by_origin))
        header = parse_header(leaf) if len(leaf) >= HEADER_SIZE else None
        rule, standing = texts[rule_at], _STATES[state]
        if rule == UNASKED:
            if header is None:
                raise FormError(UNASKED)
            rule, standing = entitled(index, header.kind, facts)
        examined.append(Examined(header, opening, rule, standing, facts, tag or None))
    _require(place == len(data))
    return Answer(
        key=key_number,
        openings=openings,
        examined=examined,
        sealed=sealed,
        misopened=[first + offset for offset in misopened],
    )


def _require(holds: bool) -> None:  # noqa: FBT001 - reads like `assert`
    if not holds:
        raise FormError("lengths, places and numbers that fit the question")
