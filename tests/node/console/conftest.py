"""Every page and letter that a test of the console makes is read for codes without words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.bare_codes import no_bare_codes


@pytest.fixture(autouse=True)
def _all_is_said() -> Iterator[None]:
    with no_bare_codes():
        yield
