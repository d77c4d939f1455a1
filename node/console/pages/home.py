"""The first page: one sentence on how things stand, four lights, what needs a hand, the alliance.

Everything is out of the status document, so that console, `huxin status` and alerts say the same.

CN14  commands of the shell, paths of documents and codes stand here for who runs the node alone: to
      all others it says in words what to do, and on which page or by whom
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any, Final

from starlette.responses import Response

from federation.reconcile.cases import Waits
from federation.reconcile.findings import HELD_FINDINGS, RULES
from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.pages.imports import awaits
from node.console.settled import is_paged, page_of
from node.console.texts.home import TEXTS
from node.console.words import Language, half
from node.documents.status_summary import OF_THEMSELVES, ordered, waiting
from node.texts.messages import spoken

STALE_SECONDS: Final = 3600
"""A head this old is told on the map."""
_FAMILIES: Final[Mapping[str, str]] = {
    "charter": "exchange",
    "fork": "exchange",
    "head": "exchange",
    "join": "exchange",
    "log": "exchange",
    "opening": "exchange",
    "openings": "exchange",
    "packet": "exchange",
    "peer": "exchange",
    "replica": "exchange",
    "witness": "exchange",
    "benefits": "relief",
    "display": "relief",
    "outcomes": "relief",
    "relief": "relief",
    "request": "relief",
    "inbox": "platform",
    "intake": "platform",
    "library": "platform",
    "mapping": "platform",
    "outbox": "platform",
    "platform": "platform",
}
"""To which light a problem belongs, by what its code begins with; all else is the node's own."""
_HELD: Final = frozenset(RULES[one].code for one in HELD_FINDINGS)
LIGHTS: Final = ("exchange", "relief", "platform", "node")
_COMMANDS: Final = re.compile(r"huxin(?: [a-z-]+)+")
_CLAUSES: Final = re.compile("；|; ")
_SHELL: Final = re.compile(r"[:：,，]?\s*(?:then |见 see )?(?:huxin |docs/).*")
"""In a clause of a fix, from where on it speaks to who sits at a shell."""
_BROKEN: Final = frozenset({"forked", "refused", "unreachable"})
_WIDTH, _HEIGHT, _RADIUS = 600, 320, 36


@dataclass(frozen=True, slots=True)
class Light:
    """One of the four."""

    name: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work of one sort that waits for somebody."""

    name: str
    path: str
    """Of the page where it is done."""
    count: int
    late: int | None = None
    """How many of them are late; None where no rule gives them a day."""

    @property
    def page(self) -> str:
        """Where it stands in the menu."""
        return self.path.partition("?")[0]


@dataclass(frozen=True, slots=True)
class City:
    """One city on the map."""

    name: str
    x: int
    y: int
    state: str
    """`good`, `wait` or `bad`."""
    word: str
    """Of the log's state, or `behind`, `quiet`."""
    origin: str
    behind: int
    """Entries that were verified and are not yet judged here."""
    age: int | None
    """Seconds since its log was last heard."""


async def index(visit: Visit) -> Response:
    """Show it; to who may not see the status, the pages that are theirs."""
    if not visit.may(Action.STATUS):
        return visit.page("home.html", status=200, document=None)
    document = await visit.get("/v1/status")
    problems = document["problems"]
    english = visit.language is Language.EN
    titles = {entry.path: entry.title for group in visit.menu for entry in group.entries}
    return visit.page(
        "home.html",
        document=document,
        sentence=_sentence(visit, document),
        night=night(document),
        work=[one for one in await _work(visit, document) if one.count and one.page in titles],
        lights=lights(document),
        problems=[
            {
                **one,
                "message": spoken(one["code"], one["message"], english=english),
                "page": (page := page_of(one["code"], titles)),
                **_fix(visit, one, page=page),
            }
            for one in ordered(problems, whole="")
        ],
        runs=visit.may(Action.RUN_NODE),
        titles=titles,
        cities=list(cities(document)),
        width=_WIDTH,
        height=_HEIGHT,
        radius=_RADIUS,
    )


async def _work(visit: Visit, document: Mapping[str, Any]) -> Sequence[Waiting]:
    """What waits, the late first; counted without reading of any subject."""
    found = list(work(document))
    if visit.may(Action.READ_RECORDS):
        cases = await visit.call("GET", "/v1/cases:waiting")
        if cases.ok:
            found += [
                Waiting(f"cases.{one}", f"/cases?waits={one}", cases.document[one]) for one in Waits
            ]
    if visit.may(Action.VOUCH):
        imports = await visit.call("GET", "/v1/imports")
        if imports.ok:
            own = sum(awaits(one, visit.session.name) for one in imports.document["imports"])
            found.append(Waiting("imports", "/imports", own))
            if visit.may(Action.PUBLISH):
                for state in ("ready", "returned"):
                    count = sum(one["state"] == state for one in imports.document["imports"])
                    found.append(Waiting(f"imports.{state}", "/imports", count))
    if visit.may(Action.DECIDE):
        catalog = await visit.call("GET", "/v1/catalog:check")
        if catalog.ok:
            found.append(Waiting("editions", "/editions", len(catalog.document["unconfirmed"])))
    return sorted(found, key=lambda one: not one.late)


