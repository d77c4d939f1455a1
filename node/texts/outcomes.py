"""Words of outcomes 惩戒反馈 in tables: how a match stands, what was done, who reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.codes import chinese
from node.texts.fields import day

UNMEASURED: Final = ("列入，无措施，不得据此限制", "listed, no measure: restrict nobody by it")
"""What stands instead of a match from which no measure of the city follows."""
STATES: Final[Mapping[str, str]] = {
    "pending": "待反馈",
    "reported": "已反馈",
    "reopened": "须解除或复核",
    "undone": "已解除",
    "wrong": "命中错误，待核",
    "closed": "已办结",
}
RESULTS: Final[Mapping[str, str]] = {
    "applied": "已采取",
    "prompted": "已提示",
    "not-applied": "未采取",
    "proceeded": "继续办理",
    "wrong-subject": "命中错误（另一主体）",
    "undone": "已解除",
    "re-examined": "已复核",
    "benefit-used": "已享受激励",
}
SIDES: Final[Mapping[str, str]] = {"reported": "本地反馈", "received": "各地反馈"}
_WORDS: Final = {"state": STATES, "result": RESULTS, "side": SIDES}


def in_words(row: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A row of a table with its codes in words; English names are the codes."""
    if english:
        return dict(row)
    return {
        name: _WORDS[name].get(value, value) if name in _WORDS and isinstance(value, str) else value
        for name, value in row.items()
    }


_CLASSES: Final = {"block": ("拦截", "block"), "prompt": ("提示", "prompt")}
_NO_MEASURE: Final = (
    "本市对本事项没有可采取的措施，不得据此限制",
    "none of this region for this matter: nobody may be restricted by it",
)


def match_in_words(match: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """One match of a check, its measures and reports a line each."""
    persons = [*match.get("persons", ()), *([""] * len(match["reports"]))]
    return (
        in_words(match, english=english)
        | (match.get("listing") or {})
        | {
            # The listing has a state of its own; this is that of the match.
            "state": match["state"] if english else STATES.get(match["state"], match["state"]),
            "due_on": day(match["due_on"]),
            "measures": "\n".join(_measure(one, english=english) for one in match["measures"])
            or _NO_MEASURE[english],
            "reports": "\n".join(
                _report(one, person, english=english)
                for one, person in zip(match["reports"], persons, strict=False)
            ),
        }
    )


def _measure(measure: Mapping[str, Any], *, english: bool) -> str:
    kind = _CLASSES[measure["class"]][english]
    said = f"{measure['name']}（{measure['basis']}）{measure['manner']}"
    return f"{measure['code']} {kind}{': ' if english else '：'}{said}"


def _report(report: Mapping[str, Any], person: str, *, english: bool) -> str:
    result, reason = report["result"], report["reason"]
    if not english:
        result, reason = RESULTS.get(result, result), reason and (chinese(reason) or reason)
    parts = (day(report["decided_on"]), result, report["measure"], reason, person)
    return "  ".join(filter(None, parts))
