"""What a certificate of repair says, in Chinese with English below, out of what is proved."""

from __future__ import annotations

from typing import Any, Final

from adapters.files.mapping import built_in_mappings, find_mapping
from federation.relief.audit_note import CitedAudit
from federation.relief.certificate import CertificateFacts, Proved, Region, Word
from federation.statements import Kind
from node.texts.fields import day, moment

NOT_PROVED: Final = "时间未证明 time not proved"
TITLE: Final = "信用修复结果跨区域执行情况证明"
TITLE_ENGLISH: Final = "Certificate of how a credit repair was executed across regions"
STATUSES: Final = {
    Proved.PROVED: "已证明 proved",
    Proved.NOT_PROVED: "未证明 not proved",
    Proved.INCOMPLETE: "证据不完整 evidence incomplete",
    Proved.NOT_PINNED: "不在所给信任之内，未证明 not under the pins given",
}
AUDIT_RESULTS: Final = {
    "clean": "未发现问题 nothing found",
    "incomplete": "未发现问题，部分不能判断 nothing found, not all could be seen",
    "findings": "发现问题 findings",
}
_NONE: Final = "—"
_UNNAMED: Final = "名称未载 name not stated"
_KINDS: Final = {
    Kind.REPAIR: "信用修复 credit repair",
    Kind.WITHDRAWAL: "撤销列入 withdrawal of the listing",
}
_ACTS: Final = {
    Kind.REPAIR: "信用修复决定 decision on credit repair",
    Kind.WITHDRAWAL: "撤销决定 decision to withdraw",
}
_WHAT: Final = (
    "本证明由节点依据各成员日志出具，说明下列修复决定在各地的执行情况；"
    "它不是认定单位的决定，也不代替该决定。"
)
_WHAT_ENGLISH: Final = (
    "Made by a node from the logs of the members: it says how the decision below was executed. It "
    "is not the decision of the authority, and does not stand for it."
)
_LIFTED: Final = (
    "“确认解除”：该地收到过此条列入的各平台均已确认解除后，该地节点方予告知；没有平台收到过的，"
    "修复生效即告知。不表示未接入平台的业务系统均已处理。"
)
_LIFTED_ENGLISH: Final = (
    "Lifted, as acknowledged: the node there says so once every platform there that was told of "
    "the listing has acknowledged its end; where none was, by the relief itself. It does not speak "
    "for systems that are not connected."
)
_LATER: Final = (
    "截至出具时尚未证明解除的地区见上表；此后可重新出具。较早的证明仍然真实。未证明不等于未执行。"
)
_LATER_ENGLISH: Final = (
    "Where lifting was not proved when this was made, a later certificate may show more; this one "
    "stays true. Not proved does not mean not done."
)
_CHECK: Final = (
    "核验（离线）：huxin repairs verify 文件.pdf --pin 联盟标识。页面文字、附件与印章均受核验。"
)
_CHECK_ENGLISH: Final = (
    "Verify offline: huxin repairs verify FILE.pdf --pin ALLIANCE. The evidence is attached."
)


def page_of(facts: CertificateFacts) -> dict[str, Any]:
    """The page as texts: what the template puts in its places."""
    return {
        "title": TITLE,
        "title_english": TITLE_ENGLISH,
        "what": _WHAT,
        "what_english": _WHAT_ENGLISH,
        "fields": [[*names, value] for names, value in fields_of(facts)],
        "headings": [
            ["地区", "region"],
            ["已执行", "applied"],
            ["确认解除", "lifted, as acknowledged"],
            ["证据", "evidence"],
        ],
        "regions": [region_row(one) for one in facts.regions],
        "outstanding": outstanding_of(facts),
        "lifted": _LIFTED,
        "lifted_english": _LIFTED_ENGLISH,
        "later": _LATER,
        "later_english": _LATER_ENGLISH,
        "check": _CHECK,
        "check_english": _CHECK_ENGLISH,
    }


def fields_of(facts: CertificateFacts) -> list[tuple[tuple[str, str], str]]:
    """The facts before the table: names in two languages, and what is proved."""
    relief, record = facts.relief, facts.relief.record
    subject = relief.subject_name or _NONE
    audited = [] if facts.audit is None else [(("审计", "audited"), _audit(facts.audit))]
    return [
        (("证明编号", "certificate"), facts.evidence.number),
        (("出具单位", "made by"), f"{facts.maker} {facts.evidence.by}"),
        (("联盟标识", "alliance"), _alliances(facts)),
        (("出具时间", "as of"), moment(facts.evidence.at)),
        (("决定名称", "decision"), _ACTS.get(Kind(facts.kind), _NONE)),
        (("决定文书号", "document"), relief.document or _NONE),
        (("决定日期", "decided on"), day(relief.decided_on) or _NONE),
        (("决定单位", "authority"), _authority(facts)),
        (("信用主体", "subject"), subject),
        (("主体代码", "code"), _NONE if record is None else record.code),
        (("结束事由", "ended by"), _KINDS.get(Kind(facts.kind), _NONE)),
        (("发布城市", "said by"), f"{facts.issuer} {facts.relief_origin} #{facts.relief_index}"),
        (("发布时间（联署）", "said by, as cosigned"), _time(facts.proved_at)),
        *audited,
    ]


def listed_of(facts: CertificateFacts) -> list[tuple[tuple[str, str], str]]:
    """What was ended, for who verifies and compares with records of its own.

    Not on the page: after repair the sharing of the listing has stopped, and who is handed the page
    needs the decision that ended it, not the listing.
    """
    record = facts.relief.record
    return [
        (("名单", "list"), _NONE if record is None else _list(record.list_type)),
        (("列入文书号", "listed by"), _NONE if record is None else record.document),
    ]


def region_row(region: Region) -> list[str]:
    """A row of the table."""
    return [
        f"{region.name} {region.region}".strip(),
        _word(region.applied),
        _word(region.lifted),
        STATUSES[region.status],
    ]


def outstanding_of(facts: CertificateFacts) -> str:
    """What is outstanding, in one line."""
    names = "、".join(one.name or one.origin for one in facts.outstanding)
    return f"未证明解除 outstanding: {names or '无 none'}"


def _authority(facts: CertificateFacts) -> str:
    """The authority by the name that the maker knows, with its code."""
    code, name = facts.relief.authority, facts.evidence.authority
    if not code or (not name and not code.isascii()):
        return name or code or _NONE
    return f"{name or _UNNAMED}（{code}）"


def _alliances(facts: CertificateFacts) -> str:
    """Names and ids, these in groups of eight digits, as one compares them with paper."""
    return "；".join(f"{name} {charter.hex(' ', 4)}" for charter, name in facts.alliances)


def _list(list_type: str) -> str:
    """A list by its name and id; where the program has no name for it that is said."""
    if list_type not in built_in_mappings():
        return f"{_UNNAMED}（{list_type}）"
    return f"{find_mapping(list_type).title}（{list_type}）"


def _audit(audit: CitedAudit) -> str:
    """Who looked at the relief's log, how far, and what came of it."""
    result = AUDIT_RESULTS[audit.result]
    return (
        f"{audit.auditor}：{audit.origin} 前 {audit.size} 条 entries，{result}，"
        f"截至 as of {moment(audit.as_of)}"
    )


def _word(word: Word | None) -> str:
    return _NONE if word is None else _time(word.proved_at)


def _time(at: int | None) -> str:
    return NOT_PROVED if at is None else moment(at)
