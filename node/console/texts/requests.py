"""Texts of the page of requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("转办", "Requests"),
    "lead": (
        "异议和修复申请转到认定方，答复转回来；逾期的标红。",
        "Objections and applications go to who listed, and answers come back; late ones are red.",
    ),
    "new": ("转出一件", "Forward one"),
    "new.lead": (
        "外地列入的主体在本市提出的异议或修复申请，转交认定方办理；期限从收到之日起算。",
        "What a firm that another city listed hands in here; time runs from the day it came in.",
    ),
    "show.open": ("未办结", "open"),
    "show.all": ("全部", "all"),
    "none": ("暂无转办。", "There is none."),
    "what": ("事项", "What"),
    "between": ("转出 → 认定方", "From → to"),
    "side.answer": ("由本地答复", "to be answered here"),
    "side.sent": ("由本地转出", "forwarded from here"),
    "received": ("收到日期", "Received on"),
    "due": ("办结期限", "To be answered by"),
    "accept-due": ("受理期限", "To be accepted by"),
    "state": ("状态", "State"),
    "overdue": ("逾期：{what}", "overdue: {what}"),
    "look": ("查看", "Look"),
    "back": ("返回转办", "Back to the requests"),
    "statement": ("列入的声明编号（32 位）", "Id of the listing (32 digits)"),
    "statement.hint": (
        "从“记录”里那条列入的页面转出，编号自动填好。",
        "Forward it from the page of the listing under Records: the id is filled in there.",
    ),
    "receipt": ("本地收文号", "Number of the receipt"),
    "text": ("申请内容", "What is asked"),
    "send": ("下一步：核对", "Next: look again"),
    "sure": ("核对后转出", "Look again, then forward"),
    "sure.lead": (
        "还没有转出。请核对是不是这一家、内容有没有写错；转出后写入日志，不可收回，只能撤回办理。",
        "Nothing is forwarded yet. Is it this firm, and is all right? What is forwarded stays.",
    ),
    "sure.send": ("确认转出", "Forward it"),
    "sure.change": ("返回修改", "Go back and change"),
    "sure.personal": (
        "里面像是有电话或证件号码：办理不需要的，请返回修改，把它删去。内容由双方留存。",
        "It seems to have a telephone or identity number: take it out unless it is needed.",
    ),
    "subject": ("主体", "Subject"),
    "to": ("转给", "Goes to"),
    "authority": ("认定单位", "Authority"),
    "decision": ("认定文书号", "Number of the listing's decision"),
    "told.statement": (
        "“列入的声明编号”应为 32 位十六进制数字，请从“记录”里那条列入的页面转出。",
        "The id of a listing has 32 digits, 0-9 and a-f: forward from the page of the record.",
    ),
    "number": ("转办编号", "Number"),
    "listing": ("列入", "Listing"),
    "answers": ("答复", "Answers"),
    "unanswered": ("还没有答复。", "No answer yet."),
    "answer": ("办理", "Answer"),
    "verdict.received": ("收到", "received"),
    "verdict.accepted": ("受理", "accepted"),
    "verdict.granted": ("支持", "granted"),
    "verdict.refused": ("不予支持", "refused"),
    "verdict.withdrawn": ("撤回", "withdrawn"),
    "granting": (
        (
            "支持的：选方式，填决定文书号和日期，提交即发布，不可收回；已另行发布的，只填其声明编号。"
            "不予支持的：选理由。"
        ),
        (
            "Granting publishes the relief for good: say how, document and day; or the id of the "
            "statement that said it before. Refusing needs a reason."
        ),
    ),
    "how": ("支持的方式", "Granted by"),
    "document": ("决定文书号", "Number of the decision"),
    "decided": ("决定日期", "Decided on"),
    "result": ("已发布的声明编号", "Statement that was said before"),
    "reason": ("不予支持的理由", "Why it is refused"),
    "hand-in": ("提交办理", "Hand in"),
    "done.sent": ("已转出。", "Forwarded."),
    "done.answered": ("已答复。", "Answered."),
}
