"""Accounts 账号: who signs in here, made and ended by who says who may.

Names of people stand in bodies alone, never in an address. What somebody needs to sign in for the
first time is shown in one answer, to the form that made it: nothing here keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import segno
from starlette.responses import Response

from federation.charters.values import PURPOSES
from federation.screening.roles import Action, Role
from node.console.page import Group, Page, Route, Visit
from node.console.texts.accounts import TEXTS
from node.console.words import codes_typed, day_typed, number_typed, purpose
from node.texts.credentials import ROLES, STATES

BUDGET: Final = "1000"
_BORDER: Final = 2
"""Quiet modules around a QR code; the card around it is white besides."""


async def index(visit: Visit) -> Response:
    """All of them; to who may only end one, the form for that."""
    return await _all(visit)


async def blank(visit: Visit) -> Response:
    """The form of a new one."""
    return _form(visit, {"budget": BUDGET, "roles": (Role.OPERATOR,)})


async def make(visit: Visit) -> Response:
    """Make one, and show this once what its person signs in with."""
    form = visit.form
    typed = {
        name: form.get(name) for name in ("name", "unit", "post", "matters", "budget", "expires_on")
    }
    subject = form.get("subject")
    chosen = {name: tuple(form.all(name)) for name in ("roles", "purposes")}
    body = {
        **typed,
        **chosen,
        "matters": codes_typed(typed["matters"]),
        "budget": number_typed(typed["budget"]),
        "expires_on": day_typed(typed["expires_on"]),
        "by": visit.session.name,
        **({"subject": subject} if subject else {}),
    }
    answer = await visit.call("POST", "/v1/accounts", body=body)
    if not answer.ok:
        typed["subject"] = subject
        return _form(visit, typed | chosen, fault=answer.document, status=answer.status)
    if answer.document["subject"]:
        return visit.to("/accounts", done="bound")
    return _once(visit, answer.document, made=True)


async def one(visit: Visit) -> Response:
    """One account, and what may be done with it."""
    name = visit.form.get("name")
    if not visit.may(Action.ACCESS_LIST):
        return visit.page("accounts-one.html", account={"name": name}, fault=None)
    accounts = await _accounts(visit)
    found = next((account for account in accounts if account["name"] == name), None)
    if found is None:
        return visit.to("/accounts", done="unknown")
    return visit.page("accounts-one.html", account=found, fault=None)


async def password(visit: Visit) -> Response:
    """Give one another first password and secret."""
    body = {"name": visit.form.get("name"), "by": visit.session.name}
    answer = await visit.call("POST", "/v1/accounts:password", body=body)
    if not answer.ok:
        return await _all(visit, fault=answer.document, status=answer.status)
    return _once(visit, answer.document, made=False)


async def revoke(visit: Visit) -> Response:
    """End one for ever."""
    body = {"name": visit.form.get("name"), "by": visit.session.name}
    answer = await visit.call("POST", "/v1/accounts:revoke", body=body)
    if not answer.ok:
        return await _all(visit, fault=answer.document, status=answer.status)
    return visit.to("/accounts", done="revoked")


def outline(uri: str) -> tuple[int, str]:
    """A QR code: how many modules are on a side, with the quiet ones, and the outline of the dark.

    Args:
        uri: what an authenticator reads.
    """
    rows = segno.make(uri, error="m").matrix
    dark = (
        f"M{x + _BORDER} {y + _BORDER}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, module in enumerate(row)
        if module
    )
    return len(rows) + 2 * _BORDER, "".join(dark)


async def _accounts(visit: Visit) -> Sequence[Mapping[str, Any]]:
    found = await visit.get("/v1/accounts")
    return [_in_words(visit, account) for account in found["accounts"]]


async def _all(visit: Visit, *, fault: Any = None, status: int = 200) -> Response:  # noqa: ANN401 - JSON
    done = visit.query.get("done", "")
    return visit.page(
        "accounts.html",
        status=status,
        accounts=await _accounts(visit) if visit.may(Action.ACCESS_LIST) else None,
        done=done if done in ("bound", "revoked", "unknown") else "",
        fault=fault,
    )


def _once(visit: Visit, account: Mapping[str, Any], *, made: bool) -> Response:
    side, dark = outline(account["uri"])
    return visit.page(
        "accounts-once.html", account=_in_words(visit, account), made=made, side=side, dark=dark
    )


def _in_words(visit: Visit, account: Mapping[str, Any]) -> Mapping[str, Any]:
    def said(table: Mapping[str, tuple[str, str]], word: str) -> str:
        return visit.language.of(table.get(word, (word, word)))

    return {
        **account,
        "state_said": said(STATES, account["state"]),
        "roles_said": "、".join(said(ROLES, role) for role in account["roles"]),
    }


def _form(
    visit: Visit, said: Mapping[str, Any], *, fault: object = None, status: int = 200
) -> Response:
    empty = dict.fromkeys(("name", "unit", "post", "matters", "expires_on", "subject"), "")
    return visit.page(
        "accounts-new.html",
        status=status,
        said={**empty, "purposes": (), **said},
        roles=[
            (role.value, visit.language.of(ROLES[role]))
            for role in Role
            if role is not Role.THIRD_PARTY
        ],
        purposes={one: purpose(one, visit.language) for one in PURPOSES},
        fault=fault,
    )


PAGE: Final = Page(
    name="accounts",
    path="/accounts",
    group=Group.NODE,
    needs=(Action.ACCESS_LIST, Action.ACCESS_REVOKE),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/new", blank, needs=Action.ACCESS_MANAGE),
        Route("POST", "/new", make, needs=Action.ACCESS_MANAGE),
        Route("POST", "/one", one, needs=Action.ACCESS_REVOKE),
        Route("POST", "/password", password, needs=Action.ACCESS_MANAGE),
        Route("POST", "/revoke", revoke, needs=Action.ACCESS_REVOKE),
    ),
)
