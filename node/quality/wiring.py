"""What counts and reports the quality of published data, wired."""

from __future__ import annotations

from collections.abc import Callable

from federation.quality.figures import Formulas
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.directory.opened import Opened
from node.quality.desk import QualityDesk


def wire_quality(
    opened: Opened, *, trust: Callable[[], TrustView], catalog: Callable[[], Catalog]
) -> QualityDesk:
    """Build the desk."""
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
    )
