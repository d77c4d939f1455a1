"""Records 记录: who is listed, by what decision, and the story of each across the regions.

Who a question names stands in the body of a POST alone, never in an address (HT2); what is chosen
from lists stands in the address, so that a view can be kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode
from zipfile import ZipFile, ZipInfo

from starlette.responses import Response

from federation.letters import LetterKind
from federation.reconcile.findings import RULES, Finding
from federation.screening.roles import Action
from node.console.api import ProblemError
from node.console.list_names import list_names
from node.console.page import Group, Page, Route, Visit
from node.console.pages.cases import GAPS
from node.console.texts.records import TEXTS
from node.console.words import Language, number_typed
from node.system.clock import CHINA
from node.texts.fields import RECEIPTS, STATES, annotation, state_in_words
from node.texts.letters import DOCX, STEPS, elements, hands_of
from node.texts.letters import KINDS as KINDS_OF_LETTERS

PAGE_SIZE: Final = 25
BY_ITSELF: Final = 20
"""Parts that a page looks through by itself where a name is found in none before."""
CHOSEN: Final = ("state", "list_type", "origin", "kind")
KINDS: Final = ("listing", "penalty", "commendation")
_PAYLOAD: Final = ("basis", "reason", "exit_path", "remedy")
_STANDING: Final = frozenset({"active", "held", "masked", "paused"})
_ENDING: Final = frozenset({"repaired", "withdrawn", "expired"})

_DECIDED: Final = frozenset(
    {RULES[one].code for one in (Finding.DECIDED_USE, Finding.DECIDED_REJECT)}
)


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of a record's story."""

    at: int
    """Seconds UTC; of a day its beginning in China."""
    who: str
    what: str
    detail: str = ""
    code: str = ""
    whole_day: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """How far a search for a subject has come."""

    more: str
    """Token of the part after; empty where all were looked through."""
    looked: int
    """Parts."""
    found: bool
    """Whether any of them had records."""

    @property
    def goes_on(self) -> bool:
        """Whether its page asks for the part after by itself, where this one has nothing."""
        return bool(self.more) and self.looked % BY_ITSELF != 0


async def index(visit: Visit) -> Response:
    """Records as they are chosen, a page of them."""
    query = {name: visit.query[name] for name in CHOSEN if visit.query.get(name)}
    more = {"page_token": visit.query["page_token"]} if visit.query.get("page_token") else {}
    found = await visit.get("/v1/records", {**query, **more, "page_size": PAGE_SIZE})
    token = found["next_page_token"]
    following = f"/records?{urlencode({**query, 'page_token': token})}" if token else ""
    return await _listed(visit, found["records"], query, following=following)


async def search(visit: Visit) -> Response:
    """Records of a subject, by its code or its whole name.

    A name is looked for in parts. A part that has none is no answer: its page goes on by itself,
    until one has some, all are looked through, or so many that a person should say go on.
    """
    said = visit.form.get("subject")
    body = {"code" if _is_code(said) else "name": said.upper() if _is_code(said) else said}
    if not said:
        return visit.to("/records")
    token = visit.form.get("page_token")
    more = {"page_token": token} if token else {}
    answer = await visit.call("POST", "/v1/records:search", query=more, body=body)
    if not answer.ok:
        return await _listed(visit, [], {}, asked=said, problem=ProblemError(answer))
    found = answer.document
    before = number_typed(visit.form.get("looked"))
    looking = Looking(
        more=found["next_page_token"],
        looked=(before if isinstance(before, int) else 0) + 1,
        found=bool(found["records"] or visit.form.get("found")),
    )
    return await _listed(visit, found["records"], {}, asked=said, looking=looking)


async def show(visit: Visit) -> Response:
    """One record: what it says, what became of it, what proves it."""
    record = await visit.get(f"/v1/records/{visit.path['statement_id']}")
    ended = record.get("ended_by")
    relief = None
    if ended is not None:
        answer = await visit.call("GET", f"/v1/repairs/{ended['statement_id']}/progress")
        relief = answer.document if answer.ok else None
    payload = record.get("payload") or {}
    case = await _case(visit, record)
    steps = [*story(visit, record, relief), *await _handled(visit, record, case)]
    return visit.page(
        "records-one.html",
        record=record,
        state=_state(visit, record),
        annotations=[
            annotation(one, english=visit.language is Language.EN)
            for one in record.get("annotations", ())
        ],
        lists=await list_names(visit),
        steps=sorted(steps, key=lambda one: (one.at, one.ends)),
        has_case=record["state"] == "held"
        or record["rule"] in (*_DECIDED, *GAPS)
        or bool(case["handled"]),
        relief=relief,
        possible=record.get("repair_possible", []),
        forwards=await _forwards(visit, record),
        said=[(name, payload[name]) for name in _PAYLOAD if payload.get(name)],
        raw=json.dumps(payload, ensure_ascii=False, indent=2) if payload else "",
    )


async def _forwards(visit: Visit, record: Mapping[str, Any]) -> bool:
    """Whether who looks may forward what its subject asks: of another's listing that stands."""
    if record["kind"] != "listing" or record["state"] in _ENDING:
        return False
    if not visit.may(Action.REQUESTS):
        return False
    node = (await visit.get("/v1/status"))["node"]
    return bool(record["origin"] != node["origin"])


async def proof(visit: Visit) -> Response:
    """What proves a record to strangers, offline: the files that `huxin proof verify` reads."""
    statement = visit.path["statement_id"]
    found = await visit.get(f"/v1/records/{statement}/proof")
    files = {
        "leaf": bytes.fromhex(found["leaf"]),
        "proof": found["proof"].encode(),
        "vkey": "".join(f"{one}\n" for one in found["vkey"]).encode(),
    }
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(f"{statement}/{name}"), content)
    called = f"{visit.text('proof.file')}-{statement[:8]}"
    return visit.download(packed.getvalue(), f"{statement}.zip", called, "application/zip")


