"""A workbook without its blank texts, for a sheet that is too wide and long to be read with them.

A reader makes room for every cell up to the last one that has a value: one blank typed into the
last row of a sheet of sixty columns asks for sixty million cells. Runs in the child process of
`_book_child`, only after it ran out of memory without this; parts are copied piece by piece.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

_CHUNK: Final = 1024 * 1024
_SHEETS: Final = "xl/worksheets/"
_STRINGS: Final = "xl/sharedStrings.xml"
_CELL: Final = re.compile(rb"<((?:\w+:)?c)(\s[^<>]*[^<>/])?>(.*?)</\1>", re.DOTALL)
_TEXTS: Final = re.compile(rb"<(?:\w+:)?[tv](?:\s[^<>]*)?>([^<]*)</")
_TYPE: Final = re.compile(rb"\st=[\"'](\w+)[\"']")


def without_blanks(source: Path | bytes) -> bytes:
    """Return a workbook without those of its cells that hold nothing but blanks."""
    made = io.BytesIO()
    opened = io.BytesIO(source) if isinstance(source, bytes) else source
    with (
        zipfile.ZipFile(opened) as archive,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        blanks = _blank_strings(archive)

        def kept(cell: re.Match[bytes]) -> bytes:
            return b"" if _is_blank(cell, blanks) else cell[0]

        for part in archive.infolist():
            with archive.open(part) as stream, copy.open(part.filename, "w") as into:
                sheet = part.filename.startswith(_SHEETS)
                rest = b""
                while chunk := stream.read(_CHUNK):
                    text = rest + chunk
                    # A cell is looked at whole: what follows the last end of one waits.
                    cut = text.rfind(b"</row>") + 1 or (0 if sheet else len(text))
                    into.write(_CELL.sub(kept, text[:cut]) if sheet else text[:cut])
                    rest = text[cut:]
                into.write(_CELL.sub(kept, rest) if sheet else rest)
    return made.getvalue()


def _blank_strings(archive: zipfile.ZipFile) -> frozenset[int]:
    """Numbers of the shared texts that are nothing but blanks."""
    if _STRINGS not in archive.namelist():
        return frozenset()
    found = set()
    number = 0
    with archive.open(_STRINGS) as stream:
        # No part declares entities (`_xlsx_parts`), so that parsing makes nothing larger.
        for _, element in ET.iterparse(stream):  # noqa: S314
            if element.tag.rpartition("}")[2] == "si":
                if not "".join(element.itertext()).strip():
                    found.add(number)
                number += 1
                element.clear()
    return frozenset(found)


def _is_blank(cell: re.Match[bytes], blanks: frozenset[int]) -> bool:
    kind = _TYPE.search(cell[2] or b"")
    if kind is None or kind[1] not in (b"s", b"str", b"inlineStr"):
        return False
    text = b"".join(_TEXTS.findall(cell[3]))
    if kind[1] == b"s":
        return text.isdigit() and int(text) in blanks
    return not html.unescape(text.decode("utf-8", "replace")).strip()
