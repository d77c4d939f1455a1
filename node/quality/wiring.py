"""What counts and reports the quality of published data, wired."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from federation.ids import Date
from federation.ports.store import ReadSession
from federation.quality.formulas import Formulas
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.quality.desk import QualityDesk
from node.quality.listed import Findings, ListedSubjects, SubjectRegister
from node.screening.outcome_origin import OutcomeRead


def wire_quality(
    opened: Opened,
    *,
    trust: Callable[[], TrustView],
    catalog: Callable[[], Catalog],
    library: SubjectRegister,
    findings: Findings,
    today: Callable[[], Date],
    outcomes: Callable[[ReadSession], Sequence[OutcomeRead]],
) -> QualityDesk:
    """Build the desk; `today` is never behind any clock that is believed."""
    config = opened.config
    return QualityDesk(
        own=config.origin,
        directory=config.directory,
        files=config.files,
        formulas=Formulas(**config.quality.model_dump()),
        store=opened.store,
        keyring=opened.keyring,
        payloads=opened.payloads,
        trust=trust,
        catalog=catalog,
        outcomes=outcomes,
        listed=ListedSubjects(
            library=library, tagger=opened.keyring, findings=findings, today=today
        ),
    )
