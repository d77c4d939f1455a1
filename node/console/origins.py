"""Whose request it is: cookies by their names, the origin of a POST, and where `next` may lead.

Behind a gateway that ends TLS the node sees plain HTTP; `[http] origin` then says how browsers call
the console, and cookies are Secure (CN2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

DEVICE_SECONDS: Final = 365 * 86_400
FIRST: Final = "/"
_NEXT_MAX: Final = 2000


@dataclass(frozen=True, slots=True)
class Origin:
    """How browsers call this console; empty: as the request says."""

    configured: str = ""

    def of(self, request: Request) -> str:
        """Scheme, host and port."""
        host = request.headers.get("host", "")
        return self.configured or f"{request.scope['scheme']}://{host}"

    def secure(self, request: Request) -> bool:
        """Whether browsers speak TLS to it."""
        return self.of(request).startswith("https:")

    def sent_here(self, request: Request) -> bool:
        """Whether a page of this origin sent a POST (CN3); what says nothing did not."""
        said = request.headers.getlist("origin")
        if said:
            return said == [self.of(request)]
        return request.headers.getlist("sec-fetch-site") == ["same-origin"]

    def came_from(self, request: Request) -> str:
        """The page of this origin whose form was sent; empty where the browser does not say."""
        said, base = request.headers.get("referer", ""), self.of(request)
        path = said.removeprefix(base) if said.startswith(f"{base}/") else ""
        return path if path and own_path(path) == path else ""

    def cookie(self, request: Request, name: str) -> str:
        """What a cookie of ours holds; empty where there is none."""
        return request.cookies.get(self._named(request, name), "")

    def set_cookie(
        self, request: Request, response: Response, name: str, value: str, *, kept: bool = False
    ) -> None:
        """Set one, for the browser's session or, where it is no secret of a session, a year."""
        response.set_cookie(
            self._named(request, name),
            value,
            max_age=DEVICE_SECONDS if kept else None,
            path="/",
            secure=self.secure(request),
            httponly=True,
            samesite="strict",
        )

    def forget(self, request: Request, response: Response, name: str) -> None:
        """Take one away."""
        response.delete_cookie(
            self._named(request, name),
            path="/",
            secure=self.secure(request),
            httponly=True,
            samesite="strict",
        )

    def set_passing(
        self, request: Request, response: Response, name: str, value: str, seconds: int
    ) -> None:
        """Set one that comes along when another site sends the browser back here (SameSite=Lax)."""
        response.set_cookie(
            self._named(request, name),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure(request),
            httponly=True,
            samesite="lax",
        )

    def _named(self, request: Request, name: str) -> str:
        """`__Host-` binds a cookie to this host and to TLS; browsers take it over TLS alone."""
        return f"__Host-{name}" if self.secure(request) else name


def own_path(said: str) -> str:
    """Where `next` leads: a path of this console, else its first page (CN4)."""
    if (
        not said.startswith("/")
        or said.startswith("//")
        or len(said) > _NEXT_MAX
        or not said.isascii()
        or not said.isprintable()
        or "\\" in said
    ):
        return FIRST
    return said
