"""Members: how far each log came and was judged, charters, what is wrong, and who asks to join."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from federation.screening.roles import Action
from node.console.page import Group, Page, Route, Visit
from node.console.texts.peers import TEXTS
from node.console.words import Language, light_of_log
from node.texts.fields import LOG_STATES
from node.texts.letters import DOCX
from node.texts.messages import spoken


async def index(visit: Visit) -> Response:
    """All of it on one page; nothing here is done, it is looked at."""
    found = await visit.get("/v1/peers")
    waiting = await visit.call("GET", "/v1/charters/pending")
    english = visit.language is Language.EN
    return visit.page(
        "peers.html",
        peers=[
            one
            | {
                "light": light_of_log(one["state"]),
                "state_said": visit.language.of(LOG_STATES.get(one["state"], (one["state"],) * 2)),
                "name": one["city"] or one["origin"],
            }
            for one in found["peers"]
        ],
        charters=found["charters"],
        problems=[
            one | {"message": spoken(one["code"], one["message"], english=english)}
            for one in found["problems"]
        ],
        pending=waiting.document.get("pending", []) if waiting.ok else None,
    )


async def agreement(visit: Visit) -> Response:
    """The charter in force as an agreement, with room for signatures and seals."""
    alliance = visit.path["alliance"]
    path, name = f"/v1/charters/{alliance}/agreement", f"charter-{alliance[:12]}.docx"
    return await visit.file(path, name, f"{visit.text('agreement.file')}-{alliance[:12]}", DOCX)


PAGE: Final = Page(
    name="peers",
    path="/peers",
    group=Group.ALLIANCE,
    needs=(Action.STATUS,),
    texts=TEXTS,
    routes=(
        Route("GET", "", index),
        Route("GET", "/{alliance}/agreement.docx", agreement),
    ),
)
