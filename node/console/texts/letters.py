"""Texts of the register of letters 公文."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("公文", "Letters"),
    "lead": (
        "发文登记簿：已签发的公文，新的在前。公文从各事项的页面出具；编文号、签发在这里登记。",
        "Letters that were issued, newest first: their numbers, and who issued them.",
    ),
    "waiting": ("待签发的决定书", "Decisions to be issued"),
    "none": ("还没有签发过公文。", "No letter was issued yet."),
    "none.next": ("到办理事项的栏目出具：", "They are made where the work is done:"),
    "number": ("文号", "Number"),
    "kind": ("公文", "Letter"),
    "about": ("所涉事项", "About"),
    "about.open": ("查看这一事项", "Look at what it is about"),
    "dated": ("签发日", "Issued on"),
    "issuer": ("发文机关", "Issuer"),
    "handled": ("经办、审核、签发", "Prepared, reviewed, issued"),
    "not-issued": ("尚未签发", "not issued"),
    "nobody": ("尚无记录", "nobody is recorded yet"),
    "open": ("查看", "Open"),
    "back": ("全部公文", "All letters"),
    "make": ("打印（DOCX）", "Print (DOCX)"),
    "make.lead": (
        "核对后打印、用印。没有人给出的要素留空；最后一页办理单由机关存档。",
        "Check it, print it, seal it. What nobody gave is left free; the last sheet stays here.",
    ),
    "issue": ("签发", "Issue"),
    "issue.lead": (
        "登记之后文号不再更改。您是经办人；签发人另有其人的，由其本人签署。",
        "Its number stays once it is kept. You are who prepared it; who issues it signs.",
    ),
    "person": ("签发人", "Who issues it"),
    "number.next": ("文号，留空由节点编下一号", "Number; left free, the node gives the next one"),
    "number.typed": ("文号", "Number"),
    "next": ("下一步：签署", "Next: sign"),
    "sign": ("签发人签署", "Who issues it signs"),
    "sign.lead": (
        "由签发人在自己的电脑上签署下面的内容，再把签名交到这里；节点没有配置签名人的，直接登记。",
        "Who issues it signs these bytes elsewhere; a node without persons takes it unsigned.",
    ),
    "bytes": ("所签内容", "What is signed"),
    "download": ("下载所签内容", "Download what is signed"),
    "command": ("签署命令：", "The command that signs:"),
    "note": ("签名文件", "File of the note"),
    "paste": ("或粘贴签名", "Or paste it"),
    "register": ("登记签发", "Register it"),
    "missing": ("请写明签发人。", "Name who issues it."),
    "done": ("已登记。", "It is kept."),
}
