"""Tables as departments write them: the rows of an invented list, in any dress."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapters.files.faults import RowFault
from adapters.files.listings import FeedContext, ListingReader, ListingRow, read_listings
from adapters.files.mapping import find_mapping
from federation.ids import CharterId, Date
from federation.payloads import Audience
from federation.uscc import make_uscc

AUTHORITY = "泸州市市场监督管理局"
COURT = "泸州市江阳区人民法院"
CONTEXT = FeedContext(
    audience=Audience(charters=(CharterId(b"c" * 32),), purposes=("joint-punishment",)),
    department="market",
    batch="2026-11",
    authorities={AUTHORITY: "510500-market", COURT: "510502-court"},
    today=Date(20261121),
    term_months=lambda _: 24,
)
MARKET = "market-severe-violation"
DEFAULTER = "judgment-defaulter"
HEADER = (
    "企业名称",
    "统一社会信用代码",
    "法定代表人",
    "列入原因",
    "列入日期",
    "作出决定机关",
    "列入决定书文号",
)


def code(number: int) -> str:
    """The code of an invented firm."""
    return make_uscc("91510502", f"YY{number:06}")


def row(number: int, **changed: str) -> list[str]:
    """A row of the list; `changed` by heading."""
    cells = {
        "企业名称": f"泸州示例试件{number}号商贸有限公司（演示）",
        "统一社会信用代码": code(number),
        "法定代表人": "示例人甲",
        "列入原因": "提交虚假材料取得公司登记",
        "列入日期": "2026-03-05",
        "作出决定机关": AUTHORITY,
        "列入决定书文号": f"泸市监严列〔2026〕{number}号",
    }
    return list({**cells, **changed}.values())


def text(
    rows: Sequence[Sequence[str]],
    *,
    header: Sequence[str] = HEADER,
    between: str = ",",
    end: str = "\r\n",
) -> str:
    """A text file of a header and rows, without quotes."""
    return "".join(between.join(cells) + end for cells in (header, *rows))


def read(path: Path, list_type: str = MARKET) -> ListingReader:
    """Open a list file by the layout built in for its list."""
    return read_listings(path, find_mapping(list_type), CONTEXT)


def outcomes(path: Path, list_type: str = MARKET) -> list[str]:
    """What each row becomes: empty for a listing, else the code of its fault."""
    return [item.code if isinstance(item, RowFault) else "" for item in read(path, list_type)]


def listings(path: Path, list_type: str = MARKET) -> list[ListingRow]:
    """The listings of a file, all of whose rows are right.

    Raises:
        AssertionError: a row is not.
    """
    found = list(read(path, list_type))
    assert all(isinstance(item, ListingRow) for item in found), found
    return [item for item in found if isinstance(item, ListingRow)]
