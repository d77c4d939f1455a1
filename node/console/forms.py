"""Forms as browsers send them: bounded in bytes, fields, files and time (CN8).

Files are spooled by Starlette into files without a name, which end with the request.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from node.console.page import Form

PLAIN_MAX: Final = 256 * 1024
"""Bytes of a form without files."""
FIELDS_MAX: Final = 1000
FILES_MAX: Final = 4
FIELD_MAX: Final = 128 * 1024
"""Bytes of one field beside files."""
SECONDS: Final = 30.0
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


class NoFormError(Exception):
    """No form of ours; `status` and the text `fault.<key>` say why. The caller's fault."""

    def __init__(self, status: int, key: str) -> None:
        """Say why."""
        self.status, self.key = status, key
        super().__init__(key)


async def close_form(request: Request) -> None:
    """Give up the files that came with a request."""
    said = getattr(request.state, "form", None)
    if said is not None:
        await said.close()


async def read_form(request: Request, upload: int) -> Form:
    """Read a form.

    Args:
        request: a POST.
        upload: bytes that a body with files may have; 0: none may come.

    Raises:
        NoFormError: too long, too slow, or no form.
        ClientDisconnect: the caller has gone.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    most = max(upload, PLAIN_MAX)
    if not length.isdecimal() or len(length) > 12 or int(length) > most:
        raise NoFormError(413, "too-large")
    try:
        async with asyncio.timeout(SECONDS):
            if kind == _URLENCODED:
                said = await FormParser(request.headers, request.stream()).parse()
            elif kind == _MULTIPART and upload:
                said = await MultiPartParser(
                    request.headers,
                    request.stream(),
                    max_files=FILES_MAX,
                    max_fields=FIELDS_MAX,
                    max_part_size=FIELD_MAX,
                ).parse()
            else:
                raise NoFormError(415, "no-form")
    except TimeoutError:
        raise NoFormError(408, "slow") from None
    except MultiPartException:
        raise NoFormError(400, "no-form") from None
    request.state.form = said
    items = said.multi_items()
    fields: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in items:
        if isinstance(value, UploadFile):
            files[name] = value
        else:
            fields.setdefault(name, []).append(value)
    return Form(fields=fields, files=files)
