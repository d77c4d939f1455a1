"""Tables as departments' exports write them."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import openpyxl

TIME = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def csv_file(header: list[str], rows: list[list[str]], encoding: str) -> bytes:
    """Return a CSV file as a department's export writes it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_file(title: str, header: list[str], rows: list[list[str]]) -> bytes:
    """Return a workbook with a title above the header and texts in every cell.

    The time of writing that openpyxl puts into workbook and archive is replaced by a fixed one.
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append([title])
    for line in (header, *rows):
        sheet.append(line)
    written = io.BytesIO()
    book.save(written)
    fixed = io.BytesIO()
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(fixed, "w") as new:
        for name in sorted(old.namelist()):
            data = TIME.sub(rb"\g<1>2026-11-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
