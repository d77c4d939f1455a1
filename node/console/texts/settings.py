"""Texts of the page of settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.catalogs import CHANGES
from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("设置", "Settings"),
    "lead": (
        "现行目录的版本、还没有人核实的条目、各项时限。采用和核实由复核员在“目录版本”办理。",
        "Editions in force, what nobody has confirmed, deadlines. Reviewers adopt: see Editions.",
    ),
    "editions": ("现行目录", "Editions in force"),
    "edition": ("版本", "Edition"),
    "layer": ("层级", "Layer"),
    "layer.national": ("国家", "national"),
    "layer.joint": ("联合", "joint"),
    "layer.province": ("省", "province"),
    "layer.city": ("市", "city"),
    "from": ("施行", "From"),
    "until": ("截止", "Until"),
    "open-ended": ("长期", "open-ended"),
    "library": ("法人库 {n} 户。", "{n} subjects in the base library."),
    "diff": ("比较两个版本", "Compare two editions"),
    "old": ("旧版本", "Old edition"),
    "new-edition": ("新版本", "New edition"),
    "compare": ("比较", "Compare"),
    "diff.hint": (
        "填写版本代码：已采用的，或程序自带的。",
        "By their codes: adopted ones, or those that come with the program.",
    ),
    "same": ("{old} 与 {new} 没有差异。", "Nothing differs between {old} and {new}."),
    "change": ("变化", "Change"),
    **{f"change.{one}": pair for one, pair in CHANGES.items()},
    "sort.list": ("名单", "Lists"),
    "sort.measure": ("措施", "Measures"),
    "sort.matter": ("事项", "Matters"),
    "sort.matter-row": ("事项可采取的措施", "Measures of matters"),
    "sort.deadline": ("时限", "Deadlines"),
    "sort.authority": ("认定单位", "Authorities"),
    "sort.region": ("地区", "Regions"),
    "sort.trust-list": ("守信名单", "Lists of the trustworthy"),
    "sort.grade-method": ("评价办法", "Methods of grades"),
    "sort.equivalence": ("等级对照", "Equivalences of grades"),
    "unconfirmed": ("待核实的条目", "Entries to confirm"),
    "unconfirmed.lead": (
        "对照正式文本核实之前不起作用；核实由复核员在“目录版本”办理。",
        "Without effect until a reviewer compared it with the official text: see Editions.",
    ),
    "unconfirmed.none": (
        (
            "没有：各条都已有人对照正式文本核实，可以依此办理。版本名称里若有“待核实”，是发布时的叫法，"
            "以此处为准。"
        ),
        (
            "None: somebody has compared each with the official text, and it may be acted on. "
            "Where the name of an edition says otherwise, that was when it was published."
        ),
    ),
    "entry": ("条目", "Entry"),
    "certainty": ("把握", "Certainty"),
    "certainty.C": ("已对照原文", "read in the text"),
    "certainty.P": ("只见到部分原文", "read in part"),
    "certainty.M": ("未见原文", "not read"),
    "source": ("出处", "Source"),
    "without-ground": (
        "{name}：没有依据，不作认定。",
        "{name}: no law makes it, its listings are held.",
    ),
    "ending": ("{name} 将于 {day} 到期。", "{name} ends on {day}."),
    "deadlines": ("时限", "Deadlines"),
    "obligation": ("事项", "Obligation"),
    "term": ("时限", "Within"),
    "last": ("今日起算的截止日", "Due, from today"),
    "basis": ("依据", "Basis"),
    "confirmed": ("已核实", "Confirmed"),
    "not-confirmed": ("未核实", "not confirmed"),
    "credentials": ("凭据", "Credentials"),
    "credentials.lead": (
        "哪些部门、程序可以查询本节点。登录控制台的人，见“账号”。",
        "Which departments and programs may ask this node. People who sign in: see Accounts.",
    ),
    "department": ("部门全称", "Department, its full name"),
    "state": ("状态", "State"),
    "roles": ("角色", "Roles"),
    "purposes": ("用途", "Purposes"),
    "matters": ("可查的事项代码，用逗号隔开", "Codes of matters, by commas"),
    "matters-plain": ("事项", "Matters"),
    "budget": ("每日查询上限", "Questions a day"),
    "expires": ("最后一日", "Last day"),
    "asked": ("今日查询 / 上限", "Asked today / budget"),
    "look": ("查看", "Look"),
    "new": ("发放凭据", "New credential"),
    "new.lead": (
        "系统、安全、审计三员各自独立，经办与复核分开；不填事项和用途就什么也查不了。",
        "The three administrators stand alone; without matters and purposes nothing may be asked.",
    ),
    "make": ("发放", "Make it"),
    "made": ("凭据已发放", "The credential is made"),
    "made.once": (
        "令牌只显示这一次，本节点不留存；请现在抄给对方。刷新本页会另发一份。",
        "The token is shown this once and kept nowhere: hand it over now. Reloading makes another.",
    ),
    "token": ("令牌", "Token"),
    "form.file": ("查询授权登记表", "credential"),
    "form": ("打印查询授权登记表", "Print the form of the credential"),
    "id": ("凭据编号", "Credential"),
    "created": ("办理", "Made by"),
    "revoked": ("吊销", "Revoked by"),
    "revoke": ("吊销凭据", "Revoke the credential"),
    "revoke.lead": (
        "系统管理员只能吊销，不能发放和查看；编号由安全管理员告知。立即生效，不可恢复。",
        "Who runs the node may revoke, not make or list: the security officer names it. For ever.",
    ),
    "revoke.for-ever": ("立即生效，不可恢复。", "At once and for ever."),
    "done.revoked": ("凭据已吊销。", "The credential is revoked."),
    "done.no-id": ("凭据编号是 8 位小写十六进制。", "An id has 8 hexadecimal digits."),
    "back": ("返回设置", "Back to settings"),
}
