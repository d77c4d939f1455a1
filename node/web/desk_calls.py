"""The desks of this process, as the HTTP application calls them.

Each call finds out who asks and has it admitted; a question is admitted by its desk, which counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from federation.errors import RefusedError
from federation.screening.roles import Action, Asker, for_every_department
from node.access.provider_sessions import CameBack
from node.access.signing_in import SignIn
from node.network.errors import UnavailableError


class Admission(Protocol):
    """`node.access.admitting.Access`."""

    def asker_of_token(self, token: str) -> Asker:
        """Who presents this token."""
        ...

    def admit(self, asker: Asker, action: Action) -> None:
        """Let it be done, or refuse."""
        ...

    def exposed(self, token: str, place: str) -> None:
        """Keep that a token came where others can read it."""
        ...


class Questions(Protocol):
    """`node.screening.desk.ScreeningDesk`."""

    def check(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer about one subject."""
        ...

    def matters(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        """List the matters."""
        ...

    def measures(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        """List the measures."""
        ...


class Batches(Protocol):
    """`node.screening.batch_desk.BatchDesk`."""

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer about many in one message."""
        ...


class Outcomes(Protocol):
    """`node.screening.outcome_desk.OutcomeDesk`."""

    def report(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take the outcome of one measure of one match."""
        ...


class Scenarios(Protocol):
    """`node.recognition.scenario_desk.ScenarioDesk`."""

    def scenarios(self, wanted: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        """Scenarios in short."""
        ...

    def scenario(self, scenario: str) -> Mapping[str, Any]:
        """One in full."""
        ...


class Benefits(Protocol):
    """`node.recognition.benefit_desk.BenefitDesk`."""

    def check(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer about one benefit."""
        ...

    def list(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer about all."""
        ...


class Uses(Protocol):
    """`node.recognition.use_desk.UseDesk`."""

    def report(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take that a benefit was used."""
        ...


class Displays(Protocol):
    """`node.relief.displays.DisplayDesk`."""

    def submit(self, asker: Asker, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say which rows of a batch must go."""
        ...

    def acknowledge(self, asker: Asker, number: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep which of them were taken down."""
        ...


class Sessions(Protocol):
    """`node.access.signing_in.SigningIn`."""

    def opened(self, asked: SignIn) -> Mapping[str, Any]:
        """Open a session."""
        ...

    def closed(self, token: str) -> None:
        """End the session of a token."""
        ...


class ProviderSessions(Protocol):
    """`node.access.provider_sessions.ProviderSignIn`."""

    def begun(self) -> Mapping[str, Any]:
        """Begin a session by the identity provider."""
        ...

    def opened(self, came: CameBack) -> Mapping[str, Any]:
        """Open the session of who came back from there."""
        ...


class DeskCalls:
    """`node.web.calls.Calls` over the desks; any thread, blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        admission: Admission,
        questions: Questions,
        batches: Batches,
        outcomes: Outcomes,
        scenarios: Scenarios,
        benefits: Benefits,
        uses: Uses,
        displays: Displays,
        sessions: Sessions,
        provider: ProviderSessions,
        refusal: Callable[[], RefusedError | None],
    ) -> None:
        """Wire it; `refusal` says why nothing can be recorded, so that nothing is answered."""
        self._admission = admission
        self._questions = questions
        self._batches = batches
        self._outcomes = outcomes
        self._scenarios = scenarios
        self._benefits = benefits
        self._uses = uses
        self._displays = displays
        self._sessions = sessions
        self._provider = provider
        self._refusal = refusal

    def check(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask about one subject."""
        return self._questions.check(self._admission.asker_of_token(token), question)

    def check_batch(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask about many; admitted by its desk."""
        return self._batches.ask(self._admission.asker_of_token(token), batch)

    def report_outcome(
        self, token: str, number: str, report: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Report what was done about a match."""
        asker = for_every_department(self._admitted(token, Action.REPORT_OUTCOME))
        return self._outcomes.report(asker, {**report, "check": number})

    def check_benefit(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask whether a subject may have one benefit."""
        return self._benefits.check(self._admission.asker_of_token(token), question)

    def list_benefits(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask which benefits a subject may have."""
        return self._benefits.list(self._admission.asker_of_token(token), question)

    def report_use(self, token: str, number: str, report: Mapping[str, Any]) -> Mapping[str, Any]:
        """Report that the benefit of an answer was used."""
        asker = for_every_department(self._admitted(token, Action.REPORT_USE))
        return self._uses.report(asker, {**report, "check": number})

    def submit_displays(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say which rows of what a third party displays must go; admitted by its desk."""
        return self._displays.submit(self._admission.asker_of_token(token), batch)

    def acknowledge_displays(
        self, token: str, number: str, said: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Keep which rows were taken down; likewise."""
        return self._displays.acknowledge(self._admission.asker_of_token(token), number, said)

    def matters(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the matters."""
        return self._questions.matters(self._admitted(token, Action.MATTERS))

    def measures(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the measures."""
        return self._questions.measures(self._admitted(token, Action.MATTERS))

    def scenarios(self, token: str) -> Sequence[Mapping[str, Any]]:
        """List the scenarios in force."""
        self._admitted(token, Action.SCENARIOS)
        return self._scenarios.scenarios({})

    def scenario(self, token: str, scenario: str) -> Mapping[str, Any]:
        """One scenario in full."""
        self._admitted(token, Action.SCENARIOS)
        return self._scenarios.scenario(scenario)

    def open_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open a session."""
        return self._sessions.opened(SignIn(**said))

    def begin_session(self) -> Mapping[str, Any]:
        """Begin a session by the identity provider."""
        return self._provider.begun()

    def finish_session(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open the session of who came back from there."""
        return self._provider.opened(CameBack(**said))

    def close_session(self, token: str) -> None:
        """End the session of a token."""
        self._admission.asker_of_token(token)
        self._sessions.closed(token)

    def exposed(self, token: str, place: str) -> None:
        """Tell the operator that a token was exposed."""
        self._admission.exposed(token, place)

    def health(self) -> None:
        """Return where questions can be recorded, and so answered."""
        refusal = self._refusal()
        if refusal is not None:
            raise UnavailableError(refusal.code, str(refusal))

    def _admitted(self, token: str, action: Action) -> Asker:
        asker = self._admission.asker_of_token(token)
        self._admission.admit(asker, action)
        return asker
