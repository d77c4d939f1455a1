"""Files that come over HTTP, for as long as the node takes them.

HT17  A file is read only of a caller who may do what it is for, as the node itself has said
      before; it is of a type that is named, and bounded in bytes and in time. It lies in a folder
      of the node's own that nobody else may enter, under a name made of its bytes and not of the
      caller's, and is removed however it ends; what a crash left, at the next start
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from starlette.requests import Request

from adapters.errors import FullError
from federation.errors import StatementError
from node.network.errors import UnavailableError
from node.system.clock import SystemClock
from node.system.threads import in_thread
from node.web import tokens
from node.web.edge import Edge
from node.web.routing import check_length, too_large

SECONDS: Final = 300.0
"""Until a file has come in whole."""
AT_ONCE: Final = 2
"""Files that come in or are taken at a time; so much disk they may need."""
LEFT_SECONDS: Final = 3600
"""What has lain for so long is of a process that has gone."""
_CHUNK: Final = 1024 * 1024
_TOKEN_MAX: Final = 64
"""Bytes of a token, and more: one that comes in two parts is seen too."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

ENDINGS: Final = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/json": ".json",
    "application/yaml": ".yaml",
}
"""Types that are taken, and how the name of such a file ends."""


class Uploads:
    """The folder; used by the loop, written on threads."""

    def __init__(self, folder: Path, most: int) -> None:
        """Take the folder, which is made at the first file.

        Args:
            folder: of the node's own, mode 0700.
            most: bytes of a file.
        """
        self._folder = folder
        self._most = most
        self._under_way = 0
        if folder.exists():
            for left in folder.iterdir():
                if SystemClock().now() - left.stat().st_mtime > LEFT_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)

    @property
    def most(self) -> int:
        """Bytes of a file."""
        return self._most

    @asynccontextmanager
    async def taken(
        self, request: Request, ending: str, *, edge: Edge, threads: Executor
    ) -> AsyncIterator[Path]:
        """Read the body into a file; it goes with the context.

        Args:
            request: whose body is the file.
            ending: of its name.
            edge: told of a token in it (HT1).
            threads: on which it is written.

        Raises:
            StatementError: `http.too-large`, `http.slow`.
            UnavailableError: `http.busy`: others come in.
            FullError: there is no space for it.
            ClientDisconnect: the caller has gone.
        """
        check_length(request, self._most)
        if self._under_way >= AT_ONCE:
            message = "正在接收其他文件，请稍后重试 / other files are coming in; come again"
            raise UnavailableError("http.busy", message)
        self._under_way += 1
        try:
            folder = await in_thread(threads, self._new_folder)
            try:
                coming = folder / "coming"
                digest = await self._filled(request, coming, edge, threads)
                yield coming.rename(folder / f"http-{digest[:16]}{ending}")
            finally:
                await in_thread(threads, shutil.rmtree, folder, True)  # noqa: FBT003 - errors or not
        finally:
            self._under_way -= 1

    def _new_folder(self) -> Path:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._folder))

    async def _filled(self, request: Request, path: Path, edge: Edge, threads: Executor) -> str:
        """Write the body to a new file; its digest."""
        digest, size, waiting, before = sha256(), 0, bytearray(), b""
        file = await in_thread(threads, _new_file, path)
        try:
            async with asyncio.timeout(SECONDS):
                async for part in request.stream():
                    size += len(part)
                    if size > self._most:
                        raise too_large(self._most)
                    await edge.refuse_exposed(tokens.in_body(before + part), "body")
                    before = (before + part)[-_TOKEN_MAX:]
                    digest.update(part)
                    waiting += part
                    if len(waiting) >= _CHUNK:
                        await in_thread(threads, _write, file, bytes(waiting))
                        waiting.clear()
            await in_thread(threads, _write, file, bytes(waiting))
        except TimeoutError:
            message = f"文件未在 {SECONDS:g} 秒内到齐 / expected the file within {SECONDS:g} s"
            raise StatementError("http.slow", message) from None
        finally:
            file.close()
        return digest.hexdigest()


def ending_of(request: Request) -> str:
    """How the name of the file ends, by the type that the caller names.

    Raises:
        StatementError: `http.content-type`.
    """
    said = request.headers.getlist("content-type")
    kind = (said[0] if len(said) == 1 else "").partition(";")[0].strip().lower()
    encoded = request.headers.get("content-encoding", "identity").strip().lower()
    if kind not in ENDINGS or encoded != "identity":
        listed = ", ".join(ENDINGS)
        message = (
            f"文件类型须为其中之一，不压缩：{listed} / expected Content-Type {listed}, and no "
            "Content-Encoding"
        )
        raise StatementError("http.content-type", message)
    return ENDINGS[kind]


def _new_file(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)


def _write(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[file.write(view) :]
    except OSError as error:
        if error.errno in _FULL:
            message = f"no space for a file that comes in: {error.strerror}"
            raise FullError(message) from error
        raise
