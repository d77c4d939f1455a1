"""What a person reads first of a status document: what needs a hand, then what is well.

needs a hand     problems by their codes, in the order of the document; of each code the first
                 `SHOWN`, since one cause may be told of hundreds of logs
passes by itself problems of `OF_THEMSELVES`, after all others: known, and nothing to be done
well             one line: of logs, charters, jobs and platforms how many are as they should be
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

Problem = Mapping[str, str]

SHOWN: Final = 3
"""Problems of one code that are told one by one; `--long` tells all."""
OF_THEMSELVES: Final = frozenset(
    {"opening.pending", "openings.lost", "outcomes.unsaid", "benefits.unsaid"}
)
"""Codes that the node sees to, so that nobody has to do anything: their `fix` says so."""
_GIGABYTE: Final = 1_000_000_000


def ordered(
    problems: Iterable[Problem], shown: int | None = SHOWN, whole: str = "huxin status --long"
) -> list[Problem]:
    """The problems as a person works them off: of one code together, those by themselves last.

    Args:
        problems: of the status document.
        shown: of each code, then one line says how many more there are; None: all.
        whole: the command that tells all.
    """
    by_code: dict[str, list[Problem]] = {}
    for one in problems:
        by_code.setdefault(one["code"], []).append(one)
    codes = sorted(by_code, key=OF_THEMSELVES.__contains__)
    return list(chain.from_iterable(_some(by_code[code], shown, whole) for code in codes))


def waiting(problems: Iterable[Problem]) -> int:
    """How many of them wait for a person."""
    return sum(one["code"] not in OF_THEMSELVES for one in problems)


def in_trouble(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The logs that are not `ok`."""
    return [log for log in document["logs"] if log["state"] != "ok"]


def well(document: Mapping[str, Any]) -> str:
    """One line, Chinese / English, of what is as it should be, each of how many."""
    counted = [
        ("日志", "logs", document["logs"], lambda log: log["state"] == "ok"),
        (
            "章程",
            "charters",
            document["charters"],
            lambda one: one["state"] != "forked" and one["expires_in_s"] > 0,
        ),
        ("任务", "jobs", document["jobs"], lambda job: not job["failures"] and not job["late"]),
        ("平台", "platforms", document["platforms"], lambda one: not one["fault"]),
    ]
    ratios = [
        (zh, en, f"{sum(map(good, rows))}/{len(rows)}") for zh, en, rows, good in counted if rows
    ]
    free = f"{document['disk']['free_bytes'] / _GIGABYTE:.1f} GB"
    zh = "，".join([*(f"{name} {ratio}" for name, _, ratio in ratios), f"磁盘余 {free}"])
    en = ", ".join([*(f"{name} {ratio}" for _, name, ratio in ratios), f"{free} of disk free"])
    return f"正常：{zh} / well: {en}"


def _some(problems: Sequence[Problem], shown: int | None, whole: str) -> Iterable[Problem]:
    """The first of one code, and a line for the others."""
    for one in islice(problems, shown):
        yield {**one, "fix": ""} if one is not problems[0] and _same(one, problems[0]) else one
    if shown is not None and len(problems) > shown:
        more = len(problems) - shown
        yield {
            "code": problems[0]["code"],
            "message": f"另有 {more} 项 / {more} more",
            "fix": whole,
        }


def _same(one: Problem, other: Problem) -> bool:
    return one.get("fix") == other.get("fix")
