"""Operations about the catalog: what is in force, its deadlines and matters, what waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from huxin.v1 import catalogs_pb2 as pb

from node.documents import answers
from node.web import parameters
from node.web.bodies import Field
from node.web.messages import message
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, record

_ON: Final = parameters.day("on", "某日，缺省为今日", "on a day; today where absent")
_LIST: Final = parameters.code("list_type", "unpaid-migrant-wages", "名单代码", "code of a list")
_ROWS: Final[Schema] = {"type": "object"}


def _shown(rpc: str, kind: type[Any]) -> Callable[[Ask, Said], object]:
    """Serve what is shown of a day."""

    def serve(ask: Ask, said: Said) -> object:
        return answers.document(ask.one(rpc, message(kind, **said)))

    return serve


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
                "without_ground": array(_ROWS, "没有依据", "without a ground"),
            },
            "unconfirmed",
            "without_ground",
        ),
    ),
)
