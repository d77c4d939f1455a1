"""Names of kinds, actions and other codes: stable in English, and as people read them in Chinese.

English names are what programs rely on (JSON, `--kind`, the `Record` message): lower case, words
joined by hyphens. A code that this reader does not know has a name too (`kind-99`), because
statements of unknown kinds are mirrored and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from federation.errors import StatementError
from federation.payloads import (
    AnnotationGround,
    ErasureGround,
    ExitKind,
    OutcomeResult,
    PenaltyGrade,
    PenaltyProcedure,
    ReliefGround,
    RelistingGround,
    RequestType,
    SubjectKind,
    TermQuality,
    Tier,
)
from federation.statements import (
    AnnotationAction,
    ContinuationAction,
    Kind,
    RecognitionAction,
    RequestAction,
    ScenarioAction,
)

_CODES: Final = 256
"""Kinds and actions are one byte of the leaf."""


class Names:
    """Names and labels of the codes of one enumeration, in both directions."""

    def __init__(self, what: str, labels: Mapping[IntEnum, str]) -> None:
        self._what = what
        self._labels = {int(code): label for code, label in labels.items()}
        self._names = {int(code): code.name.lower().replace("_", "-") for code in labels}
        self._codes = {name: code for code, name in self._names.items()} | {
            label: code for code, label in self._labels.items()
        }

    def name(self, code: int) -> str:
        """English name, e.g. `audience-key`; `kind-99` for a code that has none."""
        return self._names.get(code) or f"{self._what}-{code}"

    def label(self, code: int) -> str:
        """Chinese label; the English name for a code that has none."""
        return self._labels.get(code) or self.name(code)

    def code(self, text: str) -> int:
        """Code of a name or a label, also of `kind-99`.

        Raises:
            StatementError: neither (`name.unknown`); the caller's input.
        """
        code = self._codes.get(text)
        if code is not None:
            return code
        if text.startswith(f"{self._what}-"):
            for unnamed in range(_CODES):
                if self.name(unnamed) == text:
                    return unnamed
        message = (
            f"{self._what}: expected one of {', '.join(self._names.values())}, got {text[:40]!r}"
        )
        raise StatementError("name.unknown", message)

    def all(self) -> tuple[str, ...]:
        """All English names, in the order of their codes."""
        return tuple(self._names.values())


KINDS: Final = Names(
    "kind",
    {
        Kind.LISTING: "列入",
        Kind.CORRECTION: "更正",
        Kind.ANNOTATION: "标注",
        Kind.REPAIR: "修复",
        Kind.WITHDRAWAL: "撤销",
        Kind.RELISTING: "恢复列入",
        Kind.SCENARIO: "场景",
        Kind.RECOGNITION: "互认",
        Kind.COMMENDATION: "守信",
        Kind.RECEIPT: "回执",
        Kind.OUTCOME: "惩戒反馈",
        Kind.AUDIENCE_KEY: "受众密钥",
        Kind.CHARTER: "章程",
        Kind.ERASURE: "删除",
        Kind.CONTINUATION: "续接",
        Kind.REQUEST: "转办",
        Kind.COMMITMENT: "承诺",
        Kind.PENALTY: "行政处罚",
    },
)

RELIEFS: Final = {"repair": Kind.REPAIR, "withdrawal": Kind.WITHDRAWAL}
"""Kinds of statements that relieve, as files and platforms name them."""
ABOUT_LISTINGS: Final = (*RELIEFS, "annotation")
STOPPING: Final = (*ABOUT_LISTINGS, "comparison")
"""Kinds of files that may stop a use: they wait for no list, no room and no answer."""
"""What files and rows of platforms may say of listings that stand."""
ANNOTATION_ACTIONS: Final = Names(
    "action",
    {
        AnnotationAction.OBJECTION_OPENED: "异议中",
        AnnotationAction.OBJECTION_CLOSED: "异议办结",
        AnnotationAction.MASKING_BEGUN: "屏蔽",
        AnnotationAction.MASKING_ENDED: "解除屏蔽",
        AnnotationAction.PAUSED: "暂停",
        AnnotationAction.RESUMED: "恢复",
    },
)

SCENARIO_ACTIONS: Final = Names(
    "action",
    {
        ScenarioAction.OPENED: "开放",
        ScenarioAction.AMENDED: "变更",
        ScenarioAction.CLOSED: "关闭",
    },
)

RECOGNITION_ACTIONS: Final = Names(
    "action",
    {
        RecognitionAction.ACCEPTED: "认可",
        RecognitionAction.DECLINED: "不予认可",
        RecognitionAction.SUSPENDED: "中止互认",
        RecognitionAction.ENDED: "终止互认",
    },
)

CONTINUATION_ACTIONS: Final = Names(
    "action",
    {
        ContinuationAction.FIRST_LEAF: "首叶",
        ContinuationAction.CLOSING_LEAF: "末叶",
    },
)

REQUEST_ACTIONS: Final = Names(
    "action",
    {
        RequestAction.FORWARDED: "转办",
        RequestAction.RECEIVED: "收到",
        RequestAction.ACCEPTED: "受理",
        RequestAction.DECLINED: "不予支持",
        RequestAction.DONE: "办结",
        RequestAction.WITHDRAWN: "撤回",
    },
)

SUBJECT_KINDS: Final = Names(
    "subject-kind",
    {
        SubjectKind.UNSPECIFIED: "未说明",
        SubjectKind.ENTERPRISE: "企业",
        SubjectKind.SOLE_TRADER: "个体工商户",
        SubjectKind.SOCIAL_ORGANISATION: "社会组织",
        SubjectKind.PUBLIC_BODY: "机关事业单位",
        SubjectKind.COOPERATIVE: "农民专业合作社",
        SubjectKind.OTHER_ORGANISATION: "其他组织",
    },
)

TIERS: Final = Names(
    "tier",
    {
        Tier.UNSPECIFIED: "未说明",
        Tier.SEVERE: "严重失信",
        Tier.WATCH: "重点关注",
    },
)

RELISTING_GROUNDS: Final = Names(
    "ground",
    {
        RelistingGround.UNSPECIFIED: "未说明",
        RelistingGround.FRAUD: "以欺骗手段取得修复",
        RelistingGround.ERROR: "修复有误",
    },
)

ERASURE_GROUNDS: Final = Names(
    "ground",
    {
        ErasureGround.UNSPECIFIED: "未说明",
        ErasureGround.REPAIRED: "已修复",
        ErasureGround.WITHDRAWN: "已撤销",
        ErasureGround.EXPIRED: "公示期满",
        ErasureGround.ORDERED: "依法责令",
    },
)

REQUEST_TYPES: Final = Names(
    "request-type",
    {
        RequestType.UNSPECIFIED: "未说明",
        RequestType.OBJECTION: "异议申请",
        RequestType.REPAIR_APPLICATION: "修复申请",
    },
)

TERM_QUALITIES: Final = Names(
    "term",
    {
        TermQuality.UNSPECIFIED: "未说明",
        TermQuality.STATED: "所载",
        TermQuality.BY_CATALOG: "依目录",
        TermQuality.UNKNOWN: "未载",
    },
)

EXIT_KINDS: Final = Names(
    "exit",
    {
        ExitKind.UNSPECIFIED: "未说明",
        ExitKind.PERFORMED: "履行完毕",
        ExitKind.CORRECTED_FOR: "改正满期",
        ExitKind.LISTED_FOR: "列入满期",
        ExitKind.PERIOD_OVER: "到期",
        ExitKind.REVOKED: "撤销",
    },
)

ANNOTATION_GROUNDS: Final = Names(
    "ground",
    {
        AnnotationGround.UNSPECIFIED: "未说明",
        AnnotationGround.OBJECTION: "异议",
        AnnotationGround.REORGANISATION: "重整",
        AnnotationGround.STAY_OF_EXECUTION: "停止执行",
        AnnotationGround.OTHER: "其他",
    },
)

RELIEF_GROUNDS: Final = Names(
    "ground",
    {
        ReliefGround.UNSPECIFIED: "未说明",
        ReliefGround.LISTED_IN_ERROR: "列错",
        ReliefGround.REVOKED: "依职权撤销",
        ReliefGround.QUASHED_ON_RECONSIDERATION: "行政复议撤销",
        ReliefGround.QUASHED_IN_COURT: "行政诉讼撤销",
    },
)

OUTCOME_RESULTS: Final = Names(
    "result",
    {
        OutcomeResult.UNSPECIFIED: "未说明",
        OutcomeResult.APPLIED: "已采取措施",
        OutcomeResult.NOT_APPLIED: "未采取措施",
        OutcomeResult.PROCEEDED: "照常办理",
        OutcomeResult.PROMPTED: "已提示",
        OutcomeResult.BENEFIT_USED: "已享受优惠",
        OutcomeResult.UNDONE: "已解除措施",
    },
)

PENALTY_GRADES: Final = Names(
    "grade",
    {
        PenaltyGrade.UNSPECIFIED: "未说明",
        PenaltyGrade.MINOR: "轻微",
        PenaltyGrade.ORDINARY: "一般",
        PenaltyGrade.SERIOUS: "严重",
    },
)

PENALTY_PROCEDURES: Final = Names(
    "procedure",
    {
        PenaltyProcedure.UNSPECIFIED: "未说明",
        PenaltyProcedure.SIMPLE: "简易程序",
        PenaltyProcedure.ORDINARY: "普通程序",
    },
)

_ACTIONS: Final[dict[int, Names]] = {
    Kind.ANNOTATION: ANNOTATION_ACTIONS,
    Kind.SCENARIO: SCENARIO_ACTIONS,
    Kind.RECOGNITION: RECOGNITION_ACTIONS,
    Kind.CONTINUATION: CONTINUATION_ACTIONS,
    Kind.REQUEST: REQUEST_ACTIONS,
}
_NO_ACTIONS: Final = Names("action", {})


def action_name(kind: int, action: int) -> str:
    """English name of an action of a kind; empty for 0, which is "no action"."""
    return _ACTIONS.get(kind, _NO_ACTIONS).name(action) if action else ""


def action_code(kind: int, text: str) -> int:
    """Code of an action by name or label; 0 for the empty text.

    Raises:
        StatementError: the kind has no such action (`name.unknown`); the caller's input.
    """
    return _ACTIONS.get(kind, _NO_ACTIONS).code(text) if text else 0
