"""An audit of honest alliances accuses nobody, whatever befell them (more seeds in soak)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.audit_sweep import audited


@pytest.mark.parametrize("seed", range(12))
def test_an_honest_world_has_no_finding(seed: int, tmp_path: Path) -> None:
    assert audited(seed, tmp_path) == []
