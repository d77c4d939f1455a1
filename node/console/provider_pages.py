"""Signing in by the identity provider: the way there, the way back, and the way out (CN9).

A browser sets out by a form of the sign-in page, and keeps a ticket of the node's in a cookie that
comes along when the provider sends it back. Pages that lead on do so themselves (`refresh`), since
a form may not be answered by leaving this origin (CN5), and since browsers send SameSite=Strict
cookies along only where a page of ours asks.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from node.console.api import Api, ProblemError
from node.console.headers import SECURITY
from node.console.origins import FIRST, Origin, own_path
from node.console.page import HTML, Form
from node.console.rendering import Rendering
from node.console.sessions import Sessions, same
from node.console.signing_in import FORM, SESSION, SignInPage
from node.console.words import Language

PATH: Final = "/sign-in/provider"
"""Where browsers set out, and where the provider sends them back."""
TICKET: Final = "huxin-ticket"
_TARGET_MAX: Final = 1000
"""Characters of where somebody was going that are kept in the cookie meanwhile."""
_PARAMETERS: Final = {"state": 128, "code": 4096, "iss": 256, "error": 256}
"""Of an answer (RFC 6749 §4.1.2, RFC 9207), with their longest."""


class ProviderPages:
    """Sends browsers there, and takes them back."""

    def __init__(
        self,
        *,
        api: Api,
        sessions: Sessions,
        rendering: Rendering,
        origin: Origin,
        signing_in: SignInPage,
    ) -> None:
        """Wire it."""
        self._api = api
        self._sessions = sessions
        self._rendering = rendering
        self._origin = origin
        self._signing_in = signing_in

    async def set_out(self, request: Request, form: Form, language: Language) -> Response:
        """Lead to the provider."""
        if not same(form.get("_token"), self._origin.cookie(request, FORM)):
            return self._signing_in.page(request, language, status=403, form=form)
        answer = await self._api.call("", "POST", "/v1/sessions:begin")
        if not answer.ok:
            problem = ProblemError(answer)
            return self._signing_in.page(
                request, language, status=answer.status, form=form, problem=problem
            )
        # Who comes back has no session's cookie yet: one that stands ends here (CN2).
        self._sessions.end(self._origin.cookie(request, SESSION))
        begun, target = answer.document, own_path(form.get("next"))
        kept = target if len(target) <= _TARGET_MAX else FIRST
        title = self._rendering.text("onward.provider", {}, language)
        response = self._onward(
            language, title.format(name=self._rendering.provider), begun["address"]
        )
        value = f"{begun['ticket']}.{urlsafe_b64encode(kept.encode()).decode().rstrip('=')}"
        self._origin.set_passing(request, response, TICKET, value, begun["seconds"])
        return response

    async def came_back(self, request: Request, language: Language) -> Response:
        """Open a session, and lead to where somebody was going."""
        ticket, _, coded = self._origin.cookie(request, TICKET).partition(".")
        target = _target(coded)
        said = _said(request)
        body = {"ticket": ticket, "state": said.pop("state", "")} | said
        answer = await self._api.call("", "POST", "/v1/sessions:finish", body=body)
        if answer.ok:
            opened = answer.document
            cookie = self._sessions.begin(opened["token"], opened["account"], opened["end_address"])
            title = self._rendering.text("onward.inside", {}, language)
            response = self._onward(language, title, target)
            self._origin.set_cookie(request, response, SESSION, cookie)
        else:
            problem = ProblemError(answer)
            response = self._signing_in.page(
                request, language, status=answer.status, form=_going(target), problem=problem
            )
        self._origin.forget(request, response, TICKET)
        return response

    def signed_out(self, language: Language, address: str) -> Response:
        """Say that the session at the provider goes on, and where it ends."""
        text = self._rendering.render("signed-out.html", language, {}, session=None, target=address)
        return Response(text, 200, SECURITY, HTML)

    def _onward(self, language: Language, title: str, target: str) -> Response:
        text = self._rendering.render(
            "onward.html", language, {}, session=None, title=title, target=target
        )
        return Response(text, 200, SECURITY, HTML)


def _said(request: Request) -> dict[str, str]:
    """The parameters of an answer; one that is there twice, or too long, is none."""
    found = {}
    for name, longest in _PARAMETERS.items():
        values = request.query_params.getlist(name)
        if len(values) == 1 and 0 < len(values[0]) <= longest:
            found["issuer" if name == "iss" else name] = values[0]
    return found


def _target(coded: str) -> str:
    try:
        said = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except ValueError:
        return FIRST
    return own_path(said)


def _going(target: str) -> Form:
    """The form of the sign-in page, as somebody fills it who was going there."""
    return Form(fields={"next": [target]})
