"""Canaries: contents that are recognised wherever their bytes lie, however they are written."""

from __future__ import annotations

import base64
import json
import mmap
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from federation.uscc import make_uscc

MARK = "鸊鷉金丝雀鴝鵒"
"""Part of every name, reason and address; six signs that stand together nowhere else."""
CODE = make_uscc("91510500", "YYX7KW9M")
"""The subject of every canary."""


def name(kind: str) -> str:
    return f"{MARK}{kind}有限公司（演示）"


def reason(kind: str) -> str:
    return f"{kind}：{MARK}路一号，虚构情形（演示）"


def _patterns() -> list[bytes]:
    found: set[bytes] = set()
    for text in (MARK, CODE):
        plain = text.encode()
        found |= {text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
        found.add(text.encode("gb18030"))
        found |= {plain.hex().encode(), plain.hex().upper().encode()}
        found.add(json.dumps(text)[1:-1].encode())
        for shift in range(3):
            # Of a longer text: without the signs that its neighbours change.
            coded = base64.b64encode(bytes(shift) + plain)
            found.add(coded[(shift * 8 + 5) // 6 : len(coded) - 4])
    return sorted(found)


PATTERNS = _patterns()


def in_bytes(data: bytes | mmap.mmap) -> bool:
    """Whether a canary is in some bytes, in any of the spellings."""
    return any(data.find(pattern) >= 0 for pattern in PATTERNS)


def files_with(
    folders: Iterable[Path], left_out: Callable[[Path], bool] = lambda _: False
) -> list[str]:
    """Files below folders in which a canary is; each name is looked at as well."""
    found: list[str] = []
    for folder in folders:
        for path in _files(folder):
            if left_out(path):
                continue
            if in_bytes(os.fsencode(path)) or _in_file(path):
                found.append(str(path.relative_to(folder)))
    return sorted(found)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _in_file(path: Path) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
            return in_bytes(data)
    except (ValueError, FileNotFoundError):  # empty, or gone meanwhile
        return False


def in_memory_of(pid: int) -> bool:
    """Whether a canary is in the memory of a running process, as a core file would have it."""
    maps = Path(f"/proc/{pid}/maps").read_text("ascii", "replace")
    spans = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) r", maps, re.MULTILINE)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for begin, end in ((int(b, 16), int(e, 16)) for b, e in spans):
            try:
                memory.seek(begin)
                data = memory.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue  # the kernel's own pages
            if in_bytes(data):
                return True
    return False
