"""A charter as paper that people sign: charter and sharing agreement 章程暨共享协议, as DOCX.

What stands in it is read from the charter alone: version, members, what each may say and receive,
keys and certificates by their fingerprints. What only people know has room and no words of ours:
the number 文号, seals and signatures, which sources share what by which document, other terms. Law
is not cited: which one a city relies on, its office writes. Digests stand in groups of four, so
that two people can compare them aloud; that of the alliance, spaces and all, is the `--pin` of
`huxin charter adopt`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from crypto.dsse import Envelope
from federation.charters.verification import PURPOSES, Delegation, Member, Terms, signers
from federation.names import KINDS
from node.system.clock import CHINA
from node.texts.letter_making import docx_of
from node.texts.letters import (
    NO_DAY,
    Closing,
    Elements,
    Facts,
    Grid,
    Heading,
    Items,
    Letter,
    Part,
    Text,
    facts,
    list_name,
    listed,
)
from node.texts.signed import ROLES, TILES

_GROUP: Final = 4
_ROOM: Final = "\n\n"
"""In a cell: lines for a seal."""
_TERMS: Final = (
    "各成员只在本协议所列范围内发布声明，只将所接收的内容用于所列用途。",
    "列入被修复、撤销的，认定成员应当发布；接收成员收到后停止相应的惩戒措施。",
    "本协议由章程文件生成，其摘要见上表，成员以章程密钥签名；纸质文本与之不一致的，不得签署。",
)


def agreement(envelope: Envelope, terms: Terms, number: str = "") -> bytes:
    """Write a charter for people who sign; judges no signature threshold.

    Args:
        envelope: of the charter or of its draft.
        terms: what it says.
        number: of the document 文号; empty leaves room for it.
    """
    body: list[Part] = [
        Text(f"（第 {terms.version} 版）"),
        Heading("一、章程"),
        facts(_facts(envelope, terms)),
        Heading("二、成员"),
        Grid(
            ("编号", "名称", "区划", "角色", "投票", "地址"),
            [_member(member) for member in terms.members],
        ),
        Heading("三、各成员可以发布和接收的内容"),
    ]
    for member in terms.members:
        body += [Text(member.name), facts(_rights(member))]
    body += [
        Heading("四、名单的提供单位（共享属性和同意转交的文书由各成员填写）"),
        Grid(
            ("成员", "名单", "认定单位", "共享属性", "同意转交的文书"),
            list(_sources(terms.members)),
        ),
        Heading("五、密钥和证书的指纹"),
    ]
    for member in terms.members:
        body += [Text(member.name), facts(_keys(member))]
    body += [
        Heading("六、共同约定"),
        Items((*_TERMS, "其他约定（由成员填写）：")),
        Text(_ROOM),
        Heading("七、签署"),
    ]
    for member in terms.members:
        body += [
            Text(f"{member.name}（{member.region}）"),
            Facts((("单位（盖章）", _ROOM), ("代表（签字）", _ROOM))),
            Closing((NO_DAY,)),
        ]
    return docx_of(
        Letter(
            title=(f"{terms.name}信用信息共享联盟", "章程暨共享协议"),
            body=body,
            elements=Elements(number=number),
            sealed=False,
            sheet=False,
        )
    )


def grouped(digest: bytes) -> str:
    """A digest or key in groups of four hexadecimal digits."""
    text = digest.hex()
    return " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _facts(envelope: Envelope, terms: Terms) -> Iterable[tuple[str, str]]:
    digest = sha256(envelope.payload).digest()
    yield "联盟名称", terms.name
    yield "联盟标识", grouped(digest if terms.charter is None else terms.charter)
    yield "版本", str(terms.version)
    yield "本版章程文件摘要", grouped(digest)
    if terms.previous is not None:
        yield "上一版章程文件摘要", grouped(terms.previous)
    for one in terms.previous_conflicting:
        yield f"了结的并存版本（第 {one.version} 版）", grouped(one.digest)
    yield "期限", f"{_day(terms.issued_at)}起，至{_day(terms.not_after)}止"
    yield "用途", _purposes(terms.purposes)
    yield "日志哈希的提供对象", TILES[terms.tiles][0]
    if terms.requests_per_day is not None:
        yield "每日收办转办（每成员）", f"至少 {terms.requests_per_day} 件"
    good = signers(envelope, terms)
    names = [member.name for member in terms.members if member.id in good]
    yield "已有电子签名", "、".join(names) or "无"


def _member(member: Member) -> Sequence[str]:
    return (
        member.id,
        member.name,
        member.region,
        "、".join(ROLES[role][0] for role in member.roles),
        "是" if member.charter_key is not None else "否",
        "、".join(member.endpoints) or "仅主动连接",
    )


def _rights(member: Member) -> Iterable[tuple[str, str]]:
    """What one may say, by segment, what it may receive, and who speaks for whom."""
    for segment in member.segments:
        may = segment.entitlements
        end = "起" if segment.to_size is None else f"起，至第 {segment.to_size} 条之前"
        said = [f"日志 {segment.origin}，第 {segment.from_size} 条{end}", _kinds(may.kinds)]
        said += [f"名单：{_listed(one.list_type)}" for one in may.lists]
        yield "可以发布", "\n".join(said)
    for one in member.receives:
        yield "可以接收", f"{_kinds(one.kinds)}\n仅用于：{_purposes(one.purposes)}"
    for delegation in member.delegations:
        yield "委托其代为发布", _delegated(delegation)
    if member.successor is not None:
        yield "退出后由其承继", member.successor
    if member.attests:
        yield "可以证明其主体的区划", "、".join(member.attests)


def _delegated(one: Delegation) -> str:
    end = "起" if one.to_index is None else f"起，至第 {one.to_index} 条之前"
    return f"{one.member}，日志 {one.origin}，第 {one.from_index} 条{end}"


def _sources(members: Iterable[Member]) -> Iterable[Sequence[str]]:
    for member in members:
        rights = [one for segment in member.segments[-1:] for one in segment.entitlements.lists]
        for right in rights:
            authorities = "、".join(right.authorities)
            yield member.name, _listed(right.list_type), authorities, "", ""


def _listed(list_type: str) -> str:
    return listed(list_name(list_type), list_type)


def _keys(member: Member) -> Iterable[tuple[str, str]]:
    """Public keys in full, certificates by their SHA-256: as `huxin keys tls` shows them."""
    if member.charter_key is not None:
        yield "章程密钥", grouped(member.charter_key)
    for segment in member.segments:
        yield f"日志密钥 {segment.origin}", grouped(segment.log_key.public)
    for name, keys in (
        ("签名头密钥", member.keys.head),
        ("见证密钥", member.keys.witness),
        ("镜像密钥", member.keys.mirror),
        ("文书密钥（电子印章）", member.keys.document),
        ("查询日志密钥", member.keys.query_log),
    ):
        for key in keys:
            yield name, grouped(key.public)
    for sealing in member.sealing_keys:
        yield "密封密钥（编号）", grouped(sealing.id)
    for certificate in member.certificates:
        yield "证书 SHA-256", grouped(sha256(certificate).digest())


def _kinds(codes: Iterable[int]) -> str:
    return "、".join(KINDS.label(code) for code in codes) or "无"


def _purposes(codes: Iterable[str]) -> str:
    return "、".join(PURPOSES.get(code, code) for code in codes)


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, CHINA):%Y年%m月%d日}"
