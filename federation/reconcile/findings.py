"""What a reconciliation may find: the numbered rules, what becomes of a record by each, in words.

A finding's number is what the store keeps of it; numbers are stable. The table in
docs/reconciliation.md is generated from `RULES`. Where only a catalog's edition can cure a finding
(`catalog_only`), no person may decide it case by case.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from federation.life.life import SIMILAR
from federation.reconcile import plausibility
from federation.reconcile.grounds import GROUND_MISSING, NOT_IN_FORCE


class Outcome(IntEnum):
    """What becomes of a record 处理结果."""

    APPLIED = 1
    """认定: recognised here."""
    MERGED = 2
    """合并: another copy of the record is the one that counts."""
    HELD = 3
    """待核: a person is asked, or an edition of the catalog must come."""
    REJECTED = 4
    """不予认定"""


class Rule(NamedTuple):
    """A numbered rule of the reconciliation."""

    number: int
    code: str
    outcome: Outcome
    chinese: str
    english: str
    catalog_only: bool = False
    """Only an edition of the catalog cures it; no person decides it case by case."""


class Finding(IntEnum):
    """Numbers of the rules, as stored; 0 is what has not been reconciled."""

    NONE = 0
    CODE_INVALID = 1
    DATE_ORDER = 2
    DOCUMENT_MISSING = 3
    LIST_UNKNOWN = 4
    LIST_UNCONFIRMED = 5
    AUTHORITY_NOT_NAMED = 6
    SUBJECT_KIND = 7
    BASIS_MISSING = 8
    NOTICE_MISSING = 9
    PERIOD_MISSING = 10
    PERIOD_LONG = 11
    SUBJECT_UNKNOWN = 12
    SUBJECT_CEASED = 13
    NAME_MISMATCH = 14
    CONFLICT = 15
    COPY = 16
    RECOGNISED = 17
    DECIDED_USE = 18
    DECIDED_REJECT = 19
    NAME_REUSED = 20
    COMPLETED = 21
    ATTESTED = 22
    ATTESTED_DIFFERS = 23
    ATTESTED_UNKNOWN = 24
    UNATTESTED = 25
    ATTESTATION_OLD = 26
    NOTED = 30
    SIMILAR = 31
    GROUND_MISSING = 40
    LIST_NOT_IN_FORCE = 41
    FUTURE = 50
    NOTICE_AFTER = 51
    BASIS_BLANK = 52
    TIER = 53
    KIND_DIFFERS = 54
    OTHER_SUBJECT = 60
    COMMENDATION_KIND = 70
    LIST_PUNISHES = 71
    TRUST_UNKNOWN = 72
    VALIDITY_MISSING = 73
    VALIDITY_LONG = 74
    GRADE_UNKNOWN = 75


_F = Finding
_O = Outcome

RULES: Final[Mapping[int, Rule]] = {
    rule.number: rule
    for rule in (
        Rule(
            _F.CODE_INVALID,
            "identity.code-invalid",
            _O.REJECTED,
            "主体代码不符合 GB 32100",
            "the subject's code breaks GB 32100",
        ),
        Rule(
            _F.DATE_ORDER,
            "date.order",
            _O.REJECTED,
            "日期相互矛盾：决定晚于列入，或公示止于决定、列入之前",
            "dates contradict each other: decided after listed, or published until before either",
        ),
        Rule(
            _F.DOCUMENT_MISSING,
            "document.missing",
            _O.REJECTED,
            "没有决定文书号",
            "there is no decision document number",
        ),
        Rule(
            _F.LIST_UNKNOWN,
            "catalog.list-unknown",
            _O.REJECTED,
            "决定之日有效的本地目录没有此名单类型",
            "no edition of the local catalog in force at the decision's date has this list type",
            catalog_only=True,
        ),
        Rule(
            _F.GROUND_MISSING,
            GROUND_MISSING,
            _O.HELD,
            "此名单类型没有依据：既无国家版本，也无写明地方性法规的省级版本设立",
            "nothing makes the list type: no national edition, and no province's that names its "
            "local regulation",
            catalog_only=True,
        ),
        Rule(
            _F.LIST_NOT_IN_FORCE,
            NOT_IN_FORCE,
            _O.HELD,
            "决定之日，设立该名单的规定尚未施行或者已经失效",
            "what makes the list was not in force on the decision's date",
            catalog_only=True,
        ),
        Rule(
            _F.LIST_UNCONFIRMED,
            "catalog.list-unconfirmed",
            _O.HELD,
            "本地目录的此名单类型尚未经人核实",
            "the list type stands in the local catalog, but nobody has confirmed it yet",
            catalog_only=True,
        ),
        Rule(
            _F.AUTHORITY_NOT_NAMED,
            "catalog.authority-not-named",
            _O.REJECTED,
            "目录未将此认定单位列为该名单的认定单位",
            "the catalog does not name this authority for the list",
            catalog_only=True,
        ),
        Rule(
            _F.SUBJECT_KIND,
            "catalog.subject-kind",
            _O.REJECTED,
            "该名单不适用于此类主体",
            "the list is not for this kind of subject",
            catalog_only=True,
        ),
        Rule(
            _F.FUTURE,
            plausibility.FUTURE,
            _O.HELD,
            "决定或列入日期在将来",
            "decided or listed in the future",
        ),
        Rule(
            _F.BASIS_BLANK,
            plausibility.BASIS_BLANK,
            _O.HELD,
            "列入依据只有空白、标点或“无”",
            "where the basis should stand there are blanks, punctuation or a word for nothing",
        ),
        Rule(
            _F.NOTICE_AFTER,
            plausibility.NOTICE_AFTER,
            _O.HELD,
            "事先告知晚于决定",
            "the prior notice came after the decision",
        ),
        Rule(
            _F.TIER,
            plausibility.TIER,
            _O.HELD,
            "级别（严重失信、重点关注）与目录所列名单不符",
            "the tier (severe, watch) is not that of the list in the catalog",
        ),
        Rule(
            _F.KIND_DIFFERS,
            plausibility.KIND_DIFFERS,
            _O.HELD,
            "主体类别与统一社会信用代码不符",
            "the kind of subject is not the one that its unified code names",
        ),
        Rule(
            _F.BASIS_MISSING,
            "basis.missing",
            _O.HELD,
            "未写明列入依据",
            "no legal basis is stated",
        ),
        Rule(
            _F.NOTICE_MISSING,
            "notice.missing",
            _O.HELD,
            "未写明事先告知日期，亦无覆盖决定之日的告知证明",
            "the prior notice has no date, and no attestation for the day of the decision",
        ),
        Rule(
            _F.PERIOD_MISSING,
            "period.missing",
            _O.HELD,
            "未写明公示截止日期",
            "no last day of publication is stated",
        ),
        Rule(
            _F.PERIOD_LONG,
            "period.long",
            _O.HELD,
            "公示期超过目录规定的最长期限",
            "the publication period exceeds the longest that the catalog allows",
        ),
        Rule(
            _F.SUBJECT_UNKNOWN,
            "identity.subject-unknown",
            _O.HELD,
            "本地法人库没有此主体",
            "the base library does not know the subject",
        ),
        Rule(
            _F.ATTESTED_DIFFERS,
            "identity.attested-differs",
            _O.HELD,
            "登记地答复：此代码的主体不用此名称，也未曾用",
            "the region where the subject is registered says that its code never had this name",
        ),
        Rule(
            _F.ATTESTED_UNKNOWN,
            "identity.attested-unknown",
            _O.HELD,
            "登记地答复：当地法人库没有此代码",
            "the region where the subject is registered says that it knows no such code",
        ),
        Rule(
            _F.UNATTESTED,
            "identity.unattested",
            _O.HELD,
            "已向登记地核验，对方未予答复",
            "the region where the subject is registered was asked and did not say",
        ),
        Rule(
            _F.ATTESTATION_OLD,
            "identity.attestation-old",
            _O.HELD,
            "登记地的核验已超过目录规定的天数，正在重新核验",
            "what the subject's region said is older than the catalog allows; it is asked again",
        ),
        Rule(
            _F.SUBJECT_CEASED,
            "identity.subject-ceased",
            _O.HELD,
            "此主体已注销，或已由其他主体承继",
            "the subject has been cancelled, or another one succeeded it",
        ),
        Rule(
            _F.NAME_MISMATCH,
            "identity.name-mismatch",
            _O.HELD,
            "名称与法人库的现用名、曾用名均不一致",
            "the name agrees with none that the base library knows for the code",
        ),
        Rule(
            _F.NAME_REUSED,
            "identity.name-reused",
            _O.HELD,
            "此名称先后为不同主体所用",
            "different subjects of the base library have borne this name, one after the other",
        ),
        Rule(
            _F.CONFLICT,
            "record.conflict",
            _O.HELD,
            "同一记录的各来源相互矛盾",
            "copies of the record contradict each other",
        ),
        Rule(
            _F.SIMILAR,
            SIMILAR,
            _O.HELD,
            "与已解除的记录疑为同一记录，文书号写法不同",
            "a record like it was relieved; only the document number is written in another way",
        ),
        Rule(
            _F.OTHER_SUBJECT,
            "identity.other-subject",
            _O.HELD,
            "本地部门核查时认为命中的是另一主体",
            "a department here that asked found the match to be of another subject",
        ),
        Rule(
            _F.COMMENDATION_KIND,
            "commendation.kind",
            _O.REJECTED,
            "守信：未写明主体类别；只认定法人和非法人组织",
            "a commendation states no kind of subject; only organisations have one",
        ),
        Rule(
            _F.LIST_PUNISHES,
            "commendation.list-punishes",
            _O.REJECTED,
            "守信：目录中此名单类型为失信名单",
            "a commendation under a list type of those who are punished",
            catalog_only=True,
        ),
        Rule(
            _F.TRUST_UNKNOWN,
            "commendation.list-unknown",
            _O.HELD,
            "守信：决定之日有效的本地目录没有此守信名单",
            "no edition of the local catalog in force on the day of the award has this list of the "
            "trustworthy",
            catalog_only=True,
        ),
        Rule(
            _F.VALIDITY_MISSING,
            "commendation.validity-missing",
            _O.HELD,
            "守信：未写明有效期",
            "a commendation states no last day",
        ),
        Rule(
            _F.VALIDITY_LONG,
            "commendation.validity-long",
            _O.HELD,
            "守信：有效期超过目录规定的最长期限",
            "a commendation counts for longer than the catalog allows",
        ),
        Rule(
            _F.GRADE_UNKNOWN,
            "commendation.grade-unknown",
            _O.HELD,
            "守信：本地目录没有此评价办法的等级",
            "the local catalog does not know the grade, or the method by which it was awarded",
            catalog_only=True,
        ),
        Rule(
            _F.COPY,
            "record.copy",
            _O.MERGED,
            "与其他来源的同一记录合并",
            "a copy of a record that another source gives with more authority",
        ),
        Rule(
            _F.RECOGNISED,
            "record.recognised",
            _O.APPLIED,
            "予以认定",
            "recognised",
        ),
        Rule(
            _F.ATTESTED,
            "identity.attested",
            _O.APPLIED,
            "予以认定，主体经登记地核验",
            "recognised; the region where the subject is registered attests it",
        ),
        Rule(
            _F.COMPLETED,
            "record.completed",
            _O.APPLIED,
            "予以认定，所缺事项由同一记录的其他来源补全",
            "recognised; what it lacks is stated by other copies of the record",
        ),
        Rule(
            _F.NOTED,
            "record.noted",
            _O.APPLIED,
            "予以备注：行政处罚仅供查询时提示，不是名单",
            "noted: a penalty is shown to whoever asks, and is on no list",
        ),
        Rule(
            _F.DECIDED_USE,
            "decision.use",
            _O.APPLIED,
            "经人工核实予以认定",
            "recognised by the decision of two persons",
        ),
        Rule(
            _F.DECIDED_REJECT,
            "decision.reject",
            _O.REJECTED,
            "经人工核实不予认定",
            "not recognised, by the decision of a person",
        ),
    )
}

HELD_FINDINGS: Final = tuple(n for n, rule in RULES.items() if rule.outcome is Outcome.HELD)
DECIDED_FINDINGS: Final = (Finding.DECIDED_USE, Finding.DECIDED_REJECT)
"""What persons made of what was held."""
DECIDABLE: Final = frozenset(n for n in HELD_FINDINGS if not RULES[n].catalog_only)
"""Findings about which a person may decide."""
ATTESTABLE: Final = frozenset(
    {
        Finding.SUBJECT_UNKNOWN,
        Finding.ATTESTED_DIFFERS,
        Finding.ATTESTED_UNKNOWN,
        Finding.UNATTESTED,
        Finding.ATTESTATION_OLD,
    }
)
"""Findings that another word of the subject's region may change; asked about, and again."""

PENDING: Final = "reconcile.pending"
"""Code of a listing that has not been judged yet."""


def obstacle(finding: int) -> str:
    """Code for which a listing of another city is not used here; empty where it may be."""
    if finding == Finding.NONE:
        return PENDING
    rule = RULES[finding]
    return "" if rule.outcome is Outcome.APPLIED else rule.code


def table() -> str:
    """The rules as a table in Markdown, for docs/reconciliation.md."""
    lines = ["| no. | code | outcome | 规则 | rule | |", "|---|---|---|---|---|---|"]
    for number, rule in RULES.items():
        cure = "only by catalog" if rule.catalog_only else ""
        lines.append(
            f"| {number} | `{rule.code}` | {rule.outcome.name.lower()} | {rule.chinese} | "
            f"{rule.english} | {cure} |"
        )
    return "\n".join(lines) + "\n"
