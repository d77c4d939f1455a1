"""Workbooks written part by part, so that a test may write what no spreadsheet program would."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
SHEET = "xl/worksheets/sheet1.xml"


def relations(kind: str, target: str) -> str:
    """A part that names one other part."""
    return (
        f'{_XML}<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_MEDIA}.sheet.main+xml"/>'
        f'<Override PartName="/{SHEET}" ContentType="{_MEDIA}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": relations("worksheet", "worksheets/sheet1.xml"),
}


def cell(place: str, text: str) -> str:
    """A cell with its text beside it."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADER = f'<row r="1">{cell("A1", "名称")}{cell("B1", "案号")}</row>'


def sheet(rows: str, before: str = "") -> str:
    """A worksheet: `before` stands above its root."""
    return (
        f'{_XML}{before}<worksheet xmlns="{_MAIN}"><sheetData>{HEADER}{rows}</sheetData>'
        "</worksheet>"
    )


def write_book(path: Path, content: str | bytes, more: Mapping[str, bytes] | None = None) -> Path:
    """Write a workbook whose one sheet is this part."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**PARTS, SHEET: content, **(more or {})}.items():
            archive.writestr(name, part)
    return path


def write_zeros(path: Path, megabytes: int) -> Path:
    """Write a workbook whose sheet unpacks to so many megabytes of nothing."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in PARTS.items():
            archive.writestr(name, part)
        with archive.open(SHEET, "w") as stream:
            for _ in range(megabytes):
                stream.write(bytes(1024 * 1024))
    return path


def understate(path: Path, stated: int) -> Path:
    """Let every part of an archive say that it unpacks to so many bytes only."""
    data = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        for at in _places(data, magic):
            data[at + offset : at + offset + 4] = stated.to_bytes(4, "little")
    path.write_bytes(data)
    return path


def _places(data: bytearray, magic: bytes) -> Iterable[int]:
    at = data.find(magic)
    while at >= 0:
        yield at
        at = data.find(magic, at + 4)
