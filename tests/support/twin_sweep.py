"""One script brought to two nodes: `python -m tests.support.twin_sweep SEED --seeds 20`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import structlog

from tests.support.twins import Twin, decide_at_random, make_script, new_node

DECISIONS: Final = 8


def check(seed: int, directory: Path, url: Callable[[str], str]) -> None:
    """Bring a script to two nodes, to the first in order, to the second anyhow.

    Args:
        seed: chooses the script and how it comes.
        directory: new or empty.
        url: of an empty database, by its name.

    Raises:
        AssertionError: their `local_state` differs, or a rebuild finds another one.
    """
    random = Random(seed)
    nodes = [new_node(directory / name, url(name)) for name in ("first", "second")]
    script = make_script(seed, nodes[0])
    first, second = Twin(nodes[0], script), Twin(nodes[1], script)
    with closing(first), closing(second):
        first.in_order()
        decide_at_random(first, random, DECISIONS)
        nodes[0].reconcile()
        expected = first.state()
        second.at_random(random)
        for twin in (second, first):
            assert twin.state() == expected, seed
            twin.rebuild()
            assert twin.state() == expected, seed


def main() -> None:
    """Run the seeds of the command line, on SQLite."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    parser = argparse.ArgumentParser(description="Equal histories give equal states.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    failed: list[int] = []
    for seed in range(given.seed, given.seed + given.seeds):
        with tempfile.TemporaryDirectory(prefix="huxin-twins-") as name:
            try:
                check(seed, Path(name), lambda made, at=name: f"sqlite:///{at}/{made}.db")  # type: ignore[misc]
            except AssertionError:
                failed.append(seed)
                traceback.print_exc(file=sys.stdout)
    sys.stdout.write(json.dumps({"seeds": given.seeds, "failed_seeds": failed}))


if __name__ == "__main__":
    main()
