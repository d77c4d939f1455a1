"""Each mutant of `tests/mutants.py` still finds the text that it would change, exactly once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_mutant_fits_the_code() -> None:
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "tests" / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    mutants = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mutants)
    stale = [
        m.rule for m in mutants.MUTANTS if (ROOT / m.file).read_text("utf-8").count(m.old) != 1
    ]
    assert stale == []
