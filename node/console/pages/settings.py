"""Settings: catalog and deadlines for who does the business, credentials for who gives them.

No role has both. A token is shown once, in the answer to the form that made it: there is nowhere
to be sent on to, since nothing here keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.charters.values import PURPOSES
from federation.screening.roles import Action, Role
from node.console.page import Group, Page, Route, Visit
from node.console.texts.settings import TEXTS
from node.console.words import BETWEEN, codes_typed, day_typed, number_typed, purpose
from node.texts.catalogs import OBLIGATIONS, UNITS
from node.texts.credentials import ROLES, STATES, WAYS
from node.texts.letters import DOCX

BUDGET: Final = "1000"
_ID: Final = re.compile(r"[0-9a-f]{8}")
SORTS: Final = (
    "list",
    "measure",
    "matter",
    "matter-row",
    "deadline",
    "authority",
    "region",
    "trust-list",
    "grade-method",
    "equivalence",
)


async def index(visit: Visit) -> Response:
    """What is theirs of it."""
    catalog = check = deadlines = credentials = None
    if visit.may(Action.READ_CATALOG):
        catalog = await visit.get("/v1/catalog")
        check = await visit.get("/v1/catalog:check")
        deadlines = [_deadline(visit, one) for one in await _rows(visit, "deadlines")]
    if visit.may(Action.ACCESS_LIST):
        found = await visit.get("/v1/credentials")
        credentials = [_credential(visit, one) for one in found["credentials"]]
    done = visit.query.get("done", "")
    return visit.page(
        "settings.html",
        catalog=catalog,
        check=check,
        names={} if catalog is None else names_of(visit, catalog),
        deadlines=deadlines,
        credentials=credentials,
        done=done if done in ("revoked", "no-id") else "",
    )


async def diff(visit: Visit) -> Response:
    """What differs between two editions, by sort, each entry with its name where it has one."""
    old, new = visit.query.get("old", ""), visit.query.get("new", "")
    answer = await visit.call("POST", "/v1/catalog:diff", body={"old": old, "new": new})
    differences = answer.document["differences"] if answer.ok else []
    catalog = await visit.get("/v1/catalog")
    return visit.page(
        "settings-diff.html",
        status=200 if answer.ok else answer.status,
        old=old,
        new=new,
        editions=catalog["editions"],
        fault=None if answer.ok else answer.document,
        known=SORTS,
        sorts=list(by_sort(differences, names_of(visit, catalog))),
    )


async def blank(visit: Visit) -> Response:
    """The form of a new credential."""
    return _form(visit, {"budget": BUDGET, "roles": (Role.DEPARTMENT,)})


async def make(visit: Visit) -> Response:
    """Make a credential, and show its token this once."""
    form = visit.form
    said = {name: form.get(name) for name in ("department", "expires_on", "matters", "budget")}
    chosen = {name: tuple(form.all(name)) for name in ("roles", "purposes")}
    body = {
        "department": said["department"],
        "roles": chosen["roles"],
        "matters": codes_typed(said["matters"]),
        "purposes": chosen["purposes"],
        "budget": number_typed(said["budget"]),
        "expires_on": day_typed(said["expires_on"]),
        "by": visit.session.name,
    }
    answer = await visit.call("POST", "/v1/credentials", body=body)
    if not answer.ok:
        return _form(visit, said | chosen, fault=answer.document, status=answer.status)
    made = answer.document
    return visit.page("settings-made.html", made=_credential(visit, made), token=made["token"])


async def credential(visit: Visit) -> Response:
    """One credential, and what ends it."""
    found = await visit.get(f"/v1/credentials/{visit.path['id']}")
    return visit.page("settings-credential.html", credential=_credential(visit, found))


async def form(visit: Visit) -> Response:
    """The form of a credential, without its token, for who approves it on paper."""
    number = visit.path["id"]
    path, name = f"/v1/credentials/{number}/form", f"credential-{number}.docx"
    return await visit.file(path, name, f"{visit.text('form.file')}-{number}", DOCX)


async def revoke(visit: Visit) -> Response:
    """End a credential for ever."""
    number = visit.form.get("credential")
    if _ID.fullmatch(number) is None:
        return visit.to("/settings", done="no-id")
    await visit.post(f"/v1/credentials/{number}:revoke", {"by": visit.session.name})
    return visit.to("/settings", done="revoked")


def by_sort(
    differences: Sequence[Mapping[str, str]], names: Mapping[str, str]
) -> Iterator[tuple[str, Sequence[Mapping[str, str]]]]:
    """Differences of each sort that has any, in the order in which persons read a catalog."""
    known = [*SORTS, *sorted({one["sort"] for one in differences} - set(SORTS))]
    for sort in known:
        held = [
            {**one, "name": one.get("name") or names.get(one["code"], "")}
            for one in differences
            if one["sort"] == sort
        ]
        if held:
            yield sort, held


def names_of(visit: Visit, catalog: Mapping[str, Any]) -> Mapping[str, str]:
    """What the entries of the catalog in force are called, by code."""
    said = {name: visit.language.of(pair) for name, pair in OBLIGATIONS.items()}
    for part, key in (
        ("lists", "list_type"),
        ("trust_lists", "list_type"),
        ("measures", "code"),
        ("authorities", "code"),
        ("regions", "code"),
        ("matters", "code"),
    ):
        said |= {one[key]: one["name"] for one in catalog[part]}
    return said


async def _rows(visit: Visit, what: str) -> Sequence[Mapping[str, Any]]:
    found: Mapping[str, Any] = await visit.get(f"/v1/catalog/{what}")
    rows: Sequence[Mapping[str, Any]] = found[what]
    return rows


def _deadline(visit: Visit, one: Mapping[str, Any]) -> Mapping[str, Any]:
    unit = visit.language.of(UNITS.get(one["unit"], (one["unit"],) * 2))
    name = OBLIGATIONS.get(one["obligation"], (one["obligation"],) * 2)
    return {
        **one,
        "said": visit.language.of(name),
        "term": f"{one['days'] or ''} {unit}".strip(),
    }


def _credential(visit: Visit, one: Mapping[str, Any]) -> Mapping[str, Any]:
    def said(table: Mapping[str, tuple[str, str]], word: str) -> str:
        return visit.language.of(table.get(word, (word, word)))

    separator = visit.language.of(BETWEEN["list"])
    return {
        **one,
        "state_said": said(STATES, one["state"]),
        "roles_said": separator.join(said(ROLES, role) for role in one["roles"]),
        "way": said(WAYS, one["by"]),
        "purposes_said": separator.join(purpose(code, visit.language) for code in one["purposes"]),
    }


def _form(
    visit: Visit, said: Mapping[str, Any], *, fault: object = None, status: int = 200
) -> Response:
    return visit.page(
        "settings-new.html",
        status=status,
        said={"department": "", "expires_on": "", "matters": "", "purposes": (), **said},
        roles=[(role.value, visit.language.of(ROLES[role])) for role in Role],
        purposes={one: purpose(one, visit.language) for one in PURPOSES},
        fault=fault,
    )


PAGE: Final = Page(
    name="settings",
    path="/settings",
    group=Group.NODE,
    needs=(Action.READ_CATALOG, Action.ACCESS_REVOKE),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/diff", diff, needs=Action.READ_CATALOG),
        Route("GET", "/new", blank, needs=Action.ACCESS_MANAGE),
        Route("POST", "/new", make, needs=Action.ACCESS_MANAGE),
        Route("GET", "/credentials/{id}", credential, needs=Action.ACCESS_LIST),
        Route("GET", "/credentials/{id}/form.docx", form, needs=Action.ACCESS_LIST),
        Route("POST", "/revoke", revoke, needs=Action.ACCESS_REVOKE),
    ),
)
