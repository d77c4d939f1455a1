"""Operations about the catalog: what is in force, its deadlines and matters, what waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from huxin.v1 import catalogs_pb2 as pb

from node.documents import answers
from node.web import parameters
from node.web.bodies import Field
from node.web.messages import NOTE, PERSON, SHOWN, message
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, boolean, number, record, text

_ON: Final = parameters.day("on", "某日，缺省为今日", "on a day; today where absent")
_LIST: Final = parameters.code("list_type", "unpaid-migrant-wages", "名单代码", "code of a list")
_ROWS: Final[Schema] = {"type": "object"}
EDITION_MAX: Final = 256 * 1024
"""Characters of an edition that comes over HTTP; a larger one is adopted at the node."""
EDITION_SECONDS: Final = 600.0
"""A dry run judges every listing that is held."""


def _shown(rpc: str, kind: type[Any]) -> Callable[[Ask, Said], object]:
    """Serve what is shown of a day."""

    def serve(ask: Ask, said: Said) -> object:
        return answers.document(ask.one(rpc, message(kind, **said)))

    return serve


def _import(ask: Ask, said: Said) -> object:
    told = ask.many("Catalogs/ImportEdition", message(pb.ImportEditionRequest, **said))
    return json.loads(told[-1].result_json)


def _confirm(ask: Ask, said: Said) -> object:
    ask.one("Catalogs/ConfirmEntries", message(pb.ConfirmEntriesRequest, **said))
    return {"confirmed": len(said["entries"])}


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/catalog",
        name="showCatalog",
        zh="某日有效的目录，或其中一类名单",
        en="The catalog in force on a day, or one list of it",
        rpcs=("Catalogs/ShowCatalog",),
        serve=_shown("Catalogs/ShowCatalog", pb.ShowCatalogRequest),
        answer=record(
            {
                "lists": array(_ROWS, "名单", "lists"),
                "measures": array(_ROWS, "措施", "measures"),
                "sources": array(_ROWS, "数源部门", "source departments of files"),
            }
        ),
        query=(_LIST, _ON),
    ),
    Operation(
        method="GET",
        path="/v1/catalog/deadlines",
        name="showDeadlines",
        zh="某日有效的时限与到期日",
        en="Deadlines in force on a day, with their due dates",
        rpcs=("Catalogs/ShowDeadlines",),
        serve=_shown("Catalogs/ShowDeadlines", pb.ShowDeadlinesRequest),
        answer=record({"deadlines": array(_ROWS, "时限", "deadlines")}, "deadlines"),
        query=(_ON,),
    ),
    Operation(
        method="GET",
        path="/v1/catalog/matters",
        name="showMatters",
        zh="某日的事项与可采取的措施，含未核实的",
        en="Matters of a day with their measures, confirmed or not",
        rpcs=("Catalogs/ShowMatters",),
        serve=_shown("Catalogs/ShowMatters", pb.ShowMattersRequest),
        answer=record({"matters": array(_ROWS, "事项", "matters")}, "matters"),
        query=(_ON,),
    ),
    Operation(
        method="POST",
        path="/v1/catalog:diff",
        name="diffEditions",
        zh="比较两个版本",
        en="What differs between two editions",
        rpcs=("Catalogs/DiffEditions",),
        serve=_shown("Catalogs/DiffEditions", pb.DiffEditionsRequest),
        answer=record({"differences": array(_ROWS, "差异", "differences")}, "differences"),
        body=(
            Field(name="old", zh="版本", en="edition", example="national-2025"),
            Field(name="new", zh="版本", en="edition", example="national-2026"),
        ),
    ),
    Operation(
        method="GET",
        path="/v1/catalog:check",
        name="checkCatalog",
        zh="待核实的条目，没有依据的，将到期的",
        en="What waits for a person, what has no ground, what ends",
        rpcs=("Catalogs/CheckCatalog",),
        serve=_shown("Catalogs/CheckCatalog", pb.CheckCatalogRequest),
        answer=record(
            {
                "unconfirmed": array(_ROWS, "待核实", "not confirmed"),
                "starters": array(
                    {"type": "string"}, "程序自带而未采用的版本", "starter editions not adopted"
                ),
                "without_ground": array(_ROWS, "没有依据", "without a ground"),
            },
            "unconfirmed",
            "without_ground",
        ),
    ),
    Operation(
        method="POST",
        path="/v1/catalog:import",
        name="importEdition",
        zh="试行一个版本，不作更改；给出两人及其签署即采用，全部列入重新核对",
        en="Try an edition, nothing changes; with two persons and their word it takes effect, and "
        "all listings are judged anew",
        rpcs=("Catalogs/ImportEdition",),
        serve=_import,
        answer=record(
            {
                "edition": text("版本代码", "its code"),
                "differences": array(_ROWS, "与所替换版本的差异", "what differs from before"),
                "changes": array(_ROWS, "列入的处理将如何变化", "what becomes of listings"),
                "body": text(
                    "采用时签署的内容（huxin/person/v1 的第五行）",
                    "what persons sign to adopt it: the fifth line of huxin/person/v1",
                ),
                "shown": text(
                    "所比较的现行目录，采用时带回",
                    "the catalog that it was compared with; given back to adopt it",
                ),
                "adopted": boolean("已采用", "whether it took effect"),
            },
            *("edition", "differences", "changes", "body", "shown", "adopted"),
        ),
        body=(
            Field(
                name="text",
                zh=f"版本的 YAML，至多 {EDITION_MAX} 个字符；或程序自带版本的代码",
                en=f"YAML of an edition, at most {EDITION_MAX} characters; or a starter's code",
                longest=EDITION_MAX,
                example="national-lists-2024",
            ),
            Field(
                name="persons",
                kind="array",
                each="string",
                zh="采用的两人；不给即试行",
                en="two persons who adopt it; a dry run where absent",
                required=False,
                example=["张某（演示）", "李某（演示）"],
            ),
            NOTE,
            SHOWN,
        ),
        body_max=8 * EDITION_MAX,
        seconds=EDITION_SECONDS,
    ),
    Operation(
        method="POST",
        path="/v1/catalog:confirm",
        name="confirmEntries",
        zh="确认条目与正式文本一致，全部列入重新核对",
        en="Say that entries agree with the official text; all listings are judged anew",
        rpcs=("Catalogs/ConfirmEntries",),
        serve=_confirm,
        answer=record({"confirmed": number("已核实的条数", "entries confirmed")}, "confirmed"),
        body=(
            Field(
                name="entries",
                kind="array",
                each="string",
                zh="条目：版本/代码",
                en="entries: edition/code",
                example=["national-lists-2024/judgment-defaulter"],
            ),
            PERSON,
            NOTE,
        ),
    ),
)
