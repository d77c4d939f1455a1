"""Pairs of subjects that are and are not the same: `python -m tests.support.identity_sweep SEED`.

Each seed invents a base library, imports it as a node does, and has listings judged by it. No
hostile pair may be recognised; of the clean ones at least `CLEAN_SHARE` must be. What holds or
rejects the others is counted by rule.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

from adapters.catalog.library import FILE_NAME, FileLibrary, import_library
from federation.ids import Date
from federation.payloads import SubjectKind
from federation.reconcile.candidate import Candidate
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.identity import BaseSubject
from federation.reconcile.rules import judge
from federation.uscc import kinds_of
from tests.support.catalogs import catalog_of
from tests.support.identities import (
    CLEAN,
    Pair,
    clean_pairs,
    hostile_pairs,
    make_world,
    write_library,
)

SUBJECTS: Final = 2000
HOSTILE: Final = 3000
CLEAN_SHARE: Final = 0.995
_BATCH: Final = 1024
_CATALOG: Final = catalog_of()
_TODAY: Final = Date(20261121)


def judged(library: FileLibrary, pairs: Iterable[Pair]) -> Iterator[tuple[Pair, Finding]]:
    """Judge pairs as reconciliation does, asking the library for many codes at once."""
    rest = iter(pairs)
    while batch := list(islice(rest, _BATCH)):
        known: dict[tuple[str, str], BaseSubject] = {}
        for scheme in {pair.scheme for pair in batch}:
            codes = sorted({pair.code for pair in batch if pair.scheme == scheme})
            found = library.by_code(scheme, codes)
            known |= {(scheme, code): subject for code, subject in found.items()}
        for pair in batch:
            yield (
                pair,
                judge(
                    _candidate(pair), _CATALOG, known.get((pair.scheme, pair.code)), today=_TODAY
                ),
            )


def sweep(
    seed: int, directory: Path, subjects: int = SUBJECTS, hostile: int = HOSTILE
) -> tuple[Counter[str], Sequence[Pair]]:
    """Run one seed.

    Args:
        seed: chooses everything.
        directory: of the library; it is written anew.
        subjects: live ones of the base library, each of which gives a clean pair.
        hostile: pairs of the other sort.

    Returns:
        What was counted, and the hostile pairs that were recognised.
    """
    random = Random(seed)
    world = make_world(random, subjects)
    write_library(directory / "library.csv", world)
    import_library(directory / "library.csv", directory / FILE_NAME, lambda _: None)
    counts: Counter[str] = Counter()
    wrong: list[Pair] = []
    pairs = [*clean_pairs(random, world), *hostile_pairs(random, world, hostile)]
    with closing(FileLibrary(directory / FILE_NAME)) as library:
        for pair, finding in judged(library, pairs):
            sort = CLEAN if pair.attack == CLEAN else "hostile"
            counts[sort] += 1
            counts[f"{sort} {RULES[finding].code}"] += 1
            if sort != CLEAN and finding == Finding.RECOGNISED:
                wrong.append(pair)
    return counts, wrong


def enough(counts: Counter[str]) -> bool:
    """Whether enough clean pairs were recognised."""
    return counts[f"{CLEAN} {RULES[Finding.RECOGNISED].code}"] >= CLEAN_SHARE * counts[CLEAN]


def _candidate(pair: Pair) -> Candidate:
    return Candidate(
        scheme=pair.scheme,
        code=pair.code,
        name=pair.name,
        subject_kind=next(iter(kinds_of(pair.code)), SubjectKind.ENTERPRISE),
        list_type="judgment-defaulter",
        authority="510500-court",
        has_document=True,
        has_basis=True,
        decided_on=20260105,
        listed_on=20260110,
        notice_on=20251220,
        until=20281231,
    )


def main() -> None:
    """Run the seeds of the command line."""
    parser = argparse.ArgumentParser(description="Subjects that are and are not the same.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    total: Counter[str] = Counter()
    failed: list[int] = []
    for seed in range(given.seed, given.seed + given.seeds):
        with tempfile.TemporaryDirectory(prefix="huxin-identity-") as directory:
            counts, wrong = sweep(seed, Path(directory))
        total += counts
        total["pairs"] += counts[CLEAN] + counts["hostile"]
        total["wrong"] += len(wrong)
        if wrong or not enough(counts):
            failed.append(seed)
            sys.stdout.write(f"seed {seed}: {dict(counts)} {wrong[:5]}\n")
    sys.stdout.write(json.dumps({"seeds": given.seeds, "failed_seeds": failed, **total}))


if __name__ == "__main__":
    main()
