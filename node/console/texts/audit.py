"""Texts of the page of audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("审计", "Audit"),
    "lead": (
        "谁查询过谁，日志是不是当初签署的样子，怎样交给审计的人自己核验。",
        "Who asked about whom, whether logs are what was signed, and how auditors verify alone.",
    ),
    "forked": (
        "分叉：{who} 签过两个互相矛盾的版本，证据已保存，请立即上报。",
        "Forked: {who} signed two versions that contradict; the proof is kept: report it at once.",
    ),
    "queries": ("查询日志", "The query log"),
    "log": ("日志", "Log"),
    "size": ("条目", "Entries"),
    "cosigned": ("他方见证", "Witnessed by others"),
    "cosigned-at": ("{n} 条，{at}", "{n} entries, {at}"),
    "not-cosigned": ("尚无他方见证", "nobody has yet"),
    "state": ("状态", "State"),
    "well": ("正常", "well"),
    "verify": ("核验查询日志", "Verify the query log"),
    "verify.lead": (
        "重新计算整棵树，与保存的每个签名、每一行、他方见证逐一比对。",
        "The tree is computed anew and compared with every signature, row and cosignature.",
    ),
    "promise": (
        "查询方所持的承诺（签名文本，可不交）",
        "A promise that an asker holds (signed text; may be empty)",
    ),
    "holds": ("相符：没有发现改动或缺失。", "It holds: nothing was changed or taken out."),
    "holds-not": ("不相符，逐项如下。", "It does not hold; this is wrong:"),
    "report": (
        (
            "{size} 条，已签 {signed}；{rows} 行，到期清除 {erased}，待入日志 {waiting}；"
            "见证 {cosigned} 次，所核承诺 {promises}。"
        ),
        (
            "{size} entries, {signed} signed; {rows} rows, {erased} erased, {waiting} waiting; "
            "{cosigned} cosignatures, {promises} promises."
        ),
    ),
    "more-findings": ("另有 {n} 项。", "{n} more."),
    "subject": ("谁查询过某主体", "Who asked about a subject"),
    "subject.lead": (
        "凭主体的授权书，由两人签署后调阅；这次调阅也记入查询日志。",
        "By the subject's authorisation and two persons' words; this is recorded as well.",
    ),
    "code-of": ("统一社会信用代码", "Unified code"),
    "name-of": ("名称", "Name"),
    "authorisation": ("授权书编号", "Number of the authorisation"),
    "other": ("另一签署人的用户名", "Name of the second person"),
    "next": ("下一步：签署", "Next: sign"),
    "missing": (
        "请填写代码或名称、授权书编号、另一签署人。",
        "Give code or name, the authorisation and the second person.",
    ),
    "of-department": ("某部门查询过什么", "What a department asked"),
    "of-department.lead": (
        "只见何时、为何事项和办件，不见查的是谁；这次调阅也记入查询日志。",
        "When, for which matter and case, not about whom; this is recorded as well.",
    ),
    "department": ("部门", "Department"),
    "logs": ("各成员的日志与见证", "Logs of members and who vouches"),
    "logs.lead": (
        "每份日志核验到哪里，最新检查点由谁联署。分叉不能自愈。",
        "How far each log was verified, and who cosigned its head. No fork heals by itself.",
    ),
    "member": ("成员", "Member"),
    "verified": ("已核验", "Verified"),
    "witnesses": ("联署", "Cosigned by"),
    "part.head": ("自签", "own"),
    "part.witness": ("见证", "witness"),
    "part.mirror": ("镜像", "mirror"),
    "export": ("导出，由审计的人自己核验", "Export, for auditors to verify alone"),
    "export.lead": (
        "在节点上运行；导出不含非公开内容，核验不需要本节点，可在离线的电脑上做。",
        "Run at the node. Nothing undisclosed is exported; verifying needs no node and no network.",
    ),
    "export.queries": ("查询日志的签名和树：", "Signatures and tree of the query log:"),
    "export.all": ("各成员日志的审计材料：", "What an audit of all logs needs:"),
    "export.verify": (
        "离线核验导出的材料（联盟标识须与纸质文本核对）：",
        "Verify it offline (compare the alliance's id with the one on paper):",
    ),
    "export.promise": (
        "离线核验查询日志和部门留存的答复（answer.json）：",
        "Verify the query log and an answer that a department kept (answer.json) offline:",
    ),
    "back": ("返回审计", "Back to audit"),
    "sign": ("签署调阅", "Sign the question"),
    "sign.lead": (
        (
            "{first} 与 {other} 先后用各自的密钥，在自己的电脑上签署下面的全部内容，再把签名文件"
            "交到这里；私钥不要放到这台服务器或网页上。本节点没有登记人员密钥的，可以不交签名。"
        ),
        (
            "{first} and {other} sign this, one after the other, each with the own key on the own "
            "machine, and hand the note in here; no private key belongs on this server. A node "
            "without keys of persons asks for no note."
        ),
    ),
    "bytes": ("签署内容", "What is signed"),
    "download": ("下载待签内容", "Download what is signed"),
    "command": (
        "或者两人先后运行这条命令（内容相同，时间以签署时为准）：",
        "Or both run this command, one after the other (the same words, at the time of signing):",
    ),
    "note": ("签名文件", "Signed note"),
    "paste": ("或粘贴签名文件的全文", "or paste the whole note"),
    "ask": ("调阅", "Ask"),
    "found": ("查询记录：{about}", "Queries: {about}"),
    "found.lead": ("新的在前。", "The newest first."),
    "letter.file": ("查询情况告知书", "queries"),
    "letter": ("出具查询情况告知书（DOCX）", "The letter to the subject (DOCX)"),
    "letter.long": ("记录过多，请打印本页。", "Too many for a letter: print this page."),
    "nobody": ("没有查询记录。", "Nobody asked."),
    "at": ("时间", "When"),
    "action": ("动作", "What"),
    "kind.question": ("查询", "question"),
    "kind.read": ("调阅", "read"),
    "kind.admin": ("管理", "administration"),
    "matter": ("事项", "Matter"),
    "case": ("办件编号", "Case"),
    "result": ("结果", "Result"),
}
