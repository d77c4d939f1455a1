"""The journal has one owner: every kind's value, every form ever written, and nobody beside."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from federation.ids import Timestamp
from federation.intake.feed import ONE_SUBJECT
from federation.persons import inbox_body, rows_body
from federation.ports import journal
from federation.ports.journal import KINDS, JournalEntry, Kept

AT = Timestamp(1_790_000_000)
LEAF: Final[dict[str, Any]] = {"at": AT, "log": 1, "index": 7}
TAG: Final = b"t" * 32
KEPT: Final = Kept(1, "", b"r" * 24, "court.dishonest", "A1", 20260101, 20290101, b"n" * 32)

# Each kind as it is said, and the exact bytes that stand for it in the database.
EXAMPLES: Final[list[tuple[Any, str]]] = [
    (
        journal.TagSet(**LEAF, tag=TAG, until=20290101, relief=4, year=2026),
        '{"kind": 4, "year": 2026}',
    ),
    (journal.TagLifted(**LEAF, tag=TAG), ""),
    (journal.TagLifted(at=AT, tag=TAG), ""),
    (
        journal.TwinSet(
            **LEAF, tag=TAG, until=0, relief=5, year=2026, record=b"\x01" * 16, subject=b"\x02" * 16
        ),
        f'{{"kind": 5, "year": 2026, "record": "{"01" * 16}", "subject": "{"02" * 16}"}}',
    ),
    (journal.TwinLifted(**LEAF, record=b"\x01" * 16), f'{{"record": "{"01" * 16}"}}'),
    (journal.ToldApart(at=AT, pair=TAG, by=("乙", "甲")), '{"by": ["乙", "甲"]}'),
    (
        journal.Erased(**LEAF, state=1, rule="", kept=KEPT),
        '{"state": 1, "rule": "", "tag": "' + b"r".hex() * 24 + '", '
        '"list_type": "court.dishonest", "authority": "A1", "decided_on": 20260101, '
        '"until": 20290101, "names": "' + b"n".hex() * 32 + '"}',
    ),
    (journal.OpeningKeys(at=AT, oldest=2, newest=3), '{"oldest": 2, "newest": 3}'),
    (journal.LibraryInForce(at=AT, library="57401a66"), "57401a66"),
    (
        journal.Decision(**LEAF, finding=5, verdict="use", person="甲", reason="核实"),
        '{"finding": 5, "verdict": "use", "person": "甲", "reason": "核实"}',
    ),
    (
        journal.Decision(**LEAF, finding=5, verdict="use", person="甲", reason="", note="n\n"),
        '{"finding": 5, "verdict": "use", "person": "甲", "reason": "", "note": "n\\n"}',
    ),
    (journal.SignedWord(at=AT, note="huxin/person/v1\n…"), "huxin/person/v1\n…"),
    (journal.Relisted(**LEAF, by=("乙", "甲")), '{"approved_by": ["\\u4e59", "\\u7532"]}'),
    (
        journal.GoOn(at=AT, size=9, by=("甲",), reason="断网", mark=True),
        '{"size": 9, "by": ["甲"], "reason": "断网", "mark": true}',
    ),
    (
        journal.FileWord(
            at=AT,
            file="ab",
            list_type="tax",
            mapping="",
            source="court",
            says=("one-subject", "two-records"),
            reason="核实",
            by=("甲", "乙"),
        ),
        (
            '{"file": "ab", "list_type": "tax", "mapping": "", "reason": "核实", '
            '"says": ["one-subject", "two-records"], "source": "court", "by": ["甲", "乙"]}'
        ),
    ),
    (
        journal.InboxWord(
            at=AT,
            platform="city",
            source="court",
            persons=("甲", "乙"),
            rows=(1, 2),
            code=ONE_SUBJECT,
            reason="核实",
            digest="cd",
        ),
        (
            '{"platform": "city", "source": "court", "persons": ["甲", "乙"], "rows": [1, 2], '
            f'"code": "{ONE_SUBJECT}", "reason": "核实", "digest": "cd"}}'
        ),
    ),
    (
        journal.OtherSubjects(at=AT, by=("甲", "乙"), feed="court/tax", rows=3),
        '{"by": ["甲", "乙"], "feed": "court/tax", "rows": 3}',
    ),
    (
        journal.FileTaken(
            at=AT,
            source="court",
            list_type="tax",
            file="ab",
            rows=((2, "date.future"),),
            refused=1,
            exists=0,
            relief=True,
        ),
        (
            '{"source": "court", "list_type": "tax", "file": "ab", "rows": [[2, "date.future"]], '
            '"refused": 1, "exists": 0, "relief": true}'
        ),
    ),
    (
        journal.InboxTaken(
            at=AT,
            platform="city",
            source="court",
            list_type="tax",
            relief=False,
            rows=((2, ("date.future",)),),
            exists=(3,),
            mended=(4,),
        ),
        (
            '{"platform": "city", "source": "court", "list_type": "tax", "relief": false, '
            '"rows": [[2, ["date.future"]]], "exists": [3], "mended": [4]}'
        ),
    ),
    (
        journal.RechecksDrawn(
            at=AT, quarter="2026-Q3", seed="ab", among=40, indices=(3, 7), person="甲"
        ),
        '{"quarter": "2026-Q3", "seed": "ab", "among": 40, "indices": [3, 7], "person": "甲"}',
    ),
    (
        journal.Rechecked(**LEAF, person="乙", decider="甲", finding="ok", note="材料齐全"),
        '{"person": "乙", "decider": "甲", "finding": "ok", "note": "材料齐全"}',
    ),
]


@pytest.mark.parametrize(
    ("value", "body"),
    EXAMPLES,
    ids=[f"{number}-{type(one).__name__}" for number, (one, _) in enumerate(EXAMPLES)],
)
def test_every_kind_is_read_as_it_was_said(value: Any, body: str) -> None:
    entry = value.entry()
    assert (entry.kind, entry.at, entry.body) == (value.KIND, AT, body)
    assert type(value).of(entry) == value


def test_the_kinds_are_these_and_no_two_are_one() -> None:
    names = {name for name in vars(journal) if hasattr(getattr(journal, name), "KIND")}
    assert names == {kind.__name__ for kind in KINDS} == {type(one).__name__ for one, _ in EXAMPLES}
    assert len({kind.KIND for kind in KINDS}) == len(KINDS)


def said(kind: str, body: str, **columns: Any) -> JournalEntry:
    return JournalEntry(at=AT, kind=kind, body=body, **columns)


def erased_before(**tags: str | None) -> str:
    """As it was kept when record and subject had a tag each."""
    kept = {f"{name}_tag": tag for name, tag in tags.items()}
    rest = KEPT._replace(names=None)._asdict()
    del rest["tag"]
    return json.dumps(rest | kept)


INBOX: Final = {"platform": "city", "source": "court", "rows": [1]}
FIRST_INBOX: Final = journal.InboxWord(
    at=AT,
    platform="city",
    source="court",
    persons=("甲",),
    rows=(1,),
    code=ONE_SUBJECT,
    reason="",
    digest="",
)
EARLIER: Final[list[tuple[str, Callable[[JournalEntry], Any], JournalEntry, Any]]] = [
    (
        "a tag under the only key",
        journal.TagSet.of,
        said("suppression", '{"kind": 4}', log=1, index=7, tag=TAG, until=0),
        journal.TagSet(**LEAF, tag=TAG, until=0, relief=4, year=None),
    ),
    (
        "an erasure with state and rule alone",
        journal.Erased.of,
        said("erasure", '{"state": 5, "rule": "relief.direct"}', log=1, index=7),
        journal.Erased(**LEAF, state=5, rule="relief.direct", kept=None),
    ),
    (
        "an erasure with tags of two columns",
        journal.Erased.of,
        said("erasure", erased_before(record="ab" * 16, subject="cd" * 16), log=1, index=7),
        journal.Erased(
            **LEAF,
            state=1,
            rule="",
            kept=KEPT._replace(tag=b"\xcd" * 16 + b"\xab" * 8, names=None),
        ),
    ),
    (
        "an erasure of a record of which no subject was known",
        journal.Erased.of,
        said("erasure", erased_before(record="ab" * 16, subject=None), log=1, index=7),
        journal.Erased(**LEAF, state=1, rule="", kept=KEPT._replace(tag=None, names=None)),
    ),
    (
        "a relisting of the kind decision",
        journal.Relisted.of,
        said("decision", '{"approved_by": ["a", "b"]}', log=1, index=7),
        journal.Relisted(**LEAF, by=("a", "b")),
    ),
    (
        "which is no decision on a case",
        journal.Decision.of,
        said("decision", '{"approved_by": ["a", "b"]}', log=1, index=7),
        None,
    ),
    (
        "as a decision on a case is no relisting",
        journal.Relisted.of,
        journal.Decision(**LEAF, finding=5, verdict="use", person="甲", reason="").entry(),
        None,
    ),
    (
        "a file of listings alone",
        journal.FileTaken.of,
        said(
            "intake",
            '{"source": "court", "list_type": "tax", "file": "ab", "rows": [], "refused": 0, '
            '"exists": 0}',
        ),
        journal.FileTaken(
            at=AT,
            source="court",
            list_type="tax",
            file="ab",
            rows=(),
            refused=0,
            exists=0,
            relief=False,
        ),
    ),
    (
        "the word of one person, of one code",
        journal.InboxWord.of,
        said("one-subject", json.dumps(INBOX | {"person": "甲"})),
        FIRST_INBOX,
    ),
    (
        "the word of one person, of a code",
        journal.InboxWord.of,
        said("one-subject", json.dumps(INBOX | {"person": "甲", "code": "x.y"})),
        replace(FIRST_INBOX, code="x.y"),
    ),
]


@pytest.mark.parametrize(
    ("read", "entry", "value"), [e[1:] for e in EARLIER], ids=[e[0] for e in EARLIER]
)
def test_what_earlier_versions_wrote_is_read(
    read: Callable[[JournalEntry], Any], entry: JournalEntry, value: Any
) -> None:
    assert read(entry) == value


def test_words_of_rows_know_what_was_signed() -> None:
    words = {type(one): one for one, _ in EXAMPLES}
    word = words[journal.FileWord]
    body = rows_body(
        file="ab", list_type="tax", mapping="", source="court", says=word.says, reason="核实"
    )
    assert word.body == body
    assert journal.FileWord.signed(AT, body, ("甲", "乙")) == word
    assert words[journal.InboxWord].body == inbox_body(
        platform="city", source="court", code=ONE_SUBJECT, rows="cd", reason="核实"
    )


# ---------------------------------------------------------------- nobody beside

ROOT: Final = Path(__file__).parents[3]
OWNER: Final = ROOT / "federation/ports/journal"
STORES: Final = {ROOT / "adapters/sql/rows.py"}
"""Where the columns of an entry are read and written."""
MIGRATIONS: Final = ROOT / "adapters/sql/migrations"
"""Steps of the past know the kinds of their day."""


HINTS: Final = re.compile(
    r"JournalEntry|loads\(|\bentries\(|last_entry\(|schema\.journal"
    r"|\.kind\s*(?:[=!<>]|in\b|not\b|is\b)"
)
"""Without any of these a module is none of those below, and is not parsed."""


def trespasses(text: str) -> list[str]:
    """What of a module makes an entry, names a kind, or reads a body by its own lights."""
    if not HINTS.search(text):
        return []
    found = []
    tree = ast.parse(text)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="JournalEntry") | ast.Attribute(attr="JournalEntry")):
                found.append(f"{node.lineno}: makes an entry")
            case ast.Call(func=ast.Attribute(attr="loads"), args=[ast.Attribute(attr="body"), *_]):
                found.append(f"{node.lineno}: reads a body")
            case ast.Call(
                func=ast.Attribute(attr="entries" | "last_entry"), args=[ast.Constant(), *_]
            ):
                found.append(f"{node.lineno}: asks for a kind by a text")
            case ast.Compare(
                left=ast.Attribute(attr="kind"), comparators=[ast.Constant(value=kind)]
            ):
                if kind in {one.KIND for one in KINDS}:
                    found.append(f"{node.lineno}: knows a kind")
            case ast.Call(func=ast.Name(id="insert")) if "schema.journal" in ast.unparse(node):
                if "entry_to_row" not in ast.unparse(tree):
                    found.append(f"{node.lineno}: writes past the values")
    return found


def test_no_other_module_writes_or_reads_what_an_entry_says() -> None:
    found = {}
    for path in (
        p for part in ("node", "federation", "adapters") for p in (ROOT / part).rglob("*.py")
    ):
        if OWNER in path.parents or MIGRATIONS in path.parents or path in STORES:
            continue
        if told := trespasses(path.read_text("utf-8")):
            found[str(path.relative_to(ROOT))] = told
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        'session.append_journal([JournalEntry(at=now, kind="go-on")])',
        "said = json.loads(entry.body)",
        'session.last_entry("go-on")',
        'found = entry.kind == "erasure"',
        "connection.execute(insert(schema.journal).values(kind='word'))",
    ],
)
def test_a_trespass_is_seen(line: str) -> None:
    assert trespasses(line)
