"""Answers about benefits as JSON, for every way by which one asks.

Days are YYYYMMDD in China, times seconds UTC; texts of codes are Chinese. `undecided` is no no.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from federation.conditions import Decision
from federation.recognition.entitlement import Asked, Entitlement
from federation.recognition.facts import Evidence
from federation.recognition.known import KnownScenario
from federation.recognition.recognitions import Standing
from node.texts.codes import chinese
from node.texts.conditions import Names, explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One scenario, how it stands here, and what was decided."""

    known: KnownScenario
    region: str
    """Of its issuer, six digits."""
    city: str
    standing: Standing
    entitlement: Entitlement

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What answered it."""
        return tuple(one for asked in self.entitlement.asked for one in asked.evidence)


def decided_to_json(decided: Decided, names: Names) -> dict[str, Any]:
    """Write what was decided of one scenario, with each condition and its answer."""
    word = decided.known.newest
    return {
        **_shown(decided),
        "origin": word.origin,
        "index": word.index,
        "windows": [
            {"name": one.name, "address": one.address, "hours": one.hours}
            for one in word.scenario.windows
        ],
        "codes": _codes(decided.entitlement.reasons),
        "conditions": [_asked(one, names) for one in decided.entitlement.asked],
    }


def decided_in_short(decided: Decided) -> dict[str, Any]:
    """Write the same for a list: why it is no yes, and not how each condition was answered."""
    answers = (one.code for one in decided.entitlement.asked if one.answer is not Decision.YES)
    codes = dict.fromkeys((*decided.entitlement.reasons, *answers))
    return {**_shown(decided), "codes": _codes(codes)}


def _shown(decided: Decided) -> dict[str, Any]:
    word, said = decided.known.newest, decided.standing.word
    scenario, entitlement = word.scenario, decided.entitlement
    return {
        "scenario": decided.known.id.hex(),
        "statement_id": word.statement_id.hex(),
        "region": decided.region,
        "city": decided.city,
        "title": scenario.title,
        "type": scenario.scenario_type,
        "provider_name": scenario.provider_name or scenario.provider,
        "incentives": [{"code": one.code, "text": one.text} for one in scenario.benefits],
        "conditions_text": scenario.conditions_text,
        "further_text": _further_text(decided),
        "here": decided.standing.action.value,
        "reason": "" if said is None else said.recognition.reason,
        "services": [] if said is None else list(said.recognition.services),
        "result": entitlement.result.value,
        "until": entitlement.until,
    }


def _further_text(decided: Decided) -> str:
    """What this region asks further in words; of an acceptance alone: else nothing is given."""
    said = decided.standing.word
    return said.recognition.conditions_text if said and decided.standing.holds else ""


def _codes(codes: Iterable[str]) -> list[dict[str, Any]]:
    return [{"code": code, "message": chinese(code)} for code in codes]


def _asked(one: Asked, names: Names) -> dict[str, Any]:
    words = explain(one.test, names)
    return {
        "path": one.path,
        "asked": words.zh,
        "asked_en": words.en,
        "answer": one.answer.value,
        "code": one.code,
        "message": chinese(one.code),
        "rules": _codes(one.rules),
        "evidence": _evidence(one.evidence),
    }


def _evidence(found: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [
        {
            "origin": one.origin,
            "index": one.index,
            "statement_id": one.statement_id.hex(),
            "proof": one.leaf_hash.hex(),
        }
        for one in found
    ]
