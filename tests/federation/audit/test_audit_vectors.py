"""Known answers of audits: signed notes of reports, the files `since` of exports that go on.

Covers federation/relief/audit_note.py and federation/audit/export_names.py.
"""

from __future__ import annotations

from typing import Any

from crypto.errors import CryptoError
from crypto.notes import parse_note, sign_note, verify_note
from federation.audit.export_names import parse_since
from federation.ids import Origin, Timestamp
from federation.relief.audit_note import AuditNote, format_audit_note, parse_audit_note
from tests.support import charters as build
from tests.support.vectors import compare, held

SIGNER = build.document_signer("510500")
ORIGINS = [Origin("510300.huxin.example/1"), Origin("510500.huxin.example/2")]
NOTE = AuditNote(
    result="incomplete",
    as_of=Timestamp(1_790_000_000),
    logs={ORIGINS[0]: (42, bytes(range(32))), ORIGINS[1]: (0, bytes(32))},
    files={"report.html": b"h" * 32, "report.json": b"j" * 32},
)


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """What this program says of a case."""
    try:
        if case["what"] == "since":
            return {"result": "ok", "says": parse_since(case["since"].encode(), case["of"])}
        signed = parse_note(case["note"].encode())
        verify_note(signed, [SIGNER.verifier])
        note = parse_audit_note(signed.text)
    except CryptoError:
        return {"result": "refused"}
    logs = {origin: size for origin, (size, _) in note.logs.items()}
    return {"result": "ok", "says": [note.result, note.as_of, logs]}


def notes() -> list[tuple[str, str]]:
    text = format_audit_note(NOTE)
    bare = format_audit_note(AuditNote(result="clean", as_of=Timestamp(0), logs={}, files={}))
    lines = text.splitlines(keepends=True)
    return [
        ("good", text),
        ("of no log", bare),
        ("of another format", text.replace("@v1", "@v2")),
        ("a result that is none", text.replace("incomplete", "perfect")),
        ("a time with a zero in front", text.replace("as-of ", "as-of 0")),
        ("logs in another order", "".join((*lines[:3], lines[4], lines[3], *lines[5:]))),
        ("a log twice", "".join((*lines[:4], lines[3], *lines[4:]))),
        ("files before logs", "".join((*lines[:3], *lines[5:], *lines[3:5]))),
        ("a root that is too short", text.replace(lines[3].split(" ")[3], "AAAA\n")),
        ("an origin that is none", text.replace("510300.huxin.example/1", "510300.huxin.example")),
        ("a digest in capitals", text.replace("68" * 32, "6A" * 32)),
        ("a line more", text + "more\n"),
        ("without its result", "".join((lines[0], *lines[2:]))),
    ]


def test_vectors() -> None:
    cases: list[dict[str, Any]] = [
        {"what": "report", "name": name, "note": sign_note(text, [SIGNER]).to_bytes().decode()}
        for name, text in notes()
    ]
    good = cases[0]["note"]
    cases.append({"what": "report", "name": "altered", "note": good.replace(" 42 ", " 43 ")})
    cases += [
        {"what": "since", "name": f"since {text!r} of {size}", "since": text, "of": size}
        for text, size in (
            ("256\n", 256),
            ("512\n", 1000),
            ("512\n", 511),
            ("0\n", 1000),
            ("255\n", 1000),
            ("0256\n", 1000),
            ("256", 1000),
            ("256\n\n", 1000),
            ("+256\n", 1000),
            ("", 1000),
        )
    ]
    compare(
        "audits",
        "8.6",
        "`note` is signed by `key`; `says` its result, time and sizes. `since` of a log of so many "
        "leaves, `says` of how many",
        [case | answer(case) for case in cases],
        key=str(SIGNER.verifier),
    )


def test_each_case_is_answered_as_it_stands() -> None:
    file = held("audits")
    assert file["key"] == str(SIGNER.verifier)
    for case in file["cases"]:
        assert answer(case) == {k: case[k] for k in ("result", "says") if k in case}, case["name"]