def work(document: Mapping[str, Any]) -> Iterator[Waiting]:
    """What of it the status document counts."""
    held = sum(
        number
        for log in document["logs"]
        for code, number in log["findings"].items()
        if code in _HELD
    )
    yield Waiting("cases", "/cases", held)
    requests, outcomes = document["requests"], document["outcomes"]
    for side in ("answer", "sent"):
        late = requests["overdue"][side]
        yield Waiting(f"requests.{side}", "/requests", requests["open"][side], late)
    yield Waiting(
        "repairs", "/repairs", document["reliefs"]["open"], document["reliefs"]["overdue"]
    )
    late = outcomes["reopened_overdue"]
    yield Waiting("outcomes", "/checks", outcomes["pending"], outcomes["overdue"] - late)
    yield Waiting("reopened", "/checks", outcomes["reopened"], late)


def _fix(visit: Visit, one: Mapping[str, str], *, page: str) -> Mapping[str, Any]:
    """What to do about a problem, for who looks (CN14)."""
    said = half(one["fix"], visit.language)
    if visit.may(Action.RUN_NODE):
        return {"fix": said, "commands": commands(one["fix"], said)}
    if page:
        return {"fix": in_words(said, visit.language), "commands": ()}
    other = "fix.colleague" if is_paged(one["code"]) else "fix.system"
    return {"fix": visit.text(other), "commands": ()}


def in_words(fix: str, language: Language) -> str:
    """What of a half of a fix is said to who has no shell (CN14); empty where nothing is."""
    clauses = (_SHELL.sub("", clause).strip() for clause in _CLAUSES.split(fix))
    return ("；" if language is Language.ZH else "; ").join(filter(None, clauses))


def commands(fix: str, shown: str) -> Sequence[str]:
    """Commands that a fix names and that do not stand in the half of it that is shown."""
    named = dict.fromkeys(one.rstrip("…") for one in _COMMANDS.findall(fix))
    return [one.strip() for one in named if one.strip() not in shown]


def _sentence(visit: Visit, document: Mapping[str, Any]) -> str:
    """How things stand, in one sentence."""
    hands, logs = waiting(document["problems"]), document["logs"]
    values = {
        "hands": hands,
        "logs": len(logs),
        "well": sum(log["state"] == "ok" for log in logs),
        "open": document["reliefs"]["open"],
        "overdue": document["reliefs"]["overdue"],
    }
    if values["well"] < values["logs"]:
        key = "sentence.silent"
    elif values["overdue"]:
        key = "sentence.overdue"
    elif hands:
        key = "sentence.hands"
    elif values["open"]:
        key = "sentence.open"
    else:
        key = "sentence.well"
    return visit.text(key).format(**values)


def night(document: Mapping[str, Any]) -> tuple[int, int]:
    """Jobs of this node, and how many of them failed last or did not run in time."""
    jobs = document["jobs"]
    return len(jobs), sum(bool(one["failures"] or one["late"]) for one in jobs)


def lights(document: Mapping[str, Any]) -> Sequence[Light]:
    """The four lights: of each the worst that is known."""
    counted = dict.fromkeys(LIGHTS, 0)
    passing = dict.fromkeys(LIGHTS, 0)
    for one in document["problems"]:
        light = _FAMILIES.get(one["code"].partition(".")[0], "node")
        (passing if one["code"] in OF_THEMSELVES else counted)[light] += 1
    broken = {
        "exchange": any(log["state"] in _BROKEN for log in document["logs"]),
        "relief": document["reliefs"]["overdue"] > 0,
        "platform": any(one["fault"] for one in document["platforms"]),
        "node": document["disk"]["free_bytes"] < document["disk"]["reserve_bytes"],
    }
    return [
        Light(
            name,
            "bad" if broken[name] else "wait" if counted[name] or passing[name] else "good",
            counted[name],
        )
        for name in LIGHTS
    ]


def cities(document: Mapping[str, Any]) -> Iterator[City]:
    """This city in the middle, the others around it."""
    own = document["node"]["origin"]
    others = [log for log in document["logs"] if log["origin"] != own]
    here = next((log for log in document["logs"] if log["origin"] == own), None)
    centre = (_WIDTH // 2, _HEIGHT // 2)
    if here is not None:
        yield _city(here, document["node"]["name"], *centre)
    for at, log in enumerate(others):
        turn = 2 * pi * at / len(others) - pi / 2
        x = round(centre[0] + cos(turn) * (_WIDTH / 2 - 2 * _RADIUS))
        y = round(centre[1] + sin(turn) * (_HEIGHT / 2 - _RADIUS - 4))
        yield _city(log, log["city"] or log["origin"], x, y)


def _city(log: Mapping[str, Any], name: str, x: int, y: int) -> City:
    age, behind = log["head_age_s"], log["verified_to"] - log["reconciled_to"]
    word = log["state"]
    if word == "ok" and behind > 0:
        word = "behind"
    elif word == "ok" and (age is None or age > STALE_SECONDS):
        word = "quiet"
    state = "bad" if word in _BROKEN else "good" if word == "ok" else "wait"
    return City(name, x, y, state, word, log["origin"], behind, age)


PAGE: Final = Page(
    name="home",
    path="/",
    group=Group.TODAY,
    needs=(Action.SESSION,),
    texts=TEXTS,
    routes=(Route("GET", "", index),),
)
