"""What no batch can do without: the file read, a keyed hash of each row, a look-up in a set.

    python -m bench.bare_batch FILE HELD PROCESSES    prints seconds by the clock, what processors
                                                      spent, and seconds of a look-up alone

Each process takes its share of the lines. The set is made before the time begins.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import BinaryIO

from adapters.processes import spread
from crypto.keyed import KeyedHash
from federation.record_key import pack_subject

_KEY = b"k" * 32


def main(file: Path, held: int, processes: int) -> None:
    """Measure once."""
    chance = random.Random(1)
    known = {chance.randbytes(16) for _ in range(held)}
    digest = KeyedHash(_KEY).digest
    size = file.stat().st_size

    def share(number: int) -> tuple[float, list[bytes]]:
        at_first = process_time()
        begin, end = (size * at // processes for at in (number, number + 1))
        found = 0  # so that what was looked up is used
        tags: list[bytes] = []
        with file.open("rb") as raw:
            raw.seek(begin)
            if begin:
                raw.readline()
            rows = csv.reader(_until(raw, end))
            for code, *_ in islice(rows, 0 if begin else 1, None):
                tag = digest(pack_subject("uscc", code))[:16]
                found += tag in known
                if len(tags) < 200_000:
                    tags.append(tag)
        return process_time() - at_first, tags

    began = perf_counter()
    shares = list(spread(share, range(processes), processes=processes))
    seconds = perf_counter() - began
    tags = [tag for _, some in shares for tag in some]
    began = perf_counter()
    known.intersection(tags)
    join = (perf_counter() - began) / max(len(tags), 1)
    told = {"seconds": seconds, "spent": sum(one for one, _ in shares), "join": join}
    print(json.dumps(told))


def _until(raw: BinaryIO, end: int) -> Iterator[str]:
    """Lines that begin before a place."""
    at = raw.tell()
    while at < end and (line := raw.readline()):
        at += len(line)
        yield line.decode()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
