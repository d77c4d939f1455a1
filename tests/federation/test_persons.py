"""Words of persons: the bytes that are signed, and when a word counts (V1 to V6, V8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from nacl.signing import VerifyKey

from crypto.keys import KeyType, Signer
from crypto.notes import parse_note, sign_note
from federation.errors import RefusedError
from federation.ids import Date, Origin, StatementId, Timestamp
from federation.persons import (
    AGE_SECONDS_MAX,
    AHEAD_SECONDS_MAX,
    Sort,
    Word,
    check_fresh,
    check_word,
    confirmation_body,
    decision_body,
    distinct,
    edition_body,
    go_on_body,
    inbox_body,
    join_word,
    read_persons,
    read_word,
    relisting_body,
    rows_body,
    sign_word,
    signers_of,
)

NOW = Timestamp(1_790_000_000)
ORIGIN = Origin("510500.huxin.example/1")
ZHANG = Signer(name="张某", type=KeyType.NOTE, seed=b"z" * 32)
LI = Signer(name="李某", type=KeyType.NOTE, seed=b"l" * 32)
KEYS = read_persons({signer.name: str(signer.verifier) for signer in (ZHANG, LI)})
BODY = decision_body(
    statement_id=StatementId(bytes(range(16))),
    rule="identity.name-mismatch",
    verdict="use",
    person="张某",
    reason="已与登记机关核对",
)
WORD = Word(origin=ORIGIN, sort=Sort.DECISION, at=NOW, body=BODY)


def refused(code: str) -> pytest.RaisesExc[RefusedError]:
    return pytest.RaisesExc(RefusedError, check=lambda error: error.code == code)


def test_the_bytes_are_those_of_the_document() -> None:
    """Verified with nothing of ours: five lines, an empty one, the signature."""
    note = sign_word(WORD, ZHANG)
    text, _, line = note.rpartition("\n\n")
    assert text.split("\n") == [
        "huxin/person/v1",
        "510500.huxin.example/1",
        "decision",
        "1790000000",
        BODY,
    ]
    assert BODY == (
        '{"person":"张某","reason":"已与登记机关核对","rule":"identity.name-mismatch",'
        '"statement_id":"000102030405060708090a0b0c0d0e0f","verdict":"use"}'
    )
    (signature,) = parse_note(note.encode()).signatures
    VerifyKey(ZHANG.verifier.public).verify(f"{text}\n".encode(), signature.signature)
    assert line.startswith("— 张某 ")
    assert read_word(note) == WORD


def test_a_word_that_its_person_signed_counts() -> None:
    note = sign_word(WORD, ZHANG)
    check_word(note, WORD, ["张某"], KEYS)
    both = join_word(note, LI)
    check_word(both, WORD, ["张某", "李某"], KEYS)
    assert signers_of(both) == ("张某", "李某")


def test_an_unknown_person() -> None:
    """V1."""
    with refused("person.unknown"):
        check_word(sign_word(WORD, ZHANG), WORD, ["王某"], KEYS)


@pytest.mark.parametrize(
    "signer",
    [
        LI,
        Signer(name="张某", type=KeyType.NOTE, seed=b"x" * 32),
    ],
)
def test_a_word_by_another_key(signer: Signer) -> None:
    """V2: neither another person's key nor an unknown one with the same name."""
    with refused("person.signature"):
        check_word(sign_word(WORD, signer), WORD, ["张某"], KEYS)


def test_both_persons_must_have_signed() -> None:
    """V2."""
    with refused("person.signature"):
        check_word(sign_word(WORD, ZHANG), WORD, ["张某", "李某"], KEYS)


def test_a_signature_that_was_bent() -> None:
    """V2."""
    note = sign_word(WORD, ZHANG)
    with refused("person.signature"):
        check_word(note[:-9] + ("A" if note[-9] != "A" else "B") + note[-8:], WORD, ["张某"], KEYS)


@pytest.mark.parametrize(
    "other",
    [
        {"origin": Origin("510300.huxin.example/1")},
        {"sort": Sort.CONFIRMATION},
        {"body": BODY.replace('"use"', '"reject"')},
        {"at": Timestamp(NOW + 1)},
    ],
)
def test_another_word_was_signed(other: dict[str, object]) -> None:
    """V3: of another node, sort, body or time."""
    said = Word(
        **{"origin": ORIGIN, "sort": Sort.DECISION, "at": NOW, "body": BODY, **other}  # type: ignore[arg-type]
    )
    with refused("person.other-words"):
        check_word(sign_word(said, ZHANG), WORD, ["张某"], KEYS)