async def removal(visit: Visit) -> Response:
    """That the content of a record is held here no more, as a form."""
    statement = visit.path["statement_id"]
    path, name = f"/v1/records/{statement}/removal", f"removal-{statement[:8]}.docx"
    return await visit.file(path, name, f"{visit.text('removal.file')}-{statement[:8]}", DOCX)


async def _listed(
    visit: Visit,
    records: list[dict[str, Any]],
    query: Mapping[str, str],
    *,
    following: str = "",
    asked: str = "",
    looking: Looking | None = None,
    problem: ProblemError | None = None,
) -> Response:
    status = await visit.get("/v1/status")
    english = visit.language is Language.EN
    return visit.page(
        "records.html",
        status=200 if problem is None else 422,
        records=[one | {"words": _state(visit, one)} for one in records],
        lists=await list_names(visit),
        states=[(word, pair[english]) for word, pair in STATES.items() if word != "set-aside"],
        cities=[(log["origin"], log["city"] or log["origin"]) for log in status["logs"]],
        kinds=[(kind, visit.text(f"kind.{kind}")) for kind in KINDS],
        query=query,
        following=following,
        asked=asked,
        looking=looking,
        goes_on=looking is not None and not records and looking.goes_on,
        problem=problem,
    )


def _state(visit: Visit, record: Mapping[str, Any]) -> str:
    english = visit.language is Language.EN
    return state_in_words(record["state"], record["list_type"], english=english)


def _is_code(said: str) -> bool:
    """Whether a subject is named by code: digits and capitals, as no name is."""
    return said.isascii() and said.isalnum() and any(one.isdigit() for one in said)


def story(
    visit: Visit, record: Mapping[str, Any], relief: Mapping[str, Any] | None
) -> Iterator[Step]:
    """What happened to a record, where it is known to this node."""
    home = record.get("city") or record["origin"]
    if record["decided_on"]:
        code = record["authority"]
        bare = f"{visit.text('authority.unnamed')} {code}" if code.isascii() and code else code
        who = record["authority_name"] or bare
        at, what = _day(record["decided_on"]), visit.text("step.decided")
        yield Step(at, who, what, record["document"], whole_day=True)
    if record["issued_at"]:
        detail = f"{record['origin']} #{record['index']}"
        yield Step(record["issued_at"], home, visit.text("step.published"), detail)
    first = record.get("first_cosigned")
    if first is not None and first["time"]:
        yield Step(first["time"], "", visit.text("step.cosigned"))
    for told in record.get("told_by", ()):
        if told["time"]:
            what = visit.language.of(RECEIPTS.get(told["outcome"], (told["outcome"],) * 2))
            who = told["city"] or told["origin"]
            yield Step(told["time"], who, what, code=told["reason"])
    ended = record.get("ended_by")
    if ended is not None:
        what = visit.text(f"step.{ended['kind']}")
        who = ended["city"] or ended["origin"]
        yield Step(ended["issued_at"], who, what, ended["document"], ends=True)
    for member in relief["by_member"] if relief is not None else ():
        done = member["executed"] or {}
        if done.get("by"):
            who = member["city"] or member["member"]
            yield Step(done["by"], who, visit.text("step.executed"), ends=True)


async def _case(visit: Visit, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who had a hand in what was decided here on a record that stands; `handled` may be empty.

    What persons let count is active like any other, so every one that stands is asked about. Only
    the hands are asked for: the view of the record is recorded, and it is one view.
    """
    if record["state"] in _STANDING or record["rule"] in _DECIDED:
        found = await visit.call("GET", f"/v1/cases/{record['statement_id']}/hands")
        if found.ok:
            return dict(found.document)
    return {"handled": []}


async def _handled(
    visit: Visit, record: Mapping[str, Any], case: Mapping[str, Any]
) -> Sequence[Step]:
    """Who prepared, reviewed and issued what was decided here: on the case, and on the relief."""
    said: list[Step] = []
    if case["handled"]:
        said += await _hands(visit, LetterKind.DECISION, case["letter"], case["handled"])
    ended = record.get("ended_by")
    if ended is not None:
        said += await _hands(visit, LetterKind.RELIEF, ended["statement_id"])
    return said


async def _hands(
    visit: Visit, kind: LetterKind, about: str, handled: Sequence[Mapping[str, Any]] = ()
) -> Sequence[Step]:
    """The steps of one act, as its letter has them."""
    letter = await visit.call("GET", f"/v1/letters/{kind}/{about}")
    hands = elements(letter.document, handled=handled).hands if letter.ok else hands_of(handled)
    what = visit.language.of(KINDS_OF_LETTERS[kind])
    return [
        Step(
            one.at,
            one.name,
            f"{what} · {visit.language.of(STEPS[one.step])}",
            " ".join(filter(None, (one.unit, one.post))),
            ends=kind is LetterKind.RELIEF,
        )
        for one in hands
        if one.at
    ]


def _day(day: int) -> int:
    begins = datetime(day // 10000, day // 100 % 100, day % 100, tzinfo=CHINA)
    return int(begins.timestamp())


PAGE: Final = Page(
    name="records",
    path="/records",
    group=Group.WORK,
    needs=(Action.READ_RECORDS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("POST", "/search", search),
        Route("GET", "/{statement_id}", show),
        Route("GET", "/{statement_id}/proof", proof),
        Route("GET", "/{statement_id}/removal.docx", removal),
    ),
)
