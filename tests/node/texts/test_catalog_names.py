"""Names of lists, by the catalogs of the moment.

Covers node/texts/catalog_names.py.
"""

from __future__ import annotations

from federation.ids import Date
from federation.reconcile.catalog import Catalog
from node.texts.catalog_names import name_of_list
from tests.support.catalogs import catalog_of, edition_text

OWN = "511500-rivers"


def test_a_list_of_a_region_alone_has_its_name_in_its_edition() -> None:
    catalog = catalog_of(edition_text(lists=(OWN,), name="跨界河流名单（演示）"))
    assert name_of_list(catalog, Date(20261129), OWN) == "跨界河流名单（演示）"
    assert name_of_list(catalog, Date(20000101), OWN) == OWN


def test_without_a_catalog_the_program_names_what_it_knows() -> None:
    assert name_of_list(Catalog(()), Date(20261129), "judgment-defaulter") == "失信被执行人名单"
    assert name_of_list(Catalog(()), Date(20261129), OWN) == OWN
