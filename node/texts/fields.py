"""How results are put for people: names of fields, words of states, moments, texts of rules.

JSON is for programs and stays as it is; the name of a field there stands here beside the Chinese,
and so does each code, because commands and documents ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from node.system.clock import CHINA
from node.texts.codes import chinese
from node.texts.ends import end_word, ended_state
from node.texts.states import UNDO

Pair = tuple[str, str]
"""Chinese, English."""

STATES: Final[Mapping[str, Pair]] = {
    "active": ("有效", "active"),
    "masked": ("已屏蔽", "masked"),
    "paused": ("已暂停", "paused"),
    "repaired": ("已修复", "repaired"),
    "withdrawn": ("已撤销", "withdrawn"),
    "expired": ("已到期", "expired"),
    "held": ("待核", "held"),
    "rejected": ("不予认定", "rejected"),
    "set-aside": ("搁置", "set aside"),
    "in-force": ("生效", "in force"),
    "superseded": ("已被取代", "superseded"),
}
"""Every word of a record's state."""

VERDICTS: Final[Mapping[str, Pair]] = {
    "recognised": ("认定", "recognised"),
    "held": ("待核", "held"),
    "not-recognised": ("不予认定", "not recognised"),
}
"""How a city judges listings of others."""

TOLD_STATES: Final[Mapping[str, Pair]] = {
    **STATES,
    UNDO: ("已撤销，须撤回措施", "withdrawn, to be undone"),
    "unknown": ("平台自定状态", "a state of its own"),
}
"""Every word of a state that a platform is told, or has."""

LOG_STATES: Final[Mapping[str, Pair]] = {
    "ok": ("正常", "ok"),
    "stale": ("陈旧", "stale"),
    "unreachable": ("不可达", "unreachable"),
    "waiting": ("等待成员签署", "waits for members"),
    "refused": ("停用", "refused"),
    "forked": ("分叉", "forked"),
}
"""Every state of a log in the status."""

DECISIONS: Final[Mapping[str, Pair]] = {
    "unchanged": ("未变", "unchanged"),
    "listed": ("列入", "listed"),
    "corrected": ("更正", "corrected"),
    "replaced": ("更换", "replaced"),
    "relieved-before": ("此前已解除", "relieved before"),
    "exists": ("已存在", "in the log already"),
    "held-longer-period": ("期限延长，待定", "held, a longer period"),
    "held-withdrawn-before": ("此前已撤销，待定", "held, withdrawn before"),
    "held-paused-row-back": ("暂停后重现，待定", "held, paused and back"),
    "held-other-subject": ("改指其他主体，待定", "held, another subject"),
    "held-relieved-row": (
        "原列入已解除或更正，现指另一记录，待定",
        "held, its listing was relieved",
    ),
    "held-other-name": (
        "名称与法人库不一致，待定",
        "held, not the name that the library knows",
    ),
    "held-second-person": ("待第二人确认", "held, for a second person"),
    "held-similar-relieved": ("与已解除的记录相似，待定", "held, like a relieved record"),
}
"""Every word of `federation.intake.feed.Decision`."""

_ACTS: Final[Mapping[str, Pair]] = {
    "relieved": ("已解除", "relieved"),
    "annotated": ("已标注", "annotated"),
    "annotated-before": ("此前已标注", "annotated before"),
    "published": ("已发布", "published"),
    "refused": ("拒收", "refused"),
}
"""What rows of other files than lists led to, where not one of the above."""
ROW_DECISIONS: Final = (*DECISIONS, *(word for word in _ACTS if word != "refused"))
"""Every word of what a good row leads to."""

