"""Words of the query log 查询日志: what was done, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from federation.screening.roles import Action
from node.texts.codes import chinese
from node.texts.fields import Pair

ACTIONS: Final[Mapping[str, Pair]] = {
    Action.CHECK: ("核查", "check"),
    Action.WATCH: ("跟踪核查", "watch"),
    Action.BENEFIT: ("惠民便企资格查询", "benefit"),
    Action.DISPLAYS: ("第三方展示比对", "displays"),
    Action.SESSION: ("登录", "signing in"),
    Action.ACCESS_MANAGE: ("凭据和账号管理", "credentials and accounts"),
    Action.QUERIES_READ: ("检索查询日志", "search of the query log"),
    "new-log": ("启用新的查询日志", "a new query log begins"),
    "records show": ("查看记录", "a record"),
    "records list": ("查看记录列表", "list of records"),
    "records watch": ("跟随记录变化", "changes of records"),
    "proof": ("出具记录的证明", "proof of a record"),
    "cases show": ("查看待核案件", "a case"),
    "cases list": ("查看待核案件列表", "list of cases"),
    "cases check": ("核验案件签署", "words of cases verified"),
    "requests show": ("查看转办", "a request"),
    "requests list": ("查看转办列表", "list of requests"),
    "campaign show": ("查看专项治理台账", "ledger of a campaign"),
    "imports rows": ("查看导入各行", "rows of an import"),
    "notices show": ("查看属地通报", "a notice"),
    "notices list": ("查看属地通报列表", "list of notices"),
    "notices remind": ("失信提醒", "reminders"),
    "repairs show": ("查看修复", "a relief"),
    "repairs list": ("查看修复列表", "list of reliefs"),
    "repairs rechecks": ("查看修复复查", "rechecks of reliefs"),
    "repairs audit": ("核对修复执行", "audit of reliefs"),
    "repairs certificate": ("出具修复证明", "certificate of a relief"),
    "adapter inbox": ("查看收件表待定行", "rows of an inbox that wait"),
    "quality": ("查看数据质量的记录", "records behind quality"),
    "outcomes show": ("查看核查与反馈", "a check and its outcomes"),
}
"""What an entry says was done: an action, or the command that an operator's reading stands for."""

_RESULTS: Final[Mapping[str, Pair]] = {
    "clear": ("未发现", "clear"),
    "match": ("有列入", "listed"),
    "insufficient": ("无法判定", "not to be told"),
    "error": ("不能答复", "no answer"),
    "entitled": ("可以享受", "entitled"),
    "not": ("不能享受", "not entitled"),
    "undecided": ("无法判定", "not to be told"),
    "watched": ("已跟踪", "watched"),
    "closed": ("已结束", "closed"),
    "session opened": ("已登录", "signed in"),
    "session refused": ("未准登录", "refused"),
    "applied": ("已采取", "applied"),
    "prompted": ("已提示", "prompted"),
    "not-applied": ("未采取", "not applied"),
    "proceeded": ("继续办理", "proceeded"),
    "wrong-subject": ("另一主体", "another subject"),
    "undone": ("已解除", "undone"),
    "re-examined": ("已复核", "looked at again"),
}
_DONE: Final[Mapping[str, Pair]] = {
    "new": ("发放凭据", "made"),
    "stopped": ("暂停凭据", "stopped"),
    "revoked": ("吊销凭据", "revoked"),
    "lifted": ("解除暂停", "lifted"),
    "account new": ("开设账号", "account made"),
    "account password": ("重置口令", "password given"),
}
_OF_A_CREDENTIAL: Final = re.compile(r"(.+) ([0-9a-f]{8})")
_COUNT: Final = re.compile(r"[0-9]+")


def action_in_words(action: str, *, english: bool) -> str:
    """What was done; a name that no table has, of a later version, stands for itself."""
    return ACTIONS.get(action, (action, action))[english]


def result_in_words(result: str, *, english: bool) -> str:
    """What came of it; a count is said to be one, and what no table has stands for itself."""
    if result in _RESULTS:
        return _RESULTS[result][english]
    if _COUNT.fullmatch(result):
        return result if english else f"{result} 条"
    if (done := _OF_A_CREDENTIAL.fullmatch(result)) and done[1] in _DONE:
        return f"{_DONE[done[1]][english]} {done[2]}"
    return result if english else chinese(result) or result
