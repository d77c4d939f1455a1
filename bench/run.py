"""Benchmarks: `make bench NAME=replicate`, or all of them without a name.

    bench/run.py [NAME] [-n SIZE] [--runs RUNS] [--database sqlite|postgresql] | --list

Without a name every bench runs once (`--runs` for more), and those of `BRIEF` at a smaller size
than their own, so that all of them take minutes. SIGTERM ends a run as Ctrl-C does: nodes, servers
and folders are gone afterwards.

The size can also stand in the environment as N (`make bench NAME=replicate N=50000`). Each result
is printed, and appended as one JSON object a line to `bench/results/NAME.jsonl`.
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import argparse
import os
import signal
import sys
from types import FrameType, ModuleType
from typing import Any, NoReturn

from bench import (
    attacked,
    audit,
    benefit,
    benefits,
    catalog_dry_run,
    catch_up,
    check,
    check_batch,
    check_busy,
    check_http,
    check_workers,
    fan_out,
    grow,
    idle,
    lag,
    logical,
    many,
    monitor,
    notices,
    pages,
    publish,
    rebuild,
    reconcile,
    reconnect,
    relief,
    relief_one,
    replicate,
    verify,
    watch,
)
from bench.databases import DATABASES
from bench.measuring import Options, keep

BENCHES: dict[str, ModuleType] = {
    "replicate": replicate,
    "logical": logical,
    "grow": grow,
    "publish": publish,
    "reconcile": reconcile,
    "rebuild": rebuild,
    "catalog-dry-run": catalog_dry_run,
    "verify": verify,
    "audit": audit,
    "lag": lag,
    "relief-one": relief_one,
    "relief": relief,
    "fan-out": fan_out,
    "reconnect": reconnect,
    "catch-up": catch_up,
    "benefit": benefit,
    "benefits": benefits,
    "check": check,
    "check-http": check_http,
    "check-batch": check_batch,
    "check-workers": check_workers,
    "check-busy": check_busy,
    "attacked": attacked,
    "many": many,
    "idle": idle,
    "monitor": monitor,
    "notices": notices,
    "watch": watch,
    "pages": pages,
}

BRIEF = {"grow": 200_000, "verify": 200_000, "pages": 50_000}
"""Sizes in a run of everything; `grow` and `pages` at their own take a quarter of an hour a
database, and making the export of `verify` longer than measuring."""


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
            print(f"{name:16} {(bench.__doc__ or '').splitlines()[0]}")
        return
    tls12_off.require()
    signal.signal(signal.SIGTERM, _stop)
    for name in [given.name] if given.name else BENCHES:
        options = Options(
            size=given.size or (0 if given.name else BRIEF.get(name, 0)),
            runs=given.runs or (0 if given.name else 1),
            databases=tuple(given.database or DATABASES),
        )
        for result in BENCHES[name].run(options):
            line = keep(name, result)
            print(
                f"{line['bench']} {line['database']}: {line['value']:g} {line['unit']} "
                f"({line['min']:g} - {line['max']:g}, n={line['n']}); "
                f"{line['baseline']}: {line['baseline_value']:g}; "
                f"ratio {line['ratio']:g} ({line['ratio_min']:g} - {line['ratio_max']:g})"
                + _spent(line),
                flush=True,
            )


def _spent(line: dict[str, Any]) -> str:
    """What a record cost, and in the baseline, where that was measured."""
    if "processor_us" not in line:
        return ""
    return (
        f"; processors {line['processor_us']:g} us, written {line['written_bytes']:g} bytes a "
        f"record (baseline {line['baseline_processor_us']:g}, {line['baseline_written_bytes']:g})"
    )


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
