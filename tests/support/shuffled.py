"""A plugin of pytest: files in another order by each seed, and the tests of each file in another.

`make soak NAME=order` loads it. A test that passes only behind another one shares something with
it that nobody sees; the seed that shows it is `--hypothesis-seed`, and gives the same order again.
"""

from __future__ import annotations

import random
from itertools import groupby

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seeded = random.Random(str(config.getoption("hypothesis_seed")))
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    seeded.shuffle(files)
    for tests in files:
        seeded.shuffle(tests)
    items[:] = [item for tests in files for item in tests]
