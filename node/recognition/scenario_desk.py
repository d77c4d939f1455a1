"""What people see of scenarios: lists, one in full, who recognises what, and how it came to be.

Documents are JSON; codes stay codes, with their texts beside them in both languages where people
need them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from federation.conditions import Condition
from federation.errors import RefusedError
from federation.ids import Date
from federation.names import RECOGNITION_ACTIONS, SCENARIO_ACTIONS, SUBJECT_KINDS
from federation.payloads import Equivalence, Scenario
from federation.ports.store import Store
from federation.recognition.known import KnownScenario, Scenarios
from federation.recognition.recognitions import RecognitionWord, Standing
from federation.recognition.scenarios import ScenarioState, ScenarioWord, state_of
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.recognition.page import public_page
from node.recognition.scenarios import Region, ScenarioBook
from node.texts.catalog_names import names_of
from node.texts.conditions import explain


class ScenarioDesk:
    """Answers about scenarios; any thread, blocks."""

    def __init__(
        self,
        *,
        region: str,
        name: str,
        store: Store,
        book: ScenarioBook,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        today: Callable[[], Date],
    ) -> None:
        """Wire it.

        Args:
            region: ours.
            name: what it is called.
            store: where statements are held.
            book: reads scenarios.
            trust: the charters of the moment.
            catalog: ours, of the moment; it names codes.
            today: never behind any clock that is believed.
        """
        self._region = region
        self._name = name
        self._store = store
        self._book = book
        self._trust = trust
        self._catalog = catalog
        self._today = today

    def scenarios(self, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
        """Scenarios in short.

        Args:
            wanted: `state` (of the scenario; empty: in force), `region` (of its issuer), `place`
                (where it is had) and `type`; what is empty is not asked.

        Raises:
            RefusedError: `state.unknown`.
        """
        state = wanted.get("state") or ScenarioState.IN_FORCE.value
        if state not in (*(one.value for one in ScenarioState), "all"):
            expected = ", ".join((*(one.value for one in ScenarioState), "all"))
            message = f"state: expected one of {expected}, got {state[:40]!r}"
            raise RefusedError("state.unknown", message)
        found = []
        for known in self._read().all:
            short = self._short(known)
            if (
                state in ("all", short["state"])
                and wanted.get("region", "") in ("", short["region"])
                and wanted.get("type", "") in ("", short["type"])
                and self._had_in(known, wanted.get("place", ""))
            ):
                found.append(short)
        return found

    def scenario(self, scenario: str) -> dict[str, Any]:
        """One scenario in full, with what each region says of it.

        Args:
            scenario: a statement id of any of its texts, in hex, or the first digits of one.

        Raises:
            RefusedError: `recognition.no-scenario`, `record.ambiguous`.
        """
        known = self._found(scenario)
        return (
            self._short(known)
            | self._text(known.newest.scenario)
            | {
                "own_region": self._region,
                "regions": [self._said(known, region) for region in self._book.regions()],
            }
        )

    def matrix(self) -> dict[str, Any]:
        """Who recognises what: scenarios in force by regions."""
        regions = self._book.regions()
        today = self._today()
        rows = []
        for known in self._read().all:
            if state_of(known.words, today) is not ScenarioState.IN_FORCE:
                continue
            stands = {
                region.node: self._book.standing_at(known, region.node, today) for region in regions
            }
            rows.append(
                self._short(known)
                | {"regions": {one.code: stands[one.node].action.value for one in regions}}
            )
        return {
            "day": today,
            "regions": [{"region": one.code, "city": one.name} for one in regions],
            "scenarios": rows,
        }

    def page(self, *, english: bool, objections: str) -> str:
        """A page for the city's site, as HTML (`node.recognition.page`)."""
        shown = [
            self.scenario(known.id.hex())
            for known in self._read().all
            if self._book.standing(known, self._region, self._today()).holds
        ]
        return public_page(
            region=self._region,
            city=self._name,
            day=self._today(),
            scenarios=shown,
            catalog=self._catalog(),
            objections=objections,
            english=english,
        )

    def history(self, scenario: str) -> list[dict[str, Any]]:
        """All that was said of one scenario, by day: its texts and what regions said of them.

        Raises:
            RefusedError: as `scenario`.
        """
        known = self._found(scenario)
        said: list[ScenarioWord | RecognitionWord] = [*known.words]
        for words in known.said.values():
            said += words
        said.sort(key=lambda word: (word.said_at, word.origin, word.index))
        return [self._event(word) for word in said]

    def _read(self) -> Scenarios:
        with self._store.read() as session:
            return self._book.read(session)

    def _found(self, scenario: str) -> KnownScenario:
        digits = scenario.strip().lower()
        found = [
            known
            for known in self._read().all
            if digits and any(word.statement_id.hex().startswith(digits) for word in known.words)
        ]
        if not found:
            message = (
                f"没有这个场景，见 huxin scenarios list / no scenario {digits[:40]!r} is held here"
            )
            raise RefusedError("recognition.no-scenario", message)
        if len(found) > 1:
            ids = ", ".join(known.id.hex() for known in found[:5])
            message = f"{digits!r}: 请多写几位 / expected more digits; these begin so: {ids}"
            raise RefusedError("record.ambiguous", message)
        return found[0]

    def _had_in(self, known: KnownScenario, place: str) -> bool:
        return not place or self._book.standing(known, place, self._today()).holds

    def _short(self, known: KnownScenario) -> dict[str, Any]:
        today, word, trust = self._today(), known.newest, self._trust()
        here = self._book.standing(known, self._region, today)
        return {
            "scenario": known.id.hex(),
            "statement_id": word.statement_id.hex(),
            "region": trust.region(word.origin),
            "city": trust.city(word.origin),
            "title": word.scenario.title,
            "type": word.scenario.scenario_type,
            "provider_name": word.scenario.provider_name or word.scenario.provider,
            "incentives": [{"code": one.code, "text": one.text} for one in word.scenario.benefits],
            "state": state_of(known.words, today).value,
            "valid_from": word.scenario.valid_from,
            "valid_until": word.scenario.valid_until,
            "versions": len(known.words),
            "here": _stands(here),
            "accepted_in": [
                region.code
                for region in self._book.regions()
                if self._book.standing(known, region.code, today).holds
            ],
        }

    def _text(self, text: Scenario) -> dict[str, Any]:
        alliances = {a.id: a.charter.terms.name for a in self._trust().trust.alliances}
        return {
            "provider": text.provider,
            "conditions": text.conditions_text,
            "explained": self._explained(text.condition),
            "subject_kinds": [SUBJECT_KINDS.name(kind) for kind in text.subject_kinds],
            "basis": text.basis,
            "places": list(text.places),
            "windows": [
                {"name": one.name, "address": one.address, "hours": one.hours}
                for one in text.windows
            ],
            "scales": [
                {"method": one.method, "edition": one.edition, "grades": list(one.grades)}
                for one in text.scales
            ],
            "alliances": [alliances.get(one, one.hex()) for one in text.charters],
        }

    def _explained(self, condition: Condition | None) -> dict[str, str]:
        said = explain(condition, names_of(self._catalog(), self._today()))
        return {"zh": said.zh, "en": said.en}

    def _said(self, known: KnownScenario, region: Region) -> dict[str, Any]:
        found = self._book.standing_at(known, region.node, self._today())
        document: dict[str, Any] = {
            "region": region.code,
            "city": region.name,
            **_stands(found),
        }
        return document if found.word is None else document | self._terms(found.word)

    def _terms(self, word: RecognitionWord) -> dict[str, Any]:
        said = word.recognition
        return {
            "statement_id": word.statement_id.hex(),
            "authority_name": said.authority_name or said.authority,
            "reason": said.reason,
            "conditions": said.conditions_text,
            "further": None if said.further is None else self._explained(said.further),
            "equivalences": [_equivalence(one) for one in said.equivalences],
            "services": list(said.services),
            "decided_on": said.decided_on,
            "effective_on": said.effective_on,
            "valid_until": said.valid_until,
        }

    def _event(self, word: ScenarioWord | RecognitionWord) -> dict[str, Any]:
        trust = self._trust()
        event: dict[str, Any] = {
            "day": word.said_on,
            "region": trust.region(word.origin),
            "city": trust.city(word.origin),
            "statement_id": word.statement_id.hex(),
            "origin": word.origin,
            "index": word.index,
        }
        if isinstance(word, ScenarioWord):
            text = word.scenario
            return event | {
                "kind": "scenario",
                "action": SCENARIO_ACTIONS.name(word.action),
                "title": text.title,
                "explained": self._explained(text.condition),
                "valid_until": text.valid_until,
            }
        return event | {
            "kind": "recognition",
            "action": RECOGNITION_ACTIONS.name(word.action),
            "of": word.recognition.scenario.index,
            **self._terms(word),
        }


def _stands(found: Standing) -> dict[str, Any]:
    return {
        "standing": found.action.value,
        "code": found.code,
        "since": found.since,
        "until": found.until,
    }


def _equivalence(one: Equivalence) -> dict[str, str]:
    return {
        "method": one.method,
        "edition": one.edition,
        "grade": one.grade,
        "own_method": one.own_method,
        "own_edition": one.own_edition,
        "own_grade": one.own_grade,
    }
