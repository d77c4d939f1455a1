"""Cells of an XLSX workbook that are shown otherwise than a reader gives them (F61).

Runs in the child process of `_book_child`, after the parts were looked through: none declares
entities, so that parsing makes nothing larger.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from xml.etree import ElementTree as ET

from adapters.files._shown_cells import STRUCK, shows

_STYLES: Final = "xl/styles.xml"
_STRINGS: Final = "xl/sharedStrings.xml"
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 64 * 1024
_PLACE: Final = rb"(?=[^<>]*?\sr=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'])"
_LINE: Final = rb"<(?:\w+:)?strike(?:\s+val=[\"'](?:1|true)[\"'])?\s*/?>"
_STRUCK_INSIDE: Final = re.compile(
    rb"<(?:\w+:)?c(?=\s)" + _PLACE + rb"[^<>]*[^/<>]>(?:(?!</(?:\w+:)?c>).){0,8192}?" + _LINE,
    re.DOTALL,
)
_SHARED: Final = re.compile(
    rb"<(?:\w+:)?c(?=\s)(?=[^<>]*?\st=[\"']s[\"'])"
    + _PLACE
    + rb"[^<>]*>\s*<(?:\w+:)?v>([0-9]{1,9})</"
)
_ALPHABET: Final = 26

Places = dict[tuple[int, int], str]
"""What is shown of a cell, by its row, counted from 1, and its column, counted from 0."""


def shown_otherwise(archive: zipfile.ZipFile, parts: Iterable[str]) -> dict[str, Places]:
    """Return, for each of some worksheets, its cells that are shown otherwise than they are.

    Args:
        archive: the workbook.
        parts: names of its worksheets.
    """
    names = set(archive.namelist())
    told = _told_styles(archive.read(_STYLES)) if _STYLES in names else {}
    strings = _struck_strings(archive) if _STRINGS in names else frozenset()
    found: dict[str, Places] = {}
    for part in parts:
        if part in names and (places := _places(archive, part, told, strings)):
            found[part] = places
    return found


def _told_styles(data: bytes) -> dict[bytes, str]:
    """Numbers of the styles of cells that tell something, as they stand in a worksheet."""
    try:
        root = ET.fromstring(data)  # noqa: S314 - see above
    except ET.ParseError:
        return {}
    codes: dict[str, str] = {}
    struck: list[bool] = []
    formats: list[ET.Element] = []
    for group in root:
        name = _name(group)
        if name == "numFmts":
            codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in group}
        elif name == "fonts":
            struck = [any(map(_is_line, font)) for font in group]
        elif name == "cellXfs":
            formats = list(group)
    found: dict[bytes, str] = {}
    for at, one in enumerate(formats):
        font, number = one.get("fontId", "0"), one.get("numFmtId", "0")
        if font.isdigit() and int(font) < len(struck) and struck[int(font)]:
            found[str(at).encode()] = STRUCK
        elif number.isdigit() and (kind := shows(int(number), codes.get(number, ""))):
            found[str(at).encode()] = kind
    return found


def _struck_strings(archive: zipfile.ZipFile) -> frozenset[int]:
    """Numbers of the shared texts of which a part is struck through."""
    found = set()
    number = 0
    with archive.open(_STRINGS) as stream:
        for _, element in ET.iterparse(stream):  # noqa: S314 - see above
            if _name(element) == "si":
                if any(map(_is_line, element.iter())):
                    found.add(number)
                number += 1
                element.clear()
    return frozenset(found)


def _places(
    archive: zipfile.ZipFile, part: str, told: Mapping[bytes, str], strings: frozenset[int]
) -> Places:
    found: Places = {}
    styled = None
    if told:
        numbers = b"|".join(told)
        style = rb"(?=[^<>]*?\ss=[\"'](" + numbers + rb")[\"'])"
        styled = re.compile(rb"<(?:\w+:)?c(?=\s)" + style + _PLACE)
    for text in _pieces(archive, part):
        if styled is not None:
            for number, column, row in styled.findall(text):
                found[int(row), _at(column)] = told[number]
        if b"strike" in text:
            for column, row in _STRUCK_INSIDE.findall(text):
                found[int(row), _at(column)] = STRUCK
        if strings:
            for column, row, index in _SHARED.findall(text):
                if int(index) in strings:
                    found[int(row), _at(column)] = STRUCK
    return found


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part piece by piece, the end of each again with the next one."""
    end = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = end + chunk
            yield text
            end = text[-_OVERLAP:]


def _is_line(element: ET.Element) -> bool:
    return _name(element) == "strike" and element.get("val", "1") in ("1", "true")


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _at(column: bytes) -> int:
    at = 0
    for letter in column:
        at = at * _ALPHABET + letter - ord("A") + 1
    return at - 1
