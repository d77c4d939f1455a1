"""What a page is, and what its handlers are given: the interface between the shell and all pages.

    A page of its own:  node/console/pages/<name>.py       handlers, and PAGE
                        node/console/templates/<name>.html extends "layout.html"
                        node/console/texts/<name>.py       TEXTS: key → (Chinese, English)
    and one line in     node/console/pages/__init__.py

    async def index(visit: Visit) -> Response:
        found = await visit.get("/v1/records", {"page_size": 50})
        return visit.page("records.html", records=found["records"])

    PAGE = Page(
        name="records",
        path="/records",
        group=Group.WORK,
        needs=(Action.READ_RECORDS,),
        texts=TEXTS,
        routes=(Route("GET", "", index), Route("POST", "/{id}/repair", repair)),
    )

CN13  each file to keep has an ASCII name and one in the language of the page; neither names a
      subject or a person

What the API refuses (`ProblemError`) the shell shows as a page of its own; a handler that wants to
show it beside its form catches it, or asks with `visit.call`. The check of a POST is done before a
handler is called (CN3).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from federation.screening.roles import Action
from node.console.api import Answer, Api, ProblemError
from node.console.headers import SECURITY
from node.console.origins import Origin
from node.console.rendering import Rendering
from node.console.sessions import Session
from node.console.words import Language, Pair

HTML: Final = "text/html; charset=utf-8"


class Group(StrEnum):
    """Where a page stands in the menu."""

    TODAY = "today"
    WORK = "work"
    ALLIANCE = "alliance"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and the files that came with it."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, UploadFile] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """The one value of a field, without blanks at its ends; the default where it is absent."""
        values = self.fields.get(name, ())
        return values[0].strip() if len(values) == 1 else default

    def all(self, name: str) -> Sequence[str]:
        """All values of a field that may stand several times."""
        return self.fields.get(name, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of one person."""

    request: Request
    page_name: str
    language: Language
    session: Session
    form: Form
    api: Api
    rendering: Rendering
    origin: Origin
    texts: Mapping[str, Pair]
    menu: Sequence[MenuGroup]

    @property
    def path(self) -> Mapping[str, str]:
        """What stands in the path's braces."""
        return {name: str(value) for name, value in self.request.path_params.items()}

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the URL; of one that stands twice the last."""
        return self.request.query_params

    @property
    def partial(self) -> bool:
        """Whether htmx asks, for a part of a page alone."""
        return self.request.headers.get("hx-request") == "true"

    def text(self, key: str) -> str:
        """A text of the page, or of the shell, in the language of who looks."""
        return self.rendering.text(key, self.texts, self.language)

    def may(self, action: Action) -> bool:
        """Whether one of the account's roles may do this."""
        return self.session.may(action)

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the API, whatever it answers.

        Raises:
            ProblemError: the session has ended.
        """
        answer = await self.api.call(
            self.session.token,
            method,
            path,
            query=query,
            body=body,
            content=content,
            headers=headers,
        )
        if answer.status == 401:
            raise ProblemError(answer)
        return answer

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:  # noqa: ANN401 - JSON
        """The document at a path.

        Raises:
            ProblemError: the API refused.
        """
        return _granted(await self.call("GET", path, query=query))

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """What a POST of JSON answers.

        Raises:
            ProblemError: the API refused.
        """
        return _granted(await self.call("POST", path, body=body))

    async def file(self, path: str, name: str, people: str, kind: str) -> Response:
        """A file that the API makes, to keep; names and kind as of `download`.

        Raises:
            ProblemError: the API refused.
        """
        made = await self.call("GET", path)
        if not made.ok:
            raise ProblemError(made)
        return self.download(made.content, name, people, kind)

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page, or a part of one, out of a template."""
        text = self.rendering.render(
            template,
            self.language,
            self.texts,
            visit=self,
            session=self.session,
            menu=self.menu,
            here=str(self.request.url.path),
            **values,
        )
        return Response(text, status, SECURITY, HTML)

    def to(self, path: str, **query: str | int) -> Response:
        """Send on to a path of this console, after something was done (Post/Redirect/Get)."""
        target = f"{path}?{urlencode(query)}" if query else path
        return Response(None, 303, {**SECURITY, "location": target})

    def remembered(self, name: str) -> str:
        """What `remember` left in this browser under a name; empty where there is nothing."""
        return self.origin.cookie(self.request, name)

    def remember(self, response: Response, name: str, value: str) -> Response:
        """Leave a place where somebody was in this browser for a year; it names no subject."""
        self.origin.set_cookie(self.request, response, name, value, kept=True)
        return response

    def download(self, content: bytes, name: str, people: str, kind: str) -> Response:
        """A file to keep (CN13).

        Args:
            content: its bytes.
            name: ASCII, for what reads no other.
            people: what it is called in the page's language, without the ending, which is `name`'s.
            kind: its media type.
        """
        called = quote(f"{people}.{name.rpartition('.')[2]}", safe="")
        # RFC 6266: browsers take the second, where they know it
        named = f"attachment; filename=\"{name}\"; filename*=UTF-8''{called}"
        return Response(content, 200, {**SECURITY, "content-disposition": named}, kind)


Handler: TypeAlias = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path below the page's."""

    method: str
    path: str
    handler: Handler
    upload: int = 0
    """Bytes of a body with files; 0: fields alone."""
    needs: Action | None = None
    """Where it asks for more than the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the menu, and what belongs to it.

    `texts` has `title`, as it stands in the menu and above the page. `needs`: any of these lets
    somebody see it.
    """

    name: str
    path: str
    group: Group
    needs: tuple[Action, ...]
    texts: Mapping[str, Pair]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu."""

    path: str
    title: str
    current: bool


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A heading of the menu and what stands under it."""

    title: str
    entries: tuple[MenuEntry, ...]


def _granted(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    if not answer.ok:
        raise ProblemError(answer)
    return answer.document
