"""A region that screens: its catalog with a matter, and questions about invented subjects."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from federation.reconcile.catalog import Catalog
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.invented import code_of, name_of

MATTER, BARE, WAITING = "government-funds", "tendering", "honours"
"""A matter with a measure, one without, one that nobody confirmed."""
MEASURE = "limit-funds"


def matters_text(*, suspends: bool = True, lists: tuple[str, ...] = (build.COURT_LIST,)) -> str:
    """An edition whose lists lead to a measure in one matter."""
    document = yaml.safe_load(
        edition_text("matters-2026", lists=lists, name="失信名单（演示）", measures=[MEASURE])
    )
    document["measures"] = {
        MEASURE: {
            "name": "限制政府资金支持",
            "basis": "演示条例",
            "article": "第四十八条",
            "basis_rank": "administrative-regulation",
            "measure_class": 1,
            "certainty": "C",
        }
    }
    row = {"list_types": list(lists), "manner": "提示经办人"}
    document["matters"] = {
        code: {
            "name": f"事项 {code}（演示）",
            "basis": "演示条例",
            "rows": {MEASURE: row} if code != BARE else {},
            "outcome_days": 5,
            "objection_suspends": suspends,
            "certainty": "M" if code == WAITING else "C",
        }
        for code in (MATTER, BARE, WAITING)
    }
    return yaml.safe_dump(document, allow_unicode=True)


@cache
def screening_catalog(*, suspends: bool = True) -> Catalog:
    """The catalog of that edition alone."""
    return catalog_of(matters_text(suspends=suspends))


def asked(number: int = 1, **changed: Any) -> dict[str, Any]:
    """A question about an invented subject."""
    return {
        "request_id": "r-1",
        "matter": MATTER,
        "case_no": "宜财〔2026〕12号",
        "purpose": "joint-punishment",
        "scheme": "uscc",
        "code": code_of(number),
        "name": name_of(number),
    } | changed
