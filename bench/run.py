"""Benchmarks: `make bench NAME=replicate`, or all of them without a name.

    bench/run.py [NAME] [-n SIZE] [--runs RUNS] [--database sqlite|postgresql] | --list

The size can also stand in the environment as N (`make bench NAME=replicate N=50000`). Each result
is printed, and appended as one JSON object a line to `bench/results/NAME.jsonl`.
"""

from __future__ import annotations

from node import tls12_off  # isort: skip - before whatever imports grpc

import argparse
import os
from types import ModuleType

from bench import (
    catch_up,
    fan_out,
    grow,
    lag,
    logical,
    publish,
    reconnect,
    replicate,
    verify,
)
from bench.databases import DATABASES
from bench.measuring import Options, keep

BENCHES: dict[str, ModuleType] = {
    "replicate": replicate,
    "logical": logical,
    "grow": grow,
    "publish": publish,
    "verify": verify,
    "lag": lag,
    "fan-out": fan_out,
    "reconnect": reconnect,
    "catch-up": catch_up,
}


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description="Measure against a baseline.")
    parser.add_argument("name", nargs="?", choices=sorted(BENCHES))
    parser.add_argument("-n", "--size", type=int, default=int(os.environ.get("N", "0")))
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--database", action="append", choices=DATABASES)
    parser.add_argument("--list", action="store_true", help="name the benches")
    given = parser.parse_args()
    if given.list:
        for name, bench in BENCHES.items():
            print(f"{name:10} {(bench.__doc__ or '').splitlines()[0]}")
        return
    tls12_off.require()
    options = Options(
        size=given.size, runs=given.runs, databases=tuple(given.database or DATABASES)
    )
    for name in [given.name] if given.name else BENCHES:
        for result in BENCHES[name].run(options):
            line = keep(name, result)
            print(
                f"{line['bench']} {line['database']}: {line['value']:g} {line['unit']} "
                f"({line['min']:g} - {line['max']:g}, n={line['n']}); "
                f"{line['baseline']}: {line['baseline_value']:g}; "
                f"ratio {line['ratio']:g} ({line['ratio_min']:g} - {line['ratio_max']:g})",
                flush=True,
            )


if __name__ == "__main__":
    main()
