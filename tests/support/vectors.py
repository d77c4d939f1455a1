"""Known answers for other implementations: `tests/vectors/<topic>.json`, made anew by tests.

A file says what it is of (`clause`), how its inputs are written (`about`) and has `cases`, each
with a name, inputs and a `result`: `ok`, or the stable code with which the case is refused. With
`HUXIN_WRITE_VECTORS` in the environment a file that differs is written instead of compared.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def compare(topic: str, clause: str, about: str, cases: list[dict[str, Any]], **more: Any) -> None:
    """Compare what was made with what is held."""
    made = {"about": about, "clause": clause, **more, "cases": cases}
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names)
    path = VECTORS / f"{topic}.json"
    if os.environ.get("HUXIN_WRITE_VECTORS"):
        path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == made


def held(topic: str) -> dict[str, Any]:
    """What stands in a file."""
    return dict(json.loads((VECTORS / f"{topic}.json").read_text(encoding="utf-8")))


def bytes_case(name: str, data: bytes, key: str, **more: Any) -> dict[str, Any]:
    """A case whose bytes stand in `key` where they are plain text, else in `<key>_hex`."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\x00"
    plain = all(c == "\n" or c >= " " for c in text)
    return {"name": name, **({key: text} if plain else {f"{key}_hex": data.hex()}), **more}


def bytes_of(case: dict[str, Any], key: str) -> bytes:
    """The bytes of `bytes_case`."""
    return bytes.fromhex(case[f"{key}_hex"]) if f"{key}_hex" in case else case[key].encode()
