"""How each file of the demo is written: columns, date format, encoding, its words."""

from __future__ import annotations

from dataclasses import dataclass, field

PERSONAL_FIELDS = ("person", "sexy", "age", "duty")

_COURT_WORDS = (
    ("记录编号", "key"),
    ("被执行人姓名/名称", "name"),
    ("统一社会信用代码", "code"),
    ("主体类型", "party"),
    ("法定代表人或者负责人姓名", "person"),
    ("执行法院", "authority"),
    ("案号", "document"),
    ("失信行为具体情形", "reason"),
    ("履行情况", "performance"),
    ("失信决定日期", "decided"),
    ("告知日期", "noticed"),
)
_COURT_KEYS = (
    ("id", "key"),
    ("iname", "name"),
    ("cardNum", "code"),
    ("partyTypeName", "party"),
    ("businessEntity", "person"),
    ("sexy", "sexy"),
    ("age", "age"),
    ("courtName", "authority"),
    ("areaName", "area"),
    ("caseCode", "document"),
    ("disruptTypeName", "reason"),
    ("performance", "performance"),
    ("publishDate", "decided"),
    ("告知日期", "noticed"),
)
_MARKET_WORDS = (
    ("企业名称", "name"),
    ("统一社会信用代码", "code"),
    ("法定代表人", "person"),
    ("列入原因", "reason"),
    ("列入日期", "decided"),
    ("作出决定机关", "authority"),
    ("列入决定书文号", "document"),
    ("告知日期", "noticed"),
)
_MARKET_KEYS = (
    ("illid", "key"),
    ("entName", "name"),
    ("uniscid", "code"),
    ("lerep", "person"),
    ("serILLRea_CN", "reason"),
    ("abntime", "decided"),
    ("decOrg_CN", "authority"),
    ("dedocnum", "document"),
    ("告知日期", "noticed"),
)
_WAGES = (
    ("对象名称", "name"),
    ("对象类型", "party"),
    ("统一社会信用代码", "code"),
    ("列入时间", "decided"),
    ("预计退出日期", "until"),
    ("法定代表人", "person"),
    ("发布机关", "authority"),
    ("文书号", "document"),
    ("列入事由", "reason"),
    ("告知日期", "noticed"),
)
_TAX = (
    ("纳税人名称", "name"),
    ("统一社会信用代码", "code"),
    ("法定代表人或者负责人", "person"),
    ("税务机关", "authority"),
    ("失信主体确定文书号", "document"),
    ("案件性质", "nature"),
    ("主要违法事实", "reason"),
    ("确定日期", "decided"),
    ("告知日期", "noticed"),
    ("注册地址", "address"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one file is written. `party` are its words for organisations and natural persons."""

    list_name: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    date: str = "%Y-%m-%d"
    encoding: str = "utf-8"
    ending: str = ".csv"
    party: tuple[str, str] = ("", "")
    constants: dict[str, str] = field(default_factory=dict)


def _court(columns: tuple[tuple[str, str], ...], date: str, encoding: str) -> Layout:
    words = columns is _COURT_WORDS
    constants = {"performance": "全部未履行", "area": "四川", "sexy": "男", "age": "45"}
    return Layout(
        list_name="失信被执行人",
        columns=columns,
        rows=1000,
        date=date,
        encoding=encoding,
        party=("法人或者其他组织", "自然人") if words else ("1", "0"),
        constants=constants,
    )


def _market(columns: tuple[tuple[str, str], ...], date: str, encoding: str) -> Layout:
    return Layout(
        list_name="严重违法失信名单", columns=columns, rows=700, date=date, encoding=encoding
    )


def _wages(date: str, encoding: str, ending: str = ".csv") -> Layout:
    return Layout(
        list_name="拖欠农民工工资失信联合惩戒对象名单",
        columns=_WAGES,
        rows=400,
        date=date,
        encoding=encoding,
        ending=ending,
        party=("用人单位", "自然人"),
    )


def _tax(date: str, encoding: str) -> Layout:
    return Layout(
        list_name="重大税收违法失信主体",
        columns=_TAX,
        rows=400,
        date=date,
        encoding=encoding,
        constants={"nature": "偷税", "address": "四川省（演示地址）"},
    )


LAYOUTS = {
    ("510300", "judgment-defaulter"): _court(_COURT_WORDS, "%Y%m%d", "gb18030"),
    ("510300", "market-severe-violation"): _market(_MARKET_WORDS, "%Y-%m-%d", "gb18030"),
    ("510300", "unpaid-migrant-wages"): _wages("%Y/%m/%d", "gb18030"),
    ("510300", "major-tax-violation"): _tax("%Y年%m月%d日", "gb18030"),
    ("510500", "judgment-defaulter"): _court(_COURT_WORDS, "%Y-%m-%d", "utf-8"),
    ("510500", "market-severe-violation"): _market(_MARKET_KEYS, "%Y年%m月%d日", "utf-8"),
    ("510500", "unpaid-migrant-wages"): _wages("%Y-%m-%d", "utf-8-sig"),
    ("510500", "major-tax-violation"): _tax("%Y-%m-%d", "utf-8-sig"),
    ("511000", "judgment-defaulter"): _court(_COURT_KEYS, "%Y年%m月%d日", "gb18030"),
    ("511000", "market-severe-violation"): _market(_MARKET_KEYS, "%Y%m%d", "utf-8-sig"),
    ("511000", "unpaid-migrant-wages"): _wages("%Y%m%d", "gb18030"),
    ("511000", "major-tax-violation"): _tax("%Y/%m/%d", "gb18030"),
    ("511500", "judgment-defaulter"): _court(_COURT_KEYS, "%Y年%m月%d日", "gb18030"),
    ("511500", "market-severe-violation"): _market(_MARKET_WORDS, "%Y/%m/%d", "gb18030"),
    ("511500", "unpaid-migrant-wages"): _wages("%Y-%m-%d", "utf-8", ".xlsx"),
    ("511500", "major-tax-violation"): _tax("%Y%m%d", "utf-8"),
}
"""Layout of each city's file of each list."""
