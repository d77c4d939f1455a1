"""What an edition may say of matters 事项: checked before it is adopted.

A row that breaks one of these would have no effect (`federation.reconcile.matters`); the edition is
refused, so that nobody believes that it had.

    MA6  a row names no penalty 行政处罚, and no list that an edition has as anything but one of
         severe dishonesty: `catalog.matter-list`
    MA7  a measure that may block is not known as one that never may: of another class than 1, by a
         basis that is no law, administrative regulation or central document, or by a local
         regulation: `catalog.matter-block`. None is of others' choice (class 3): likewise
    MA8  each measure and each list is made by an edition in force together with it (as B5):
         `catalog.ground-missing`; of a measure that an edition of a higher layer names for the
         matter no other list type, no block where it only prompts, and for no more months:
         `catalog.widens`

MA6 and MA7 are asked of an edition by itself when it is read, and beside the others, like MA8, when
it is adopted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from federation.errors import RefusedError
from federation.payloads import Tier
from federation.reconcile.catalog import LAYERS, OF_CHOICE, Edition
from federation.reconcile.matters import (
    BLOCKING_RANKS,
    RIGHTS,
    Matter,
    MatterRow,
    punishes_severely,
)

MATTER_LIST: Final = "catalog.matter-list"
MATTER_BLOCK: Final = "catalog.matter-block"
GROUND_MISSING: Final = "catalog.ground-missing"
WIDENS: Final = "catalog.widens"


def check_matters(edition: Edition, beside: Sequence[Edition]) -> None:
    """Check the rows of an edition's matters for what never has an effect (MA6, MA7).

    Args:
        edition: that would be adopted.
        beside: the editions in force together with it, itself among them.

    Raises:
        RefusedError: `catalog.matter-list`, `catalog.matter-block`; edition, matter, key, value,
            what is expected and what to do.
    """
    for matter, row in _rows(edition):
        for name in sorted(row.list_types):
            tiers = {one.lists[name].tier for one in beside if name in one.lists}
            tier = max(tiers - {Tier.UNSPECIFIED}, default=Tier.SEVERE)
            if not punishes_severely(name, tier):
                raise RefusedError(
                    MATTER_LIST,
                    f"{_place(edition, matter, row)}.list_types: {name}：行政处罚、重点关注名单"
                    "只作备注，不引起措施；应为：严重失信主体名单；请删去此项 / "
                    f"{name} is a penalty or a watch list, which is a note and never a measure; "
                    "expected a list of severe dishonesty; strike it",
                )
        _check_measure(edition, matter, row, beside)


def check_matters_beside(edition: Edition, beside: Sequence[Edition]) -> None:
    """Check the rows of an edition's matters beside the other editions (MA6 to MA8).

    Args:
        edition: that would be adopted.
        beside: the editions in force together with it, itself among them.

    Raises:
        RefusedError: see `check_matters`; `catalog.ground-missing`, `catalog.widens`.
    """
    check_matters(edition, beside)
    measures = {code for one in beside for code, m in one.measures.items() if one.makes(m)}
    lists = {code for one in beside for code, item in one.lists.items() if one.makes(item)}
    for matter, row in _rows(edition):
        place = _place(edition, matter, row)
        missing = [] if row.measure in measures else [f"措施 / measure {row.measure}"]
        missing += [f"名单 / list {name}" for name in sorted(row.list_types - lists)]
        for what in missing:
            raise RefusedError(
                GROUND_MISSING,
                f"{place}: {what}没有依据；事项不设立名单和措施；请先采用设立此项的版本，"
                "或者更正代码 / has no ground: a matter makes no list and no measure; adopt the "
                "edition that has it first, or mend the code",
            )
        for higher in _higher(edition, matter, row, beside):
            wider = [f"list_types {n}" for n in sorted(row.list_types - higher.list_types)]
            wider += ["block true"] if row.block and not higher.block else []
            longer = 0 < higher.block_months < row.block_months
            wider += [f"block_months {row.block_months}"] if longer else []
            named = "、".join(sorted(higher.list_types))
            for what in wider:
                raise RefusedError(
                    WIDENS,
                    f"{place}: {what} 超出上一层版本对本事项的规定；应为：其所列名单之内，"
                    "上一层只提示的不得拦截，拦截不得更久；请改小，或者删去此项 / widens what a "
                    f"higher layer says of this matter; expected lists among {named}, and no "
                    "block where it only prompts, nor a longer one; narrow it or leave it out",
                )


def _check_measure(
    edition: Edition, matter: Matter, row: MatterRow, beside: Iterable[Edition]
) -> None:
    made = [m for one in beside for c, m in one.measures.items() if c == row.measure]
    for measure in made:
        classed, ranked = measure.measure_class, measure.basis_rank
        wrong: list[tuple[str, str]] = []
        if classed == OF_CHOICE:
            wrong.append((f"{row.measure}: measure_class {classed}", "1、2"))
        if row.block and classed not in (0, RIGHTS):
            wrong.append((f"block true, measure_class {classed}", f"measure_class {RIGHTS}"))
        if row.block and (measure.regulation or (ranked and ranked not in BLOCKING_RANKS)):
            found = "regulation" if measure.regulation else str(ranked)
            wrong.append((f"block true, {found}", "、".join(sorted(BLOCKING_RANKS))))
        for found, expected in wrong:
            raise RefusedError(
                MATTER_BLOCK,
                f"{_place(edition, matter, row)}: {found}；应为：{expected}。拦截只可用于一类措施，"
                "且依据为法律、行政法规或者党中央、国务院文件；三类措施由有关主体自主决定，不在此实施；"
                f"请改为提示（block: false），或者删去此项 / got {found}; expected {expected}: "
                "only a measure of class 1 by law, administrative regulation or central document "
                "blocks, one of class 3 never follows; let it prompt, or strike it",
            )


def _rows(edition: Edition) -> Iterator[tuple[Matter, MatterRow]]:
    for matter in edition.matters.values():
        for row in matter.rows:
            yield matter, row


def _higher(
    edition: Edition, matter: Matter, row: MatterRow, beside: Iterable[Edition]
) -> Iterator[MatterRow]:
    """What editions of higher layers say of a measure in the same matter."""
    above = LAYERS[: LAYERS.index(edition.layer)]
    for one in beside:
        if one.layer in above and matter.code in one.matters:
            yield from (r for r in one.matters[matter.code].rows if r.measure == row.measure)


def _place(edition: Edition, matter: Matter, row: MatterRow) -> str:
    return f"{edition.id}: matters.{matter.code}.rows.{row.measure}"
