"""What a catalog's words are called: ranks of a basis, classes of measures, obligations, units."""

from __future__ import annotations

from typing import Final

RANKS: Final = {
    "": ("", ""),
    "law": ("法律", "law"),
    "judicial-interpretation": ("司法解释", "judicial interpretation"),
    "administrative-regulation": ("行政法规", "administrative regulation"),
    "central-document": ("党中央、国务院文件", "central document"),
    "local-regulation": ("地方性法规", "local regulation"),
    "department-rule": ("部门规章", "department rule"),
    "normative-document": ("规范性文件", "normative document"),
}
CLASSES: Final = {
    0: ("", ""),
    1: ("一类：减损权益或增加义务", "1: lessens rights"),
    2: ("二类：相关管理", "2: administration"),
    3: ("三类：自主决定，不在此实施", "3: of choice, not applied here"),
}
SORTS: Final = {
    "list": ("名单", "list"),
    "measure": ("措施", "measure"),
    "matter": ("事项", "matter"),
    "matter-row": ("事项可采取的措施", "measure of a matter"),
    "deadline": ("时限", "deadline"),
    "authority": ("认定单位", "authority"),
    "region": ("地区", "region"),
    "trust-list": ("守信名单", "list of the trustworthy"),
    "grade-method": ("评价办法", "method of grades"),
    "equivalence": ("等级对照", "equivalence of grades"),
}
"""Entries of an edition, by what they are about."""
CHANGES: Final = {
    "added": ("新增", "added"),
    "removed": ("删去", "removed"),
    "changed": ("修改", "changed"),
}
OBLIGATIONS: Final = {
    "publish-penalty": ("行政处罚公示（双公示）", "publish a penalty"),
    "withdraw": ("依据被撤销后撤回", "withdraw what lost its ground"),
    "push-cross-province": ("修复结果跨省推送", "push a repair across provinces"),
    "accept": ("修复申请受理", "accept an application"),
    "result": ("修复结果告知", "tell the result of a repair"),
    "relief-everywhere": ("解除在各地生效", "a relief in force everywhere"),
    "masking": ("屏蔽", "masking"),
    "third-party-displays": ("第三方停止展示", "a third party takes down what it displays"),
    "keep-request": ("转办件保存", "keep a request that is closed"),
    "keep-answer": ("不计答复保存", "keep an answer that counts for nothing"),
    "keep-outcome": ("惩戒反馈保存", "keep the reports of a case"),
    "keep-commitment": ("信用承诺保存", "keep a commitment"),
    "keep-undated": ("无截止日的公示保存", "keep what is published without a last day"),
    "keep-other": ("其他无法识读内容保存", "keep what nobody here can read"),
}
UNITS: Final = {
    "same-day": ("当日24时（北京时间）前", "same day, before 24:00 in China"),
    "working-days": ("个工作日", "working days"),
    "days": ("日", "days"),
    "years": ("年", "years"),
}
GROUNDS: Final = {
    "stands": ("有依据", "stands"),
    "outside": ("依据不在施行期内", "outside the days of its order"),
    "none": ("没有依据", "no law makes it"),
}
