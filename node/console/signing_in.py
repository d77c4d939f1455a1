"""The sign-in page: name, password, code; at first also a password of one's own.

Before there is a session a form is proved by a cookie that its page set and whose value stands in
it (CN3). Who signs in gets a session and a cookie that are new (CN2).
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from node.console.api import Api, ProblemError
from node.console.headers import SECURITY
from node.console.origins import Origin, own_path
from node.console.page import HTML, Form
from node.console.rendering import Rendering
from node.console.sessions import Sessions, same
from node.console.words import Language

SESSION: Final = "huxin"
FORM: Final = "huxin-form"
DEVICE: Final = "huxin-device"
_FIRST_TIME: Final = frozenset({"access.initial-password", "access.password"})


class SignInPage:
    """Shows it, and takes what is typed."""

    def __init__(
        self, *, api: Api, sessions: Sessions, rendering: Rendering, origin: Origin
    ) -> None:
        """Wire it."""
        self._api = api
        self._sessions = sessions
        self._rendering = rendering
        self._origin = origin

    def page(
        self,
        request: Request,
        language: Language,
        *,
        status: int = 200,
        form: Form | None = None,
        problem: ProblemError | None = None,
    ) -> Response:
        """Show it; a session that stands goes on where it was going."""
        target = own_path(form.get("next") if form else request.query_params.get("next", ""))
        if form is None and self._sessions.get(self._origin.cookie(request, SESSION)):
            return Response(None, 303, {**SECURITY, "location": target})
        secret = self._origin.cookie(request, FORM) or self._sessions.secret()
        text = self._rendering.render(
            "sign-in.html",
            language,
            {},
            session=None,
            menu=[],
            here=f"/sign-in?next={target}",
            secret=secret,
            target=target,
            name=form.get("name") if form else "",
            problem=problem,
            unsaved=form is None and request.query_params.get("unsaved") == "1",
            first_time=problem is not None and problem.code in _FIRST_TIME,
        )
        response = Response(text, status, SECURITY, HTML)
        self._origin.set_cookie(request, response, FORM, secret)
        return response

    async def tried(self, request: Request, form: Form, language: Language) -> Response:
        """Try what was typed."""
        if not same(form.get("_token"), self._origin.cookie(request, FORM)):
            return self.page(request, language, status=403, form=form)
        said = {
            "name": form.get("name"),
            # Blanks at a password's ends are of the password.
            "password": next(iter(form.all("password")), ""),
            "code": form.get("code").replace(" ", ""),
        }
        new, device = next(iter(form.all("new_password")), ""), self._origin.cookie(request, DEVICE)
        said |= {"new_password": new} if new else {}
        said |= {"device": device} if device else {}
        answer = await self._api.call("", "POST", "/v1/sessions", body=said)
        if not answer.ok:
            problem = ProblemError(answer)
            return self.page(request, language, status=answer.status, form=form, problem=problem)
        self._sessions.end(self._origin.cookie(request, SESSION))
        opened = answer.document
        cookie = self._sessions.begin(opened["token"], opened["account"])
        response = Response(None, 303, {**SECURITY, "location": own_path(form.get("next"))})
        self._origin.set_cookie(request, response, SESSION, cookie)
        self._origin.set_cookie(request, response, DEVICE, opened["device"], kept=True)
        self._origin.forget(request, response, FORM)
        return response
