"""Operations about blank tables of lists: the columns that the program reads, and a filled row."""

from __future__ import annotations

from typing import Final

from huxin.v1 import imports_pb2 as pb

from adapters.files.mapping import built_in_mappings
from federation.errors import RefusedError
from node.web import parameters
from node.web.operations import Ask, Content, Operation, Said
from node.web.operations_campaigns import XLSX
from node.web.operations_imports import CSV

_LIST: Final = parameters.code(
    "list_type",
    "unpaid-migrant-wages",
    "名单代码，见 GET /v1/mappings 中程序自带的",
    "code of a list, of GET /v1/mappings those of the program",
    required=True,
)


def _known(ask: Ask, said: Said) -> str:
    """The list that is asked for, by who may see what files are made of.

    Raises:
        RefusedError: `mapping.unknown`.
    """
    ask.one("Imports/ListMappings", pb.ListMappingsRequest())
    known = {one.list_type for one in built_in_mappings().values()}
    if (list_type := said["list_type"]) not in known:
        message = (
            f"程序没有该名单的列 / expected a list of which the program has the columns, one of "
            f"{', '.join(sorted(known))}, got {list_type!r}"
        )
        raise RefusedError("mapping.unknown", message)
    return str(list_type)


def _table(ask: Ask, said: Said) -> Content:
    from node.documents.blank_lists import csv_table  # noqa: PLC0415 - loads all of openpyxl

    list_type, filled = _known(ask, said), bool(said.get("filled"))
    name = f"{list_type}-{'example' if filled else 'blank'}.csv"
    return Content(data=csv_table(list_type, filled=filled), media=CSV, name=name)


def _workbook(ask: Ask, said: Said) -> Content:
    from node.documents.blank_lists import xlsx_table  # noqa: PLC0415 - loads all of openpyxl

    list_type = _known(ask, said)
    return Content(data=xlsx_table(list_type), media=XLSX, name=f"{list_type}-blank.xlsx")


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/lists/{list_type}/table",
        name="getBlankTable",
        zh="一个名单的空白表，CSV：程序所读的列；filled 另有一行填写示例，主体是虚构的",
        en="A blank table of a list, CSV: the columns that the program reads; filled: with one row "
        "of an invented subject",
        rpcs=("Imports/ListMappings",),
        serve=_table,
        answer={},
        place=(_LIST,),
        query=(parameters.flag("filled", "有一行填写示例", "with a row filled in"),),
        media=CSV,
    ),
    Operation(
        method="GET",
        path="/v1/lists/{list_type}/workbook",
        name="getBlankWorkbook",
        zh="一个名单的空白表，XLSX：第一张表填报，第二张是填写示例",
        en="A blank table of a list, XLSX: the first sheet to be filled in, a filled row on the "
        "second",
        rpcs=("Imports/ListMappings",),
        serve=_workbook,
        answer={},
        place=(_LIST,),
        media=XLSX,
    ),
)
