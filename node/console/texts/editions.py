"""Texts of the page of editions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.console.texts.settings import TEXTS as SETTINGS
from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("目录版本", "Editions"),
    "lead": (
        "先试行，看清差异和影响，再由两人签名采用；现行版本和时限见“设置”。",
        "First tried, then adopted by two persons who sign; what is in force: see Settings.",
    ),
    "try": ("试行", "Try it"),
    "try.title": ("试行一个版本", "Try an edition"),
    "try.hint": (
        "版本文件（YAML，至多 {most} KB），或程序自带、尚未采用的版本。试行不作任何更改。",
        "A file in YAML, at most {most} KB, or an edition of the program. Nothing is changed.",
    ),
    "file": ("版本文件", "File of the edition"),
    "starter": ("或自带版本", "Or an edition of the program"),
    "told.nothing": ("请选择版本文件或自带版本。", "Choose a file, or an edition."),
    "told.too-large": (
        "文件过大，请在节点上办理：huxin catalog import 文件。",
        "Too large: adopt it at the node, huxin catalog import FILE.",
    ),
    "told.not-utf-8": ("文件须为 UTF-8 文本。", "The file is no text in UTF-8."),
    "told.no-entry": ("请勾选要核实的条目。", "Choose the entries that you compared."),
    "tried": ("试行结果：{name}", "Tried: {name}"),
    "tried.lead": (
        "还没有采用。请看清差异和对已收列入的影响。",
        "Nothing is adopted yet: look at what differs, and at what becomes of listings.",
    ),
    "same": ("与现行的同一版本没有差异。", "Nothing differs from what is in force."),
    "change": ("变化", "Change"),
    "entry": ("条目", "Entry"),
    "changes": ("对已收列入的影响", "What becomes of listings"),
    "changes.none": ("没有列入的处理会变化。", "Nothing changes for any listing."),
    "now": ("现在", "Now"),
    "then": ("将成为", "Will be"),
    "outcome": ("处理", "Outcome"),
    "outcome.applied": ("认定", "recognised"),
    "outcome.merged": ("合并", "merged"),
    "outcome.held": ("待核", "held"),
    "outcome.rejected": ("不予认定", "not recognised"),
    "listings": ("条数", "Listings"),
    "text": ("看文本，或在此修改", "Its text, to be read or changed"),
    "text.hint": (
        "改后再试行；签署和采用的就是所试的文本。",
        "Tried again after a change; what was tried is what is signed and adopted.",
    ),
    "text.try": ("按此文本试行", "Try this text"),
    "adopt": ("采用", "Adopt it"),
    "adopt.lead": (
        (
            "采用后全部列入重新核对。两人看过原件，先后在同一签名文件上签名；"
            "私钥不进本页，也不进服务器。"
        ),
        (
            "All listings are judged anew. Both compare it with the original and sign one file, "
            "one after the other; no private key comes here."
        ),
    ),
    "bytes": ("签署的内容", "What is signed"),
    "download": ("下载这段内容", "Download it"),
    "command": (
        "两人先后在自己的电脑上运行，签在同一个签名文件里：",
        "One after the other runs this on the own machine, onto the same note:",
    ),
    "other": ("另一人姓名", "Name of the other person"),
    "note": ("签名文件", "The signed file"),
    "paste": ("或粘贴其内容", "Or its content"),
    "unconfirmed": ("待核实的条目", "Entries to confirm"),
    "unconfirmed.lead": (
        "与正式文本逐条核对后勾选；核实之前不起作用。",
        "Compare each with the official text and choose it; until then it has no effect.",
    ),
    "certainty": ("把握", "Certainty"),
    "certainty.C": ("已对照原文", "read in the text"),
    "certainty.P": ("只见到部分原文", "read in part"),
    "certainty.M": ("未见原文", "not read"),
    "source": ("出处", "Source"),
    "confirm": ("核实所选条目", "Confirm the chosen"),
    "confirm.sign": ("核实：签署", "Confirm: sign"),
    "confirm.lead": (
        "您将确认下列条目与正式文本一致。签名在自己的电脑上做。",
        "You say that these entries agree with the official text; sign on your own machine.",
    ),
    "confirm.command": ("在自己的电脑上运行：", "On your own machine:"),
    "hand-in": ("提交", "Hand it in"),
    "done.adopted": ("已采用，全部列入正在重新核对。", "Adopted; all listings are judged anew."),
    "done.confirmed": ("已核实。", "Confirmed."),
    "back": ("返回目录版本", "Back to the editions"),
    **{key: pair for key, pair in SETTINGS.items() if key.startswith(("sort.", "change."))},
}
