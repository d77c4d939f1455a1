"""Scripts and styles: read once, served under names that have their hash, kept by browsers a year.

What is not ours stands unchanged in `static/`, with its licence and its hash in `vendor.toml`.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from node.console.headers import SECURITY

KEPT: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_NAMES: Final = ("console.css", "console.js", "htmx.min.js", "echarts.min.js")


class Assets:
    """What `/static` serves."""

    def __init__(self) -> None:
        """Read them."""
        folder = files("node.console") / "static"
        content = {name: (folder / name).read_bytes() for name in _NAMES}
        self._paths = {name: _hashed(name, data) for name, data in content.items()}
        self._content = {self._paths[name]: data for name, data in content.items()}

    def path(self, name: str) -> str:
        """Where a file is served."""
        return f"/static/{self._paths[name]}"

    async def serve(self, request: Request) -> Response:
        """Serve one."""
        name = str(request.path_params["name"])
        data = self._content.get(name)
        if data is None:
            return Response(None, 404, SECURITY)
        kind = _TYPES["." + name.rpartition(".")[2]]
        return Response(data, 200, {**SECURITY, "cache-control": KEPT}, kind)


@cache
def read_assets() -> Assets:
    """What the package has; it does not change while a process runs."""
    return Assets()


def _hashed(name: str, data: bytes) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{sha256(data).hexdigest()[:16]}.{kind}"
