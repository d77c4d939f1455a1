"""What people sign, in words: charters, and words of persons (`federation.persons`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from federation.charters.verification import Role, Tiles
from federation.names import RELISTING_GROUNDS
from federation.persons import Sort
from node.texts.fields import Pair, day, moment, with_text
from node.texts.imports import SAYS

ROLES: Final[Mapping[str, Pair]] = {
    Role.CITY: ("市", "city"),
    Role.COUNTY: ("县区", "county"),
    Role.HUB: ("枢纽", "hub"),
    Role.WITNESS: ("见证", "witness"),
    Role.AUDITOR: ("审计", "auditor"),
}
"""What a member is in its alliance."""

TILES: Final[Mapping[str, Pair]] = {
    Tiles.MEMBERS: ("仅成员", "members"),
    Tiles.PUBLIC: ("公开", "public"),
}
"""To whom hashes of logs may be served."""

SORTS: Final[Mapping[str, Pair]] = {
    Sort.DECISION: ("待核案件的决定", "decision about a case"),
    Sort.EDITION: ("采用目录版本", "an edition takes effect"),
    Sort.CONFIRMATION: ("条目与正式文本一致", "entries agree with the official text"),
    Sort.MAPPING: ("采用字段映射", "a mapping is to be used"),
    Sort.CLOCK: ("此刻的时间", "the time now"),
    Sort.RELISTING: ("恢复列入", "a listing stands again"),
    Sort.ROWS: ("文件中各行属实", "rows of a file are right"),
    Sort.INBOX: ("收件表中各行属实", "rows of an inbox are right"),
    Sort.QUERIES: ("告知主体谁查询过它", "a subject is told who asked about it"),
    Sort.QUERY_LOG: ("启用新的查询日志", "a new query log begins"),
    Sort.LETTER: ("签发公文", "a letter is issued"),
    Sort.GO_ON: ("他处未签得更多，继续签名", "nothing newer was signed; sign on"),
}
"""What a word of persons is about."""

SAID: Final[Mapping[str, Pair]] = {
    "about": ("所涉事项编号", "what it is about"),
    "authorisation": ("授权编号", "authorisation"),
    "code": ("等候原因", "waited for"),
    "content": ("列入内容摘要", "digest of the listing"),
    "decided_on": ("决定日期", "decided on"),
    "document": ("文书号", "document"),
    "edition": ("目录版本", "edition"),
    "file": ("文件摘要", "digest of the file"),
    "ground": ("理由类别", "ground"),
    "items": ("条目", "entries"),
    "kind": ("公文种类", "kind of the letter"),
    "list_type": ("名单", "list"),
    "mapping": ("映射", "mapping"),
    "mark": ("高水位标记尚在", "high-water mark is there"),
    "number": ("文号", "its number"),
    "origin": ("日志", "log"),
    "person": ("决定人", "person"),
    "platform": ("平台", "platform"),
    "reason": ("理由", "reason"),
    "relief": ("所撤销的修复或撤销", "relief that is revoked"),
    "rows": ("各行摘要", "digest of the rows"),
    "rule": ("所问规则", "rule"),
    "says": ("所确认", "says"),
    "subject_code": ("主体代码", "code of the subject"),
    "subject_name": ("主体名称", "name of the subject"),
    "sha256": ("文本摘要", "digest of the text"),
    "size": ("本机日志条数", "entries held here"),
    "source": ("数源部门", "source"),
    "statement_id": ("声明", "statement"),
    "time": ("时间", "time"),
    "verdict": ("决定", "verdict"),
}
"""Every field of the body of a word."""

_VERDICTS: Final[Mapping[str, Pair]] = {
    "use": ("认定", "use"),
    "reject": ("不予认定", "reject"),
    "reopen": ("重新待核", "reopen"),
}


def word_in_words(sort: Sort, body: str, *, english: bool) -> dict[str, Any]:
    """What a word says, labelled, as it is put before whoever signs it.

    Args:
        sort: what it is about.
        body: as it is signed.
        english: in which language.
    """
    about = "about" if english else "所签事项"
    said: dict[str, Any] = json.loads(body)
    shown = {SAID[name][english]: _part(name, part, english=english) for name, part in said.items()}
    return {about: SORTS[sort][english]} | shown


def _part(name: str, part: Any, *, english: bool) -> Any:  # noqa: ANN401 - of JSON
    match name, part:
        case "decided_on", int():
            return day(part)
        case "time", int():
            return moment(part)
        case "ground", int():
            return RELISTING_GROUNDS.name(part) if english else RELISTING_GROUNDS.label(part)
        case "says", list():
            return [SAYS[one][english] for one in part]
        case "verdict", str():
            return _VERDICTS[part][english]
        case (("rule" | "code"), str()):
            return part if english else with_text(part)
    return part
