"""Operations about notices 属地通报: the list, one, its letters, and reminders kept."""

from __future__ import annotations

from typing import Any, Final

from huxin.v1 import notices_pb2 as pb

from federation.letters import LetterKind
from node.documents import answers
from node.texts.fields import STATES
from node.texts.letters import DOCX
from node.web import parameters
from node.web.letters import REGISTER, content, given
from node.web.messages import message, statement
from node.web.operations import Ask, Content, Operation, Said
from node.web.schemas import Schema, array, number, record, text

_STATES: Final = tuple(state for state in STATES if state not in ("in-force", "superseded"))
"""Of what lists somebody."""
_NOTICE: Final[Schema] = record(
    {
        "statement_id": text("声明编号", "id of the listing"),
        "position": text("变动位置", "position of its last change"),
        "city": text("列入地", "where it was listed"),
        "list_type": text("名单", "list"),
        "state": text("状态", "state"),
        "repair_from": number("可申请修复之日；未写明为 0", "day from which repair may be asked"),
        "reminder_due": text("应提醒的事由；无为空", "of what it is to be reminded; or empty"),
    },
    *("statement_id", "position", "city", "list_type", "state"),
)


def _list(ask: Ask, said: Said) -> object:
    page = ask.one("Notices/ListNotices", message(pb.ListNoticesRequest, **said))
    found = answers.page("notices", page.notices_json, page.next_page_token)
    return found | {"position": page.position}


def _get(ask: Ask, said: Said) -> dict[str, Any]:
    asked = pb.GetNoticeRequest(statement_id=statement(said))
    return answers.document(ask.one("Notices/GetNotice", asked))


def _letter(ask: Ask, said: Said) -> Content:
    from node.notices.letters import notice_letter, reminder_letter  # noqa: PLC0415 - python-docx

    found = _get(ask, said)
    reminds = said.get("kind") == "reminder"
    kind = LetterKind.REMINDER if reminds else LetterKind.NOTICE
    office = given(ask, kind, found["statement_id"])
    made = reminder_letter(found, office) if reminds else notice_letter(found, office)
    return content(made, found["statement_id"])


def _remind(ask: Ask, said: Said) -> object:
    asked = pb.RemindNoticesRequest(statement_ids=[statement(said)])
    (found,) = answers.rows(ask.one("Notices/RemindNotices", asked).notices_json)
    return found


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/notices",
        name="listNotices",
        zh="属地通报：本地主体在外地的列入，按变动先后",
        en="Listings of others about subjects registered here, in the order of their changes",
        rpcs=("Notices/ListNotices",),
        serve=_list,
        answer=record(
            {
                "notices": array(_NOTICE, "属地通报", "notices"),
                "next_page_token": text("下一页的标记；最后一页为空", "of the next page; or empty"),
                "position": text(
                    "已读到的位置，下次作 page_token；空页也有",
                    "up to where it was read, a page_token for later; of an empty page as well",
                ),
            },
            "notices",
            "next_page_token",
            "position",
        ),
        query=(
            parameters.words("state", _STATES, "状态", "state"),
            parameters.flag("due", "只列应提醒的", "only those to be reminded"),
            *parameters.PAGED,
        ),
    ),
    Operation(
        method="GET",
        path="/v1/notices/{statement_id}",
        name="getNotice",
        zh="一件属地通报",
        en="One notice",
        rpcs=("Notices/GetNotice",),
        serve=_get,
        answer=_NOTICE,
        place=(parameters.statement_id(),),
    ),
    Operation(
        method="GET",
        path="/v1/notices/{statement_id}/letter",
        name="getNoticeLetter",
        zh="属地通报函或失信提醒函，DOCX，留出文号和印章",
        en="The letter to who looks after the subject, or to it itself; room for number and seal",
        rpcs=("Notices/GetNotice", REGISTER),
        serve=_letter,
        answer={},
        place=(parameters.statement_id(),),
        query=(
            parameters.words(
                "kind",
                ("notice", "reminder"),
                "通报函或提醒函，缺省为通报函",
                "which letter; the notice where absent",
            ),
        ),
        media=DOCX,
    ),
    Operation(
        method="POST",
        path="/v1/notices/{statement_id}:remind",
        name="remindNotice",
        zh="记下该主体已提醒；无须提醒的拒绝",
        en="Keep that its subject was reminded; refused where nobody is to be",
        rpcs=("Notices/RemindNotices",),
        serve=_remind,
        answer=_NOTICE,
        place=(parameters.statement_id(),),
        body=(),
    ),
)
