"""`huxin catalog trust` and `equivalences`: lists of the trustworthy 守信名单, and grades 等级."""

from __future__ import annotations

import json
from typing import Final

from huxin.v1 import catalogs_pb2 as pb

from node.cli import render
from node.cli.client import services
from node.cli.code_tables import Day
from node.cli.language import Language
from node.cli.options import (
    Directory,
    Format,
    LanguageOption,
    OutputFormat,
    node_directory,
)

LISTS: Final = {
    "list_type": ("名单类型", "list type"),
    "name": ("名称", "name"),
    "authority": ("认定单位", "authority"),
    "method": ("评价办法", "method"),
    "longest_months": ("最长有效（月）", "longest (months)"),
    "confirmed": ("已核实", "confirmed"),
    "editions": ("版本", "editions"),
}
LISTS_UNDER: Final = {"list_type": ("name",), "confirmed": ("editions",)}
METHODS: Final = {
    "method": ("评价办法", "method"),
    "method_edition": ("办法版本", "its edition"),
    "name": ("名称", "name"),
    "scale": ("等级（从优到劣）", "grades, best first"),
    "confirmed": ("已核实", "confirmed"),
    "edition": ("目录版本", "edition"),
}
METHODS_UNDER: Final = {"method": ("name",), "confirmed": ("edition",)}
_TITLES: Final = {"lists": ("守信名单", "lists"), "methods": ("评价等级", "grades")}


EQUIVALENCES: Final = {
    "read": ("外地等级", "grade of another method"),
    "own": ("本地等级", "counts as"),
    "valid_from": ("自", "from"),
    "valid_until": ("至", "until"),
    "lowers": ("放宽", "lowers"),
    "catalog_edition": ("目录版本", "edition"),
}


def equivalences(
    *,
    on: Day = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出等级对照 / As which of one's own grades those of other methods count."""
    with services(node_directory(directory)) as node:
        answer = node.catalogs.ShowCatalog(pb.ShowCatalogRequest(on=on or 0))
    found = json.loads(answer.json)["equivalences"]
    if output is Format.JSON:
        render.write_json(found)
        return
    rows = [
        one
        | {
            "read": f"{one['method']}/{one['edition']} {one['grade']}",
            "own": f"{one['own_method']}/{one['own_edition']} {one['own_grade']}",
        }
        for one in found
    ]
    render.write_table("", render.pick(language, EQUIVALENCES), rows, {"read": ("own",)})


def trust(
    *,
    on: Day = None,
    directory: Directory = None,
    output: OutputFormat = Format.TABLE,
    language: LanguageOption = Language.ZH,
) -> None:
    """列出守信名单与评价等级 / Lists of the trustworthy, and methods of grades."""
    with services(node_directory(directory)) as node:
        answer = node.catalogs.ShowCatalog(pb.ShowCatalogRequest(on=on or 0))
    shown = json.loads(answer.json)
    document = {sort: shown[sort] for sort in ("trust_lists", "grade_methods")}
    if output is Format.JSON:
        render.write_json(document)
        return
    titles = render.pick(language, _TITLES)
    lists, methods = render.pick(language, LISTS), render.pick(language, METHODS)
    render.write_table(titles["lists"], lists, document["trust_lists"], LISTS_UNDER)
    render.write_table(titles["methods"], methods, document["grade_methods"], METHODS_UNDER)
