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
    "all": ("全部待核", "all that wait"),
    "settled": ("{who} 于 {at} 决定", "decided by {who}, {at}"),
    "filter": ("筛选", "Filter"),
    "none": ("暂无待核案件。", "No case waits."),
    "none.found": ("没有符合的案件。", "No such case."),
    "none.waits": ("没有。", "None."),
    "sought": ("名称、代码或文书号", "Name, code or document"),
    "sought.hint": ("写一部分即可", "a part is enough"),
    "list.any": ("全部名单", "any list"),
    "back.all": ("看全部待核案件", "All cases that wait"),
    "search.on": ("接着找", "Look further"),
    "age": ("已等", "Waits"),
    "age.days": ("{n} 个工作日", "{n} working days"),
    "age.unknown": ("工作日数未知", "working days unknown"),
    "age.since": ("自 {day}", "since {day}"),
    "age.long": ("等候较久", "long"),
    "waits.second": ("待第二人确认的决定", "Decisions that wait for a second person"),
    "waits.second.lead": (
        "已有一人同意认定，还须另一人；在此之前不采取任何措施。后办的在前。",
        "One person said use; nothing follows until another one does. The last one first.",
    ),
    "waits.letter": ("待签发的决定书", "Decisions to be issued"),
    "waits.letter.lead": (
        "已经决定、决定书还没有文号的案件：由负责人签发，即在“公文”里登记。后决定的在前。",
        (
            "Decided, and the letter has no number yet: who is in charge issues it, and it is "
            "entered among the letters. The last one first."
        ),
    ),
    "issue": ("签发", "Issue"),
    "several": ("一起看所选的几件", "Look at those chosen together"),
    "several.hint": ("一次至多 {n} 件", "{n} at most"),
    "several.title": ("一起看 {n} 件", "{n} cases together"),
    "several.lead": (
        "每一件都完整列在下面。逐件看过后，可以用同一理由作同一决定；有一件不同的，单独办理。",
        (
            "Each stands here whole. Once you have read each, one reason and one verdict may be "
            "given for all; settle by itself the one that differs."
        ),
    ),
    "several.signed": (
        "本节点登记了人员密钥：每一件的决定各签一次，请从下面逐件办理。",
        "This node has keys of persons: each decision is signed by itself. Go on from each below.",
    ),
    "several.unlike": (
        "所选的案件停在不同的规则，理由不会相同：请从下面逐件办理。",
        "They are held by different rules, for which no one reason holds: go on from each below.",
    ),
    "several.nothing": (
        "所选的案件没有您现在都能作的决定：请从下面逐件办理。",
        "There is no verdict that you may give of all of them: go on from each below.",
    ),
    "several.missing": (
        "请选择决定，写明理由，并勾选每一件都已看过。还没有提交。",
        "Choose a verdict, say why, and tick that you have read each. Nothing was handed in.",
    ),
    "several.alone": ("单独办理这一件", "Settle this one by itself"),
    "several.decide": ("对这 {n} 件作同一决定", "One verdict for these {n}"),
    "several.seen": ("上面 {n} 件我都逐件看过", "I have read each of the {n} above"),
    "several.hand-in": ("提交这 {n} 件的决定", "Hand in the decisions about these {n}"),
    "several.done": (
        "{all} 件中 {n} 件已提交；各件结果见下。",
        "{n} of {all} were handed in; what became of each stands below.",
    ),
    "subject": ("主体", "Subject"),
    "list": ("名单", "List"),
    "from": ("来自", "From"),
    "from-day": ("来自、决定日期", "From, decided on"),
    "yours": ("等您确认：{who} 已同意认定", "waits for you: {who} said use"),
    "next-case": ("办下一件", "The next case"),
    "todo.identity.subject-unknown": (
        (
            "按名称向主体登记地的登记机关核对；代码有误或不全的，请列入地更正（须另行联系，理由不会发给"
            "对方）。法人库更新或对方更正后，系统自动重新判定。"
        ),
        (
            "Ask the registration office where the subject is registered, by the name; where the "
            "code is wrong or short, the other city corrects it (ask it, your reason is "
            "not sent). It is judged anew once the library or the listing changes."
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
    "todo.catalog.list-unknown": (
        "如果本地有同一个名单、只是代码不同，在下面选定并提出目录版本；没有的，不必办理。",
        "Where it is a list of ours under another code, say which below; else nothing is to do.",
    ),
    "todo.catalog.authority-not-named": (
        "对照名单的正式文本：确由此单位认定的，在下面提出目录版本；不是的，不必办理。",
        "Compare the official text: where this authority may, propose an edition below.",
    ),
    "todo.catalog.list-unconfirmed": (
        "对照正式文本核对目录中的这个名单，在目录版本页确认该条目；确认后自动重新判定。",
        "Compare the entry with the official text and confirm it on the page of editions.",
    ),
    "todo.catalog.ground-missing": (
        "采用设立此名单的国家版本，或写明地方性法规的省级版本；没有这样的规定，此名单不得使用。",
        "Adopt the edition, of the nation or with a province's regulation, that makes the list.",
    ),
    "todo.catalog.list-not-in-force": (
        "决定之日规定不在施行期内：请列入地撤销；目录的起止日期有误的，采用更正的版本。",
        "Its rule was not in force that day: the other city withdraws, or our dates are mended.",
    ),
    "todo.catalog.subject-kind": (
        "名单适用于哪类主体由其规定而定：请列入地核对；目录有误的，采用更正的版本。",
        "Its text says for whom it is: the other city checks, or an edition mends our catalog.",
    ),
    "todo.commendation.list-unknown": (
        "如果本地有同一个守信名单、只是代码不同，在下面选定并提出目录版本；没有的，不认定。",
        "Where it is a list of the trustworthy of ours under another code, say which below.",
    ),
    "todo.commendation.list-punishes": (
        "对方把失信名单当作守信报送：请列入地更正；本地目录不必改。",
        "The other city sent it under a list of those who are punished: it corrects that.",
    ),
    "todo.commendation.grade-unknown": (
        "采用写明此评价办法及其等级的目录版本，等级之间如何对应由该版本规定。",
        "Adopt an edition that has this method and its grades, and says how they compare.",
    ),
    "todo.commendation.validity-missing": (
        "请列入地补写有效期；补上后自动重新判定。",
        "Ask the other city for the last day; it is judged anew once that is stated.",
    ),
    "todo.commendation.validity-long": (
        "有效期长于目录所定：请列入地核对；目录有误的，采用更正的版本。",
        "Longer than our catalog allows: ask the other city, or an edition mends our catalog.",
    ),
    "todo.period.missing": (
        "请列入地补写公示截止日期；补上后自动重新判定。",
        "Ask the other city for the last day of publication; then it is judged anew.",
    ),
    "todo.period.long": (
        "公示期长于目录所定：请列入地核对；目录的最长期限有误的，采用更正的版本。",
        "Longer than our catalog allows: ask the other city, or an edition mends our catalog.",
    ),
    "todo.identity.attested-differs": (
        "登记地说此代码没有用过这一名称：请列入地核对名称和代码；确为同一主体才认定。",
        "Its region knows no such name of this code: the other city checks both.",
    ),
    "todo.identity.attested-unknown": (
        "登记地没有此代码：请列入地核对代码；更正后自动重新判定。",
        "Its region knows no such code: the other city checks it, and it is judged anew.",
    ),
    "todo.identity.unattested": (
        "登记地还没有答复，系统继续询问；急办的，向登记地电话核实后再决定。",
        "Its region has not answered and is asked again; where it is urgent, call first.",
    ),
    "todo.identity.attestation-old": (
        "核验已过期，系统正在重新核验，不必办理；多少天过期由目录规定。",
        "It is asked again, nothing is to do; for how many days it counts the catalog says.",
    ),
    "todo.identity.subject-ceased": (
        "主体已注销或被承继：核对由谁承担，确应由它承担才认定。",
        "It was cancelled or succeeded: find out who answers for it before you use it.",
    ),
    "todo.identity.name-reused": (
        "同一名称先后有不同主体：按代码核对，确为这一主体才认定。",
        "Different subjects bore this name: go by the code, and use it only if it is this one.",
    ),
    "todo.identity.other-subject": (
        "办事部门认为是另一主体：与部门、列入地核对后再决定。",
        "A department took it for another subject: ask it and the other city first.",
    ),
    "todo.record.conflict": (
        "各来源说法不一：向认定单位核对以何为准，请说错的一方更正。",
        "Its copies contradict each other: ask the authority; who is wrong corrects.",
    ),
    "todo.relief.similar": (
        "可能是已解除的同一记录：对照两份文书；确为另一次认定才认定。",
        "It looks like a record that was relieved: compare both documents first.",
    ),
    "document": ("文书号", "Document"),
    "open": ("办理", "Settle"),
    "look": ("查看", "Look"),
    "catalog-only": ("须改目录", "by the catalog"),
    "catalog-only.why": (
        "这一类只能由目录解决，人不能逐件认定。",
        "This kind is settled by the catalog alone, not case by case.",
    ),
    "catalog-only.open": ("打开目录版本页", "Open the page of editions"),
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
    "library-damaged": ("法人库文件损坏，无法比对", "the library is damaged: not compared"),
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
    "ground": ("列入事由", "Why listed"),
    "basis": ("列入依据", "Legal basis"),
    "record": ("查看整条记录", "The whole record"),
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
    "said.row-named": ("发布前确认该主体使用此名称", "before it was published: the name is right"),
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
    "changed": (
        "此件在您查看之后有了变化，还没有提交。请看清下面的现状，再作决定；您写的理由还在。",
        (
            "The case has changed since you looked, and nothing was handed in. What stands now is "
            "below; your reason is still there."
        ),
    ),
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
    "change": ("修改", "Change it"),
    "then.first": (
        "提交后还须另一人同意，才生效。",
        "Once handed in it waits for another person.",
    ),
    "then.use": (
        "您是第二人：提交后即生效，可据此采取措施。",
        "You are the second person: once handed in it counts, and measures may follow.",
    ),
    "then.reject": ("提交后即生效。", "Once handed in it counts."),
    "then.reopen": (
        "提交后即重新待核，此前所作的决定不再算数。",
        "Once handed in the case is open again; what was decided before counts no more.",
    ),
    "hand-in": ("提交决定", "Hand the decision in"),
    "done.use": ("已认定，列入已重新判定。", "Used; the listing was judged anew."),
    "done.reject": ("已不予认定。", "Rejected."),
    "done.reopen": ("已重新打开。", "Open again."),
    "done.second": (
        "已记下您的同意；认定还须另一人。",
        "Your word is kept; one more person is needed.",
    ),
}
