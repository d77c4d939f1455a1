"""The subjects of a watch: grouped as they are sealed, and opened again.

A group is sealed in one piece and stands in one entry of the query log, so that a subject's
question "who asked about me" finds it; both have room for `GROUP_BYTES`.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from adapters.sql.watches import StoredGroup, StoredWatch
from federation.screening.watches import Subject
from node.access.query_keys import QueryKeys, Sealed

GROUP_BYTES: Final = 20 * 1024
"""An entry of the query log holds 32 KiB, with what else stands in it."""
GROUP_SUBJECTS: Final = 256
_ROW_BYTES: Final = 32
"""Of a subject beside code and name, at most."""


def grouped(subjects: Iterable[Subject]) -> Iterator[list[Subject]]:
    """Subjects in groups that are sealed and recorded together."""
    group: list[Subject] = []
    size = 0
    for one in subjects:
        needed = len(one.code.encode()) + len(one.name.encode()) * 2 + _ROW_BYTES
        if group and (size + needed > GROUP_BYTES or len(group) == GROUP_SUBJECTS):
            yield group
            group, size = [], 0
        group.append(one)
        size += needed
    if group:
        yield group


def seal_group(keys: QueryKeys, number: str, group: Sequence[Subject]) -> StoredGroup:
    """Seal a group of the watch of a number."""
    first = group[0].row
    content = [[one.row, one.code, one.name] for one in group]
    sealed = keys.seal(to_json(content), place=_place(number, first))
    return StoredGroup(number=number, first=first, key=sealed.key, sealed=sealed.data)


def open_group(keys: QueryKeys, group: StoredGroup) -> list[Subject]:
    """Open a group.

    Raises:
        SealError: it was changed, or its key is gone.
    """
    sealed = Sealed(key=group.key, data=group.sealed)
    plain = keys.open(sealed, place=_place(group.number, group.first))
    return [Subject(row=row, code=code, name=name) for row, code, name in json.loads(plain)]


def seal_terms(keys: QueryKeys, number: str, case_no: str, purpose: str) -> Sealed:
    """Seal for what a watch is, beside its matter."""
    return keys.seal(to_json([case_no, purpose]), place=number.encode())


def open_terms(keys: QueryKeys, watch: StoredWatch) -> tuple[str, str]:
    """Case and purpose of a watch that has not ended.

    Raises:
        SealError: they were changed, or the key is gone.
    """
    sealed = Sealed(key=watch.key, data=watch.sealed or b"")
    case_no, purpose = json.loads(keys.open(sealed, place=watch.number.encode()))
    return case_no, purpose


def to_json(content: object) -> bytes:
    """JSON as it is sealed, without blanks."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def firsts_of(firsts: Sequence[int], rows: Iterable[int]) -> list[int]:
    """The first rows of the groups in which rows stand."""
    return sorted({firsts[bisect_right(firsts, row) - 1] for row in rows})


def _place(number: str, first: int) -> bytes:
    return f"watch\0{number}\0{first}".encode()
