"""Several cases beside each other: each is shown whole, and what is said is said of each.

Where persons have keys each word is signed by itself: there the page leads from one to the next.
Elsewhere one reason and one verdict are handed in for all that are shown, each as it was shown;
what has changed meanwhile is not decided, and said (V10).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from federation.reconcile.cases import Verdict
from node.console.list_names import list_names
from node.console.page import Visit
from node.console.pages.case_sides import sides, verdicts

SEVERAL: Final = 20
"""Cases on one page: so many are read one after the other."""
_ID: Final = re.compile("[0-9a-f]{32}")
_SHOWN: Final = re.compile("([0-9a-f]{32}):([0-9a-f]{64})")


async def several(visit: Visit) -> Response:
    """Those that were chosen, each whole."""
    chosen = visit.request.query_params.getlist("id")
    return await _shown(visit, [one for one in chosen if _ID.fullmatch(one)])


async def decide(visit: Visit) -> Response:
    """Hand in one verdict for each that was shown, one after the other."""
    shown = [one.groups() for said in visit.form.all("case") if (one := _SHOWN.fullmatch(said))]
    numbers = [number for number, _ in shown]
    verdict, reason = visit.form.get("verdict"), visit.form.get("reason")
    if verdict not in (Verdict.USE, Verdict.REJECT) or not reason or not visit.form.get("seen"):
        return await _shown(visit, numbers, notice=True)
    said = {"verdict": verdict, "reason": reason, "person": visit.session.name}
    outcomes: dict[str, Any] = {}
    for number, digest in shown[:SEVERAL]:
        answer = await visit.call(
            "POST", f"/v1/cases/{number}:decide", body=said | {"shown": digest}
        )
        outcomes[number] = answer
    return await _shown(visit, numbers, outcomes=outcomes)


async def _shown(
    visit: Visit,
    numbers: Sequence[str],
    *,
    notice: bool = False,
    outcomes: Mapping[str, Any] | None = None,
) -> Response:
    chosen = list(dict.fromkeys(numbers))[:SEVERAL]
    found = await asyncio.gather(*(visit.call("GET", f"/v1/cases/{one}") for one in chosen))
    cases = [one.document for one in found if one.ok]
    if not cases:
        return visit.to("/cases")
    offered = [verdicts(one, visit.session.name) for one in cases]
    common = [one for one in (Verdict.USE, Verdict.REJECT) if all(one in said for said in offered)]
    alike = len({one["question"] for one in cases}) == 1
    done = outcomes or {}
    return visit.page(
        "cases-several.html",
        status=422 if notice else 200,
        cases=[
            {
                **one,
                "why": one["rule_zh" if visit.language.value == "zh" else "rule_en"],
                "sides": sides(one),
                "outcome": _outcome(done.get(one["statement_id"])),
            }
            for one in cases
        ],
        lists=await list_names(visit),
        verdicts=common if alike and not done else [],
        alike=alike,
        signed=any(one["signed"] for one in cases),
        notice=notice,
        typed=visit.form,
        done=bool(done),
        taken=sum(one.ok for one in done.values()),
    )


def _outcome(answer: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - an answer of the API
    """What became of one that was decided here; None where nothing was handed in."""
    if answer is None:
        return None
    document = answer.document
    if answer.ok:
        second = document.get("second_person_needed", False)
        return {"fault": None, "said": "second" if second else document["verdict"]}
    return {"fault": document, "said": ""}
