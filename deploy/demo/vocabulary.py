"""Cities, authorities, words and scenarios of the demo.

Authorities are named as such bodies are named; what they are said to have decided is invented.
"""

from __future__ import annotations

from dataclasses import dataclass

LISTS = {
    "judgment-defaulter": "SX",
    "market-severe-violation": "YZ",
    "unpaid-migrant-wages": "QX",
    "major-tax-violation": "SW",
}
"""List types, and how the source's own row ids begin."""

TRADES = ("建筑工程", "商贸", "食品", "运输", "劳务", "机械制造", "农业开发", "装饰设计")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A determining authority: code (region and department), name, and its document numbers."""

    code: str
    name: str
    numbers: str

    def document(self, list_type: str, year: int, number: int) -> str:
        """Return a document number in the style of the authority."""
        if list_type == "judgment-defaulter":
            return f"（{year}）{self.numbers}执{number + 100}号"
        return f"{self.numbers}〔{year}〕{number}号"


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city: short name, the character of its documents, counties (code, name), authorities."""

    name: str
    short: str
    letter: str
    digit: int
    counties: tuple[tuple[str, str], ...]
    authorities: dict[str, tuple[Authority, ...]]


def _city(
    region: str,
    short: str,
    letter: str,
    digit: int,
    counties: tuple[tuple[str, str], ...],
) -> City:
    name = f"{short}市"
    court = f"川{region[2:4]}"
    courts = [Authority(code=f"{region}-court", name=f"四川省{name}中级人民法院", numbers=court)]
    courts += [
        Authority(
            code=f"{county}-court",
            name=f"{name}{place}人民法院" if place.endswith("区") else f"{place}人民法院",
            numbers=f"{court}{county[4:]}",
        )
        for county, place in counties[:2]
    ]
    market = Authority(
        code=f"{region}-market", name=f"{name}市场监督管理局", numbers=f"{letter}市监严列"
    )
    labour = Authority(
        code=f"{region}-labour", name=f"{name}人力资源和社会保障局", numbers=f"{letter}人社监列"
    )
    tax = Authority(
        code=f"{region}-tax", name=f"国家税务总局{name}税务局稽查局", numbers=f"{letter}税稽失信确"
    )
    lists = dict(zip(LISTS, (tuple(courts), (market,), (labour,), (tax,)), strict=True))
    return City(
        name=name, short=short, letter=letter, digit=digit, counties=counties, authorities=lists
    )


CITIES = {
    "510300": _city(
        "510300",
        "自贡",
        "自",
        1,
        (("510302", "自流井区"), ("510304", "大安区"), ("510321", "荣县"), ("510322", "富顺县")),
    ),
    "510500": _city(
        "510500",
        "泸州",
        "泸",
        2,
        (("510502", "江阳区"), ("510504", "龙马潭区"), ("510521", "泸县"), ("510522", "合江县")),
    ),
    "511000": _city(
        "511000",
        "内江",
        "内",
        3,
        (("511002", "市中区"), ("511011", "东兴区"), ("511024", "威远县"), ("511025", "资中县")),
    ),
    "511500": _city(
        "511500",
        "宜宾",
        "宜",
        4,
        (("511502", "翠屏区"), ("511504", "叙州区"), ("511524", "长宁县"), ("511528", "兴文县")),
    ),
}

SHARED = (
    (
        frozenset({("510500", "judgment-defaulter"), ("511500", "market-severe-violation")}),
        tuple(("510500", 900_000 + number) for number in range(12)),
    ),
    (
        frozenset({("510300", "unpaid-migrant-wages"), ("511000", "unpaid-migrant-wages")}),
        tuple(("510300", 900_100 + number) for number in range(8)),
    ),
)
"""Subjects that stand on lists of two cities, each by its own authority: which two files, and the
home and number of each subject."""

REASONS = {
    "judgment-defaulter": (
        "有履行能力而拒不履行生效法律文书确定义务",
        "违反财产报告制度",
        "以虚假诉讼、隐匿、转移财产等方法规避执行",
    ),
    "market-severe-violation": (
        "提交虚假材料取得公司登记，被吊销营业执照",
        "生产、销售不符合食品安全标准的食品，情节严重",
        "被列入经营异常名录届满三年仍未履行相关义务",
    ),
    "unpaid-migrant-wages": (
        "克扣、无故拖欠农民工工资，数额达到认定拒不支付劳动报酬罪标准",
        "因拖欠农民工工资违法行为引发群体性事件",
    ),
    "major-tax-violation": (
        "采取虚列成本手段，少缴应纳税款 100 万元以上",
        "虚开增值税专用发票 128 份",
        "骗取国家出口退税款",
    ),
}

SCENARIOS = """\
# 内江市惠民便企场景 (invented)
- 类型: 场景
  操作: 开放
  场景类型: 信易租
  场景名称: 信用住房租赁免押金
  提供单位: 内江市发展和改革委员会
  优惠措施: [免押金, 优先选房]
  适用条件: 未被列入严重失信主体名单
  适用主体: [企业, 个体工商户]
  依据: 川南四市惠民便企信用激励场景清单（演示）
  有效期起: 2026-11-01
  有效期止: 2028-10-31
- 类型: 场景
  操作: 开放
  场景类型: 信易游
  场景名称: 信用游甜城景区团队先游后付
  提供单位: 内江市发展和改革委员会
  优惠措施: [先游后付, 门票八折]
  适用条件: 未被列入严重失信主体名单
  适用主体: [企业, 社会组织]
  有效期起: 2026-11-01
  有效期止: 2027-10-31
- 类型: 场景
  操作: 开放
  场景类型: 信易批
  场景名称: 信用审批容缺受理
  提供单位: 内江市行政审批和数据局
  优惠措施: [容缺受理, 优先办理]
  适用条件: 已作出信用承诺，且未被列入严重失信主体名单
  适用主体: [企业, 个体工商户, 农民专业合作社]
  有效期起: 2026-11-01
  有效期止: 2028-10-31
"""
