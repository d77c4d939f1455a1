"""Lists of the trustworthy 守信名单 of the demo: invented firms, as two authorities send them.

泸州's list of A级纳税人 and 成都's results of an evaluation, by `deploy.demo.make_lists`. None of
these firms is on a list of those who are punished.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.demo.vocabulary import TRADES
from deploy.demo.writers import csv_file
from federation.uscc import make_uscc

DEMO: Final = "（演示）"
REGION: Final = "510500"
WORDS: Final = ("金桂", "银杏", "青竹", "红梅", "丹霞")
GRADES: Final = ("优", "优", "优", "良", "良", "中", "优", "良")
TAX_HEADER: Final = (
    "序号",
    "纳税人名称",
    "统一社会信用代码",
    "法定代表人",
    "主管税务机关",
    "评价年度",
    "信用级别",
    "公布日期",
    "有效期至",
)
GRADED_HEADER: Final = (
    "企业名称",
    "统一社会信用代码",
    "评价单位",
    "评价编号",
    "评价日期",
    "有效期至",
    "评价等级",
    "评价办法代码",
    "评价办法版本",
    "评价依据",
)


def commended_firms() -> dict[str, tuple[str, str]]:
    """Invent the firms of 泸州's list: name and old organisation code, by unified code."""
    return {
        make_uscc("91510502", f"YY80{number:04d}"): (
            f"泸州示范{WORDS[number % len(WORDS)]}{TRADES[number // len(WORDS)]}有限公司{DEMO}",
            "",
        )
        for number in range(len(WORDS) * len(TRADES))
    }


def write_awards(folder: Path, evaluated: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Write both files.

    Args:
        folder: for the folders of the two cities.
        evaluated: the firms of 成都.

    Returns:
        What a correct reader finds in each, by its name.
    """
    tax = [list(row) for row in _tax_rows()]
    graded = [list(row) for row in _graded_rows(evaluated)]
    for region, name, header, rows in (
        (REGION, "tax-grade-a", TAX_HEADER, tax),
        ("510100", "public-credit-evaluation", GRADED_HEADER, graded),
    ):
        path = folder / region / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(csv_file(list(header), rows, "utf-8-sig"))
    return {
        f"{REGION}/tax-grade-a.csv": {
            "list": "tax-grade-a",
            "rows": len(tax),
            "accepted": len(tax) - 2,
            "faults": {"identity.code-check-digit": 1, "field.value": 1},
        },
        "510100/public-credit-evaluation.csv": {
            "list": "public-credit-evaluation",
            "rows": len(graded),
            "accepted": len(graded),
            "faults": {},
        },
    }


def _tax_rows() -> Iterator[tuple[str, ...]]:
    """The list of a year; of two rows one has a wrong check digit, one another grade."""
    firms = sorted(commended_firms().items())
    for number, (code, (name, _)) in enumerate(firms, 1):
        wrong = number == len(firms)
        lower = number == len(firms) - 1
        yield (
            str(number),
            name,
            code[:-1] + ("0" if code[-1] != "0" else "1") if wrong else code,
            "示例人甲",
            "国家税务总局泸州市税务局",
            "2025年度",
            "B" if lower else "A",
            "2026-04-20",
            "2027-04-30",
        )


def _graded_rows(evaluated: dict[str, tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    for number, ((code, (name, _)), grade) in enumerate(
        zip(sorted(evaluated.items()), GRADES, strict=True), 1
    ):
        yield (
            name,
            code,
            "成都市发展和改革委员会",
            f"成信评〔2026〕{number}号",
            "2026-03-01",
            "2027-02-28",
            grade,
            "public-credit-evaluation",
            "2025",
            "《成都市公共信用综合评价办法（演示）》",
        )