_FIELDS: Final[Mapping[str, str]] = {
    "about": "所针对声明",
    "action": "操作",
    "annotations": "标注",
    "authority": "认定单位",
    "authority_name": "认定单位名称",
    "basis": "依据",
    "basis_rank": "效力层级",
    "called": "文件名",
    "certainty": "把握",
    "city": "城市",
    "code": "代码",
    "completed": "补全",
    "repair_possible": "可申请修复",
    "confirmed": "已核实",
    "copies": "其他来源",
    "decidable": "可由人决定",
    "decided_on": "决定日期",
    "decisions": "处理",
    "digest": "摘要",
    "document": "文书号",
    "dropped_cells": "已略去单元格",
    "dry_run": "试行",
    "early_exit": "提前移出",
    "editions": "版本",
    "endpoints": "地址",
    "errors_file": "错误文件",
    "ahead_s": "成员时间超前",
    "confirm": "须两人确认",
    "expires_in_s": "有效期余",
    "faults": "错误",
    "file": "文件",
    "from_size": "自条目",
    "heard": "已签署成员",
    "held": "待定",
    "history": "经过",
    "id": "编号",
    "ignored_columns": "未用的列",
    "import": "导入编号",
    "until": "有效至",
    "persons": "已确认的人",
    "sha256": "文件摘要",
    "at": "时间",
    "index": "序号",
    "issued_at": "签发时间",
    "kind": "种类",
    "kinds": "可作声明",
    "left_out": "未采用",
    "library_says": "法人库所载",
    "library_fault": "法人库问题",
    "home_says": "登记地答复",
    "agreement": "是否一致",
    "as_of": "截至",
    "list_type": "名单类型",
    "lists": "名单",
    "longest_months": "最长（月）",
    "machine": "本机时间",
    "mapping": "映射",
    "measures": "措施",
    "meaning": "含义",
    "member": "成员",
    "members": "成员",
    "alliance": "联盟",
    "joins": "加入",
    "leaves": "退出",
    "changes": "变更",
    "message": "说明",
    "name": "名称",
    "needed": "所需成员",
    "not_after": "有效期至",
    "notices": "提示",
    "origin": "日志",
    "origin_says": "来源所述",
    "paused": "暂停",
    "paused_count": "暂停数",
    "withdrawn": "撤销",
    "withdrawn_count": "撤销数",
    "pinned": "与纸质标识相符",
    "previous": "上一版",
    "publish_until": "公示至",
    "published": "已发布",
    "purposes": "目的",
    "question": "所问规则",
    "reach": "涉及",
    "receives": "接收",
    "requests_per_day": "每日可提请求",
    "tiles": "日志哈希提供给",
    "delegates": "受托成员",
    "attests": "可证明其主体的区划",
    "refused_rows": "拒收行",
    "region": "行政区划",
    "roles": "角色",
    "room_s": "可自行前移",
    "rows": "行数",
    "rule": "规则",
    "settles": "平息分叉",
    "shortest_months": "最短（月）",
    "shown": "所见摘要（--shown）",
    "signatures": "签名",
    "signed": "已签署",
    "source": "来源",
    "state": "状态",
    "statement_id": "声明",
    "statement_ids": "声明",
    "struck": "已剔除",
    "valid_from": "起始日",
    "valid_until": "截止日",
    "regulation": "地方性法规",
    "ground": "依据状态",
    "without_ground": "没有依据",
    "subject": "主体",
    "subject_code": "主体代码",
    "subject_name": "主体名称",
    "subjects": "主体",
    "successor": "承继成员",
    "suggestions": "提示主体",
    "suspicions": "须两人确认的情形",
    "remarks": "提示",
    "term_months": "未载时公示（月）",
    "tier": "级别",
    "trusted": "可信时间",
    "voted": "成员所签时间",
    "to_size": "至条目",
    "valid": "有效",
    "version": "版本",
    "voters": "投票成员",
    "votes": "投票",
    "waits_for_second_person": "待第二人",
    "whole_chain": "版本链完整",
}

_MOMENTS: Final = ("issued_at", "not_after")


def labels(names: Iterable[str], *, english: bool = False) -> dict[str, str]:
    """Label fields in Chinese, or by the name that each has in JSON."""
    return {name: name if english else _FIELDS.get(name, name) for name in names}


def moment(time: int) -> str:
    """A time as people read it, Asia/Shanghai."""
    return datetime.fromtimestamp(time, CHINA).isoformat(sep=" ")


