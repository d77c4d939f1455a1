"""What persons signed elsewhere and hand in here: a file, or pasted text.

CN10  a note is bounded, and goes to the API as it came; nothing here signs or adds to one
"""

from __future__ import annotations

import shlex
from typing import Final

from starlette.responses import Response

from node.console.page import Form, Visit

NOTE_MAX: Final = 256 * 1024
"""Bytes of a form with a note: a signed note has at most 128 KiB."""
PLAIN: Final = "text/plain; charset=utf-8"


def word_of(form: Form) -> str:
    """The word as the page had it: browsers send its lines with CR LF."""
    return form.get("word").replace("\r\n", "\n") + "\n"


async def kept(visit: Visit) -> Response:
    """The bytes to sign, as a file: exactly what the page showed."""
    content = word_of(visit.form).encode()
    return visit.download(content, "word.txt", visit.text("word.file"), PLAIN)


def command(stem: str) -> str:
    """What signs a word that was kept under this name, on a person's own machine."""
    said = ("huxin", "sign", "text", f"{stem}.note", f"{stem}.txt", "--key", "own.key")
    return shlex.join(said)


async def note_of(form: Form) -> str:
    """The note that came with a form: of the file where there is one, else what was pasted.

    Browsers send pasted lines with CR LF, and a note has LF alone; its last newline may be lost in
    pasting, and is set again. A file is taken as it is.
    """
    file = form.files.get("file")
    if file is not None and file.filename:
        return (await file.read(NOTE_MAX)).decode("utf-8", "replace")
    pasted = form.fields.get("note", ("",))[0].replace("\r\n", "\n")
    if not pasted.strip():
        return ""
    return pasted.strip("\n") + "\n"