@pytest.mark.parametrize(
    ("at", "since"),
    [
        (NOW - AGE_SECONDS_MAX - 1, 0),
        (NOW + AHEAD_SECONDS_MAX + 1, 0),
        (NOW - 1, NOW),
    ],
)
def test_a_word_of_another_time(at: int, since: int) -> None:
    """V4, and V5: nothing said before the last word of the matter."""
    word = Word(origin=ORIGIN, sort=Sort.DECISION, at=Timestamp(at), body=BODY)
    with refused("person.time"):
        check_fresh(sign_word(word, ZHANG), NOW, Timestamp(since), ())


def test_a_word_counts_once() -> None:
    """V5, however its signature lines are dressed up."""
    note = sign_word(WORD, ZHANG)
    check_fresh(note, NOW, NOW, ())
    with refused("person.repeated"):
        check_fresh(join_word(note, LI), NOW, NOW, [note])


def test_one_key_under_two_names() -> None:
    """V6."""
    twin = Signer(name="李某", type=KeyType.NOTE, seed=ZHANG.seed)
    with refused("person.same-key"):
        read_persons({"张某": str(ZHANG.verifier), "李某": str(twin.verifier)})


@pytest.mark.parametrize(
    "vkey",
    [
        "张某",
        str(LI.verifier),
        str(Signer(name="张某", type=KeyType.COSIGNATURE, seed=b"c" * 32).verifier),
    ],
)
def test_what_is_no_key_of_that_person(vkey: str) -> None:
    with refused("person.key"):
        read_persons({"张某": vkey})


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n7\nAAAA\n",
        WORD.text.replace("huxin/person/v1", "huxin/person/v2"),
        WORD.text.replace("decision", "verdict"),
        WORD.text.replace(str(NOW), f"0{NOW}"),
        f"{WORD.text}more\n",
    ],
)
def test_what_is_no_word(text: str) -> None:
    """A checkpoint of a log, signed by whomever, is no word either."""
    with refused("person.note"):
        read_word(sign_note(text, [ZHANG]).to_bytes().decode())
    with refused("person.note"):
        read_word(text)


def test_bodies_are_one_line_of_json() -> None:
    assert json.loads(edition_body("b-2026", "甲\n乙"))["edition"] == "b-2026"
    assert edition_body("b-2026", "甲") != edition_body("b-2026", "乙")
    assert confirmation_body(["b/2", "b/1"]) == '{"items":["b/1","b/2"]}'
    said = decision_body(
        statement_id=StatementId(bytes(16)), rule="r", verdict="use", person="甲", reason="一\n二"
    )
    assert "\n" not in said


@pytest.mark.parametrize(
    "twins",
    [
        ("王某", "王某 "),
        ("王某", "王\u3000某"),
        ("Wang", "WANG"),
        ("Wang", "Ｗａｎｇ"),
        ("王某", "王\u200b某"),
        ("王某", "\u202e王某\u202c"),
        ("王某", "王某\ufe0f"),
        ("王某", "王\u3164某"),
        ("王某", "王某\u2800"),
        ("张強", "張强"),
    ],
)
def test_names_that_are_one_person(twins: tuple[str, str]) -> None:
    """V8; also under two keys."""
    assert distinct(twins) == (twins[0],)
    keys = [Signer(name=twins[0], type=KeyType.NOTE, seed=bytes([n]) * 32) for n in (1, 2)]
    named = dict(zip(twins, [str(key.verifier) for key in keys], strict=True))
    with refused("person.same-name"):
        read_persons(named)


def test_names_of_nobody() -> None:
    """V8: blank, unseen, or without a common meaning."""
    assert distinct(["", " ", "\u200b", "\u3164", "\ue000", "甲"]) == ("甲",)


def test_bodies_say_all_of_an_act() -> None:
    """V3: whatever differs, another word must be signed."""
    relief = {
        "relief": StatementId(bytes(16)),
        "document": "川撤1号",
        "decided_on": Date(20261121),
        "ground": 1,
        "content": b"",
    }
    others = {
        "relief": StatementId(b"1" * 16),
        "document": "川撤2号",
        "decided_on": Date(20261122),
        "ground": 2,
        "content": b"x",
    }
    said = {relisting_body(**{**relief, name: value}) for name, value in others.items()}  # type: ignore[arg-type]
    assert len(said | {relisting_body(**relief)}) == 6  # type: ignore[arg-type]
    rows: dict[str, Any] = {
        "file": "f",
        "list_type": "l",
        "mapping": "m",
        "source": "s",
        "says": ("one-subject",),
        "reason": "r",
    }
    said = {rows_body(**{**rows, name: ("x",) if name == "says" else "x"}) for name in rows}
    assert len(said | {rows_body(**rows)}) == 7
    place = {"platform": "p", "source": "s", "code": "c", "rows": "r", "reason": "w"}
    said = {inbox_body(**{**place, name: "x"}) for name in place}
    assert len(said | {inbox_body(**place)}) == 6
    said = {go_on_body(1, "", mark=True), go_on_body(2, "", mark=True)}
    assert len(said | {go_on_body(1, "x", mark=True), go_on_body(1, "", mark=False)}) == 4
