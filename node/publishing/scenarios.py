"""What our own node publishes of scenarios and recognitions: asked on every way in.

A file, a call and a draft of another wing all end here, so no way in allows what another refuses
(SN1 to SN9, RG1 to RG8 of `federation.recognition`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from adapters.files.personal_ids import holds_personal_id
from federation.errors import RefusedError
from federation.ids import NO_STATEMENT, CharterId, Date, Origin
from federation.payloads import Payload, Recognition, Scenario
from federation.ports.store import ReadSession
from federation.recognition.known import Scenarios
from federation.recognition.recognitions import Said, faults_of_recognition
from federation.recognition.scenarios import Fault, faults_of
from federation.reconcile.catalog import Catalog
from federation.reconcile.trust_lists import grade_scale, methods_of
from federation.statements import RecognitionAction, ScenarioAction


class KnownScenarios(Protocol):
    """`node.recognition.scenarios.ScenarioBook`."""

    def read(self, session: ReadSession) -> Scenarios:
        """All scenarios that are held."""
        ...

    def shared(self, one: Origin, other: Origin) -> frozenset[CharterId]:
        """The alliances in force of which two nodes are members."""
        ...

    def node(self, origin: Origin) -> Origin:
        """The first log of the chain of a log's node."""
        ...


class ScenarioChecks:
    """Says why a scenario or a recognition is not published."""

    def __init__(
        self,
        *,
        own: Origin,
        known: KnownScenarios,
        catalog: Callable[[], Catalog],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `own` is our log, `catalog` that of the moment."""
        self._own = own
        self._known = known
        self._catalog = catalog
        self._today = today

    def check(self, session: ReadSession, action: int, about: bytes, payload: Payload) -> None:
        """Check what we would say; of other kinds nothing.

        Raises:
            RefusedError: `scenario.…`, `recognition.…`, `field.personal-id`; the code is of the
                first fault, the words are of all.
        """
        if isinstance(payload, Scenario):
            self._check_scenario(session, action, about, payload)
        elif isinstance(payload, Recognition):
            self._check_recognition(session, action, payload)

    def _check_scenario(
        self, session: ReadSession, action: int, about: bytes, scenario: Scenario
    ) -> None:
        texts = [scenario.title, scenario.conditions_text, scenario.basis, scenario.provider_name]
        texts += [one.text for one in scenario.benefits]
        texts += [f"{one.name} {one.address} {one.hours}" for one in scenario.windows]
        _refuse(
            [
                *_personal(texts),
                *faults_of(scenario, action, self._today(), self._catalog()),
                *self._earlier(session, action, about),
            ]
        )

    def _check_recognition(
        self, session: ReadSession, action: int, recognition: Recognition
    ) -> None:
        found = self._known.read(session).at(
            recognition.scenario.origin, recognition.scenario.index
        )
        if found is None or found[1].leaf_hash != recognition.scenario.leaf_hash:
            message = (
                "没有这个场景；见 huxin scenarios list / "
                "no such scenario is held here; see huxin scenarios list"
            )
            raise RefusedError("recognition.no-scenario", message)
        known, named = found
        node, catalog = self._known.node(self._own), self._catalog()
        said = Said(
            action=RecognitionAction(action),
            recognition=recognition,
            named=named,
            scenario=known.words,
            earlier=known.said.get(node, ()),
            own=known.node == node,
            shared=self._known.shared(known.node, node),
            own_scales=self._own_scales(catalog),
        )
        texts = [recognition.conditions_text, recognition.reason, recognition.authority_name]
        _refuse([*_personal(texts), *faults_of_recognition(said, self._today(), catalog)])

    def _own_scales(self, catalog: Catalog) -> dict[tuple[str, str], tuple[str, ...]]:
        day = self._today()
        known = {(one.method, one.edition) for _, one, _ in methods_of(catalog, day)}
        scales = {key: grade_scale(catalog, *key, day) for key in sorted(known)}
        return {key: scale for key, scale in scales.items() if scale is not None}

    def _earlier(self, session: ReadSession, action: int, about: bytes) -> Sequence[Fault]:
        """Whether what is amended or closed is ours, and its newest text."""
        if action == ScenarioAction.OPENED or about in (b"", NO_STATEMENT):
            return ()
        known = self._known.read(session).find(about)
        if known is None or known.node != self._known.node(self._own):
            return (
                Fault(
                    code="scenario.not-ours",
                    where="about",
                    zh="应为本节点自己的场景",
                    en="expected a scenario of our own",
                ),
            )
        newest = known.newest
        if newest.statement_id == about and newest.action != ScenarioAction.CLOSED:
            return ()
        return (
            Fault(
                code="scenario.superseded",
                where="about",
                zh=f"应为最新版本 {newest.statement_id.hex()}；已关闭的请新开",
                en=f"expected its newest text, {newest.statement_id.hex()}; of a closed one "
                "nothing: open it anew",
            ),
        )


def _personal(texts: Sequence[str]) -> Sequence[Fault]:
    if not any(map(holds_personal_id, texts)):
        return ()
    return (
        Fault(
            code="field.personal-id",
            where="text",
            zh="含公民身份号码",
            en="holds what looks like a citizen's ID number; take it out",
        ),
    )


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise RefusedError(faults[0].code, "； ".join(fault.words for fault in faults))