def state_in_words(state: str, list_type: str = "", *, english: bool = False) -> str:
    """A record's state, its end in the words of its list."""
    return ended_state(state, list_type, english=english) or STATES[state][english]


def for_people(document: Mapping[str, Any], *, english: bool = False) -> dict[str, Any]:
    """Return a document with its state, rule, decisions and moments as people read them."""
    shown = dict(document)
    for name in _MOMENTS:
        if shown.get(name):
            shown[name] = moment(shown[name])
    state = shown.get("state", "")
    if state in STATES:
        shown["state"] = state_in_words(state, document.get("list_type", ""), english=english)
    if rule := shown.get("rule"):
        shown["rule"] = rule if english else with_text(rule)
    if isinstance(decided := shown.get("decisions"), Mapping):
        shown["decisions"] = {
            decision_in_words(word, english=english): count for word, count in decided.items()
        }
    return shown


def decision_in_words(word: str, *, english: bool) -> str:
    """What a row leads to, as people say it."""
    return (DECISIONS.get(word) or _ACTS.get(word, (word, word)))[english]


RECEIPTS: Final[Mapping[str, Pair]] = {
    "opened": ("已收到", "received"),
    "applied": ("已采用", "applied"),
    "lifted": ("已解除", "lifted"),
    "erased": ("已删除内容", "erased"),
    "held": ("待核", "held"),
    "rejected": ("不予接收", "rejected"),
    "not-recognised": ("不予认定", "not recognised"),
    "silent": ("尚未答复", "no answer yet"),
}
"""Every word by which a member tells what became of a statement, and that it has not told yet."""

ANNOTATIONS: Final[Mapping[str, Pair]] = {
    "objection-opened": ("异议办理中", "an objection is open"),
    "objection-closed": ("异议已办结", "an objection was closed"),
    "masking-begun": ("已屏蔽", "masked"),
    "masking-ended": ("已解除屏蔽", "masked no longer"),
    "paused": ("已暂停", "paused"),
    "resumed": ("已恢复", "resumed"),
    "objection-forwarded": ("本市转办的异议未办结", "an objection forwarded from here is open"),
    "repair-application-forwarded": (
        "本市转办的修复申请未办结",
        "an application forwarded from here is open",
    ),
}
"""Every annotation of a listing, and our own marks of what was forwarded from here."""

_ENDINGS: Final[Mapping[str, str]] = {"repair": "repaired", "withdrawal": "withdrawn"}
"""States to which reliefs bring a listing."""
_NOT_A_DAY: Final = (0, "")


def day(date: int) -> str:
    """A date YYYYMMDD as people read it; empty where none is stated."""
    text = str(date)
    return "" if date in _NOT_A_DAY else f"{text[:4]}-{text[4:6]}-{text[6:]}"


def annotation(name: str, *, english: bool = False) -> str:
    """An annotation in words; its name where it has none."""
    return ANNOTATIONS.get(name, (name, name))[english]


def told_by(told: Mapping[str, Any], *, english: bool = False) -> str:
    """What a member said of a statement, and when, as one line."""
    outcome = RECEIPTS.get(told["outcome"], (told["outcome"],) * 2)[english]
    who = told["city"] or told["origin"]
    parts = [f"receipt {who}: {outcome}" if english else f"回执 {who}：{outcome}"]
    if told["time"]:
        parts.append(moment(told["time"]))
    if told["reason"]:
        parts.append(told["reason"] if english else with_text(told["reason"]))
    return "  ".join(parts)


def ending(ended: Mapping[str, Any], list_type: str = "", *, english: bool = False) -> str:
    """What ended a listing, in the word of its list, as one line."""
    state = _ENDINGS.get(ended["kind"], "")
    act = end_word(state, list_type, english=english) if state else ended["kind"]
    said = [ended["city"] or ended["origin"], ended["authority"], ended["document"]]
    parts = "  ".join(filter(None, [*said, day(ended["decided_on"]), ended["statement_id"]]))
    return f"ended, {act}: {parts}" if english else f"已{act}：{parts}"


def with_text(code: str) -> str:
    """A code with what it says."""
    return f"{code} {chinese(code)}".rstrip()
