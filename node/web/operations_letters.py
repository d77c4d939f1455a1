"""Operations about the register of letters 发文登记簿: numbers, and who issued what."""

from __future__ import annotations

from typing import Final

from huxin.v1 import letters_pb2 as pb

from federation.letters import LetterKind
from node.documents import answers
from node.web import parameters
from node.web.bodies import Field
from node.web.messages import NOTE, message, paged
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, number, record, text

_LETTER: Final[Schema] = record(
    {
        "kind": text("公文种类", "kind of the letter"),
        "about": text("所涉事项的编号", "id of what it is about"),
        "number": text("文号；未签发为空", "its number; empty: not issued"),
        "issuer": text("发文机关；未配置为空", "who issues letters here; or empty"),
        "dated": number("签发日 YYYYMMDD；未签发为 0", "day of issue; 0: not issued"),
        "numbered_here": {
            "type": "boolean",
            "description": "节点是否编号 / whether the node gives numbers to this kind",
        },
        "handled": array(
            {"type": "object"},
            "经办、审核、签发：姓名、单位、岗位、时间",
            "who prepared, reviewed, issued it: name, unit, post, time",
        ),
    },
    *("kind", "about", "number", "issuer", "dated", "handled"),
)
_KIND: Final = parameters.words("kind", tuple(LetterKind), "公文种类", "kind", required=True)
_ABOUT: Final = parameters.Parameter(
    name="about",
    zh="声明、专项或目录版本的编号",
    en="id of a statement, a campaign or an edition",
    form="[0-9a-f]{32}(?:-[1-9][0-9]?)?|[1-9][0-9]{0,5}|[a-z][a-z0-9.-]{0,63}",
    sample="4d1f0c7be12a3d4e6f8091a2b3c4d5e6",
    required=True,
)
"""No code and no name of a subject has one of these forms."""


def _list(ask: Ask, said: Said) -> object:
    page = ask.one("Letters/ListLetters", message(pb.ListLettersRequest, **paged(said)))
    return answers.page("letters", page.letters_json, page.next_page_token)


def _get(ask: Ask, said: Said) -> object:
    asked = pb.GetLetterRequest(kind=said["kind"], about=said["about"])
    return answers.document(ask.one("Letters/GetLetter", asked))


def _issue(ask: Ask, said: Said) -> object:
    asked = pb.IssueLetterRequest(
        kind=said["kind"],
        about=said["about"],
        number=said.get("number", ""),
        person=said["person"],
        note=said.get("note", ""),
    )
    return answers.document(ask.one("Letters/IssueLetter", asked))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/letters",
        name="listLetters",
        zh="发文登记簿，新的在前",
        en="The register of letters, the newest first",
        rpcs=("Letters/ListLetters",),
        serve=_list,
        answer=record(
            {
                "letters": array(_LETTER, "公文", "letters"),
                "next_page_token": text("下一页的标记；最后一页为空", "of the next page; or empty"),
            },
            "letters",
            "next_page_token",
        ),
        query=parameters.PAGED,
    ),
    Operation(
        method="GET",
        path="/v1/letters/{kind}/{about}",
        name="getLetter",
        zh="一件公文的文号、签发日和办理人",
        en="One letter: its number, day, and who had a hand in it",
        rpcs=("Letters/GetLetter",),
        serve=_get,
        answer=_LETTER,
        place=(_KIND, _ABOUT),
    ),
    Operation(
        method="POST",
        path="/v1/letters/{kind}/{about}:issue",
        name="issueLetter",
        zh="签发一件公文：登记文号和签发人；重发即得同一文号",
        en="Issue a letter: its number and who issued it are kept; the same again gives the same",
        rpcs=("Letters/IssueLetter",),
        serve=_issue,
        answer=_LETTER,
        place=(_KIND, _ABOUT),
        body=(
            Field(name="person", zh="签发人姓名", en="who issues it", example="张某（演示）"),
            Field(
                name="number",
                zh="文号，缺省由节点编下一号",
                en="its number; else the node gives the next one",
                required=False,
                example="泸信办〔2026〕12号",
            ),
            NOTE,
        ),
    ),
)
