"""The console's shell: who may see what, what every request must be, what every answer says.

A request goes through these gates in this order: origin of a POST (CN3), session and role (CN1),
then its body, bounded (CN8), and the token in it (CN3); then its page's handler is called. What a
stranger sends is not read, but the form of the sign-in page.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import quote

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.routing import Route as WebRoute
from starlette.types import Receive, Scope, Send

from node.console.api import Api, ProblemError
from node.console.assets import read_assets
from node.console.forms import NoFormError, close_form, read_form
from node.console.headers import SECURITY, TRANSPORT
from node.console.origins import Origin, own_path
from node.console.page import HTML, Form, Group, MenuEntry, MenuGroup, Page, Route, Visit
from node.console.provider_pages import PATH as PROVIDER_PATH
from node.console.provider_pages import ProviderPages
from node.console.rendering import Rendering, said_of_code
from node.console.sessions import Session, Sessions, same
from node.console.signing_in import SignInPage
from node.console.texts.shell import TEXTS as SHELL
from node.console.words import Language
from node.system.entropy import token

_log = structlog.get_logger()

SESSION: Final = "huxin"
LANGUAGE: Final = "huxin-language"
CSRF: Final = "_token"
"""The field of a form that has the session's token."""


class Console:
    """An ASGI application."""

    def __init__(
        self,
        *,
        api: Api,
        sessions: Sessions,
        pages: Sequence[Page],
        city: str,
        origin: str = "",
        provider: str = "",
    ) -> None:
        """Wire it.

        Args:
            api: the node.
            sessions: of browsers.
            pages: in the order of the menu.
            city: whose console this is.
            origin: how browsers call it, where that is not how they are heard.
            provider: what the identity provider is called; empty where there is none.
        """
        self._api = api
        self._sessions = sessions
        self._pages = pages
        self._origin = Origin(origin)
        assets = read_assets()
        self._rendering = Rendering(assets, city, provider)
        self._signing_in = SignInPage(
            api=api, sessions=sessions, rendering=self._rendering, origin=self._origin
        )
        self._by_provider = ProviderPages(
            api=api,
            sessions=sessions,
            rendering=self._rendering,
            origin=self._origin,
            signing_in=self._signing_in,
        )
        self._app = Starlette(
            routes=[
                WebRoute("/static/{name}", assets.serve, methods=["GET"]),
                WebRoute("/sign-in", self._sign_in_page, methods=["GET"]),
                WebRoute("/sign-in", self._sign_in, methods=["POST"]),
                *(self._provider_routes() if provider else ()),
                WebRoute("/sign-out", self._sign_out, methods=["POST"]),
                WebRoute("/language/{language}", self._language, methods=["GET"]),
                *(self._route(page, route) for page in pages for route in page.routes),
            ],
            exception_handlers={HTTPException: self._not_routed},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._app(scope, receive, send)

    # ------------------------------------------------------------------ pages

    def _route(self, page: Page, route: Route) -> WebRoute:
        async def serve(request: Request) -> Response:
            return await self._edge(request, lambda: self._served(request, page, route), page.name)

        return WebRoute(page.path + route.path, serve, methods=[route.method])

    async def _edge(
        self, request: Request, serve: Callable[[], Awaitable[Response]], name: str
    ) -> Response:
        """Answer; whatever is raised becomes a page."""
        try:
            return self._sealed(request, await serve())
        except ProblemError as problem:
            if problem.status == 401:
                self._sessions.end(self._origin.cookie(request, SESSION))
                return self._sealed(request, self._to_sign_in(request))
            return self._sealed(request, self._problem_page(request, problem))
        except NoFormError as fault:
            return self._sealed(request, self._plain(request, fault.status, fault.key))
        except ClientDisconnect:
            return Response(None, 400)  # nobody reads it
        except Exception as error:  # noqa: BLE001 - the edge: nothing else may leave
            number = token(8).hex()
            _log.error(
                "a page failed",
                code="console.internal",
                id=number,
                page=name,
                error=type(error).__name__,
                # Where it was raised, and not what it says: that may hold what is shown (HT2).
                exception="".join(traceback.format_tb(error.__traceback__)),
            )
            return self._sealed(request, self._plain(request, 500, "internal", number))
        finally:
            await close_form(request)

    async def _served(self, request: Request, page: Page, route: Route) -> Response:
        session = self._sessions.get(self._origin.cookie(request, SESSION))
        if route.method == "POST":
            self._check_sent_here(request)
        if session is None:
            return self._to_sign_in(request)
        if not any(map(session.may, page.needs)) or not (
            route.needs is None or session.may(route.needs)
        ):
            return self._plain(request, 403, "not-yours")
        form = Form()
        if route.method == "POST":
            form = await self._checked_form(request, session, route.upload)
        return await route.handler(self._visit(request, page, session, form))

    async def _checked_form(self, request: Request, session: Session | None, upload: int) -> Form:
        """Read a form, from a page of ours and of this session alone (CN3).

        Raises:
            NoFormError: it is not.
        """
        self._check_sent_here(request)
        form = await read_form(request, upload)
        if session is not None and not same(form.get(CSRF), session.form_token):
            raise NoFormError(403, "stale-form")
        return form

    def _check_sent_here(self, request: Request) -> None:
        """Refuse a POST that no page of ours sent (CN3).

        Raises:
            NoFormError: it is of another origin, or does not say.
        """
        if not self._origin.sent_here(request):
            raise NoFormError(403, "foreign-form")

    def _visit(self, request: Request, page: Page, session: Session, form: Form) -> Visit:
        language = self._spoken(request)
        return Visit(
            request=request,
            page_name=page.name,
            language=language,
            session=session,
            form=form,
            api=self._api,
            rendering=self._rendering,
            origin=self._origin,
            texts=page.texts,
            menu=self._menu(page, session, language),
        )

    def _menu(self, here: Page | None, session: Session, language: Language) -> list[MenuGroup]:
        """What this person may see, and nothing else."""
        return [
            MenuGroup(title=language.of(SHELL[f"group.{group}"]), entries=entries)
            for group in Group
            if (
                entries := tuple(
                    MenuEntry(
                        path=page.path,
                        title=language.of(page.texts["title"]),
                        current=page is here,
                    )
                    for page in self._pages
                    if page.group is group and any(map(session.may, page.needs))
                )
            )
        ]

    # ------------------------------------------------------------------ signing in and out

    async def _sign_in_page(self, request: Request) -> Response:
        return self._sealed(request, self._signing_in.page(request, self._spoken(request)))

    async def _sign_in(self, request: Request) -> Response:
        async def tried() -> Response:
            form = await self._checked_form(request, None, 0)
            return await self._signing_in.tried(request, form, self._spoken(request))

        return await self._edge(request, tried, "sign-in")

    def _provider_routes(self) -> tuple[WebRoute, ...]:
        """Where a person sets out for the identity provider, and comes back from it (CN9)."""

        async def set_out(request: Request) -> Response:
            async def sent() -> Response:
                form = await self._checked_form(request, None, 0)
                return await self._by_provider.set_out(request, form, self._spoken(request))

            return await self._edge(request, sent, "sign-in")

        async def came_back(request: Request) -> Response:
            async def taken() -> Response:
                return await self._by_provider.came_back(request, self._spoken(request))

            return await self._edge(request, taken, "sign-in")

        return (
            WebRoute(PROVIDER_PATH, set_out, methods=["POST"]),
            WebRoute(PROVIDER_PATH, came_back, methods=["GET"]),
        )

    async def _sign_out(self, request: Request) -> Response:
        return await self._edge(request, lambda: self._signed_out(request), "sign-out")

    async def _signed_out(self, request: Request) -> Response:
        cookie = self._origin.cookie(request, SESSION)
        session = self._sessions.get(cookie)
        await self._checked_form(request, session, 0)
        if session is not None:
            self._sessions.end(cookie)
            await self._api.call(session.token, "POST", "/v1/sessions:close")
        answer = Response(None, 303, {**SECURITY, "location": "/sign-in"})
        if session is not None and session.end_address:
            answer = self._by_provider.signed_out(self._spoken(request), session.end_address)
        self._origin.forget(request, answer, SESSION)
        return answer

    def _to_sign_in(self, request: Request) -> Response:
        """The way to the sign-in page and back; where htmx asks, of the whole page."""
        query = request.scope["query_string"].decode("latin-1")
        back = request.url.path + (f"?{query}" if query else "")
        said = []
        if request.method != "GET":  # what was filled in is not kept, only the way to its page
            said.append("unsaved=1")
            back = self._origin.came_from(request)
            back = back if self._shows(back) else ""
        here = back if own_path(back) == back else ""
        said += [f"next={quote(here, safe='')}"] if here not in ("", "/") else []
        target = "/sign-in" + (f"?{'&'.join(said)}" if said else "")
        if request.headers.get("hx-request") == "true":
            return Response(None, 200, {**SECURITY, "hx-redirect": "/sign-in"})
        return Response(None, 303, {**SECURITY, "location": target})

    def _shows(self, target: str) -> bool:
        """Whether a path has a page that can be opened, and not only one that answers a form."""
        scope = {"type": "http", "method": "GET", "path": target.partition("?")[0], "headers": []}
        return any(route.matches(scope)[0] is Match.FULL for route in self._app.routes)

    async def _language(self, request: Request) -> Response:
        said = str(request.path_params["language"])
        target = own_path(request.query_params.get("next", ""))
        answer = Response(None, 303, {**SECURITY, "location": target})
        if said in set(Language):
            self._origin.set_cookie(request, answer, LANGUAGE, said, kept=True)
        return self._sealed(request, answer)

    def _spoken(self, request: Request) -> Language:
        said = self._origin.cookie(request, LANGUAGE)
        return Language(said) if said in set(Language) else Language.ZH

    # ------------------------------------------------------------------ what else is answered

    def _problem_page(self, request: Request, problem: ProblemError) -> Response:
        """What the API refused, in words."""
        language = self._spoken(request)
        english = language is Language.EN
        title = said_of_code(language, problem.code) if english else problem.title
        detail = problem.detail_en if english else problem.detail
        status = {400: 422}.get(problem.status, problem.status)
        status = status if status in (403, 404, 409, 422, 429) else 503
        if problem.status in (400, 404) and request.method == "GET":
            # What the API says of an address that is none names parameters, which no person knows.
            status = 404
            title, detail = (language.of(SHELL[f"fault.{key}"]) for key in ("none", "none.detail"))
        return self._message(request, status, title, detail, problem.code)

    def _plain(self, request: Request, status: int, key: str, detail: str = "") -> Response:
        language = self._spoken(request)
        title = language.of(SHELL[f"fault.{key}"])
        told = language.of(SHELL[f"fault.{key}.detail"])
        return self._message(request, status, title, f"{told} {detail}".strip(), "")

    def _message(
        self, request: Request, status: int, title: str, detail: str, code: str
    ) -> Response:
        language = self._spoken(request)
        session = self._sessions.get(self._origin.cookie(request, SESSION))
        text = self._rendering.render(
            "message.html",
            language,
            {},
            session=session,
            menu=self._menu(None, session, language) if session else [],
            here=request.url.path,
            title=title,
            detail=detail,
            shown_code=code,
        )
        return Response(text, status, SECURITY, HTML)

    async def _not_routed(self, request: Request, raised: Exception) -> Response:
        """No such page, or another method."""
        status = getattr(raised, "status_code", 404)
        return self._sealed(request, self._plain(request, status, "no-page"))

    def _sealed(self, request: Request, response: Response) -> Response:
        if self._origin.secure(request):
            response.headers.update(TRANSPORT)
        return response
