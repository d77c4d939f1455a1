"""Texts of the review queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("待核案件", "Cases to settle"),
    "lead": (
        "规则不能判定的列入在这里等人核定；核定之前不采取任何措施。",
        "Listings that no rule can judge wait here for persons; nothing follows until they decide.",
    ),
    "rule": ("停在哪条规则", "Held by"),
    "all": ("全部", "all"),
    "filter": ("筛选", "Filter"),
    "none": ("暂无待核案件。", "No case waits."),
    "subject": ("主体", "Subject"),
    "list": ("名单", "List"),
    "from": ("来自", "From"),
    "from-day": ("来自、决定日期", "From, decided on"),
    "yours": ("等您确认：{who} 已同意认定", "waits for you: {who} said use"),
    "next-case": ("办下一件", "The next case"),
    "todo.identity.subject-unknown": (
        "按名称在本市登记机关核对；代码有误或不全的，请列入地更正。法人库更新或对方更正后，系统自动重新判定。",
        (
            "Ask the registration office by the name; where the code is wrong or short, the other "
            "city corrects it. It is judged anew once the library or the listing changes."
        ),
    ),
    "todo.identity.name-mismatch": (
        "核对是否更名、曾用名或同码异名；确为同一主体才认定。",
        "Find out whether the subject changed its name; use it only if it is the same one.",
    ),
    "todo.notice.missing": (
        "请列入地补写告知日期或告知证明；补上后系统自动重新判定。",
        "Ask the other city for the day of the notice; it is judged anew once that is stated.",
    ),
    "todo.basis.missing": (
        "请列入地补写列入依据；补上后系统自动重新判定。",
        "Ask the other city for the legal basis; it is judged anew once that is stated.",
    ),
    "document": ("文书号", "Document"),
    "open": ("办理", "Settle"),
    "look": ("查看", "Look"),
    "catalog-only": ("须改目录", "by the catalog"),
    "catalog-only.why": (
        "这一类只能由目录解决，人不能逐件认定：请到“设置”查看目录。",
        "This kind is settled by the catalog alone, not case by case.",
    ),
    "propose": ("提出目录版本", "Propose an edition"),
    "propose.lead": (
        "生成一个补上此项的目录版本并试行，看清影响；采用须两人签名。",
        "An edition that knows it is made and tried; two persons adopt it with their signatures.",
    ),
    "propose.like": ("相当于本地的哪个名单", "Which list here theirs is"),
    "back": ("返回待核案件", "Back to the cases"),
    "said": ("双方所述", "What each side says"),
    "field": ("项目", "Field"),
    "origin-says": ("{city}所述", "{city} says"),
    "library-says": ("本市法人库", "This city's library"),
    "no-library": ("法人库没有此代码", "not in the library"),
    "differs": ("不一致", "differs"),
    "subject_name": ("名称", "Name"),
    "subject_code": ("主体代码", "Code"),
    "why": ("为什么待核", "Why it waits"),
    "why.decided": ("核定结论", "What was decided"),
    "found": ("所见", "Found"),
    "expected": ("应为", "Expected"),
    "do": ("建议", "What helps"),
    "do.what": ("建议：{what}", "What helps: {what}"),
    "listing": ("列入", "The listing"),
    "authority": ("认定单位", "Authority"),
    "decided": ("决定日期", "Decided on"),
    "until": ("公示截止", "Published until"),
    "suggestions": ("法人库中的同名主体", "Subjects of this name in the library"),
    "copies": ("同一记录的其他副本", "Other copies of the record"),
    "history": ("经过", "What was said before"),
    "nobody": ("还没有人作过决定。", "Nobody has decided yet."),
    "waits": ("{who} 已同意认定，还须另一人。", "{who} said use; one more person is needed."),
    "said.use": ("同意认定", "use it"),
    "said.reject": ("不予认定", "reject it"),
    "said.reopen": ("重新打开", "open it again"),
    "who-decides": (
        "由本市复核员决定；认定须两名复核员先后办理。您的账号只能查看。",
        "Reviewers decide; to use it takes two of them. Your account may look.",
    ),
    "decide": ("决定", "Decide"),
    "verdict": ("怎样决定", "Verdict"),
    "verdict.use": ("认定：与本市目录相符，可以使用（须两人）", "Use it: two persons must say so"),
    "verdict.reject": ("不予认定", "Reject it"),
    "verdict.reopen": ("重新打开", "Open it again"),
    "reason": ("理由（长期保存，不写主体的名称和代码）", "Why (kept; without the subject)"),
    "next": ("下一步：签署", "Next: sign"),
    "missing": ("请选择决定并写明理由。", "Choose a verdict and say why."),
    "sign": ("签署决定", "Sign the decision"),
    "signed-about": ("{subject}：{verdict}。理由：{reason}", "{subject}: {verdict}. {reason}"),
    "sign.lead": (
        (
            "下面是将要签署的全部内容。请用您自己的密钥在自己的电脑上签署，把签名文件交到这里；"
            "私钥不要放到这台服务器或网页上。"
        ),
        (
            "This is all that is signed. Sign it with your own key on your own machine and hand "
            "the note in here; no private key belongs on this server."
        ),
    ),
    "sign.plain": (
        "请再看一遍。本节点没有登记人员密钥：以您的账号提交，不用签名文件。",
        "Look at it once more. This node has no keys of persons: your account is your word.",
    ),
    "bytes": ("签署内容", "What is signed"),
    "download": ("下载待签内容", "Download what is signed"),
    "command": (
        "或者在您的电脑上用一条命令签署（内容相同，时间以签署时为准）：",
        "Or sign by one command on your machine (the same words, at the time of signing):",
    ),
    "note": ("签名文件", "Signed note"),
    "paste": ("或粘贴签名文件的全文", "or paste the whole note"),
    "hand-in": ("提交决定", "Hand the decision in"),
    "done.use": ("已认定，列入已重新判定。", "Used; the listing was judged anew."),
    "done.reject": ("已不予认定。", "Rejected."),
    "done.reopen": ("已重新打开。", "Open again."),
    "done.second": (
        "已记下您的同意；认定还须另一人。",
        "Your word is kept; one more person is needed.",
    ),
}
