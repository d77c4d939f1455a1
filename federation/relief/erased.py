"""What a node keeps of a statement whose opening it erased, and reads in its place (SPEC §6.5).

By what it erased a node must not come to another judgement. Of the opening stay keyed tags, dates
and names of leaves; of the judgement what cannot be derived from them: that it was set aside or
held, or ended by a suppression tag alone. With these a row is judged again by the acts that are
held, at every later charter and in every rebuild, as if its opening were still there.
"""

from __future__ import annotations

from federation.ids import Timestamp
from federation.life.life import OPENING_MISSING, STANDING
from federation.life.suppression import RECORD_DIFFERS, SUPPRESSED
from federation.ports.journal import Erased, Kept
from federation.rows import LISTED_KINDS, OpeningStatus, State, StatementRow

_ASIDE = (State.SET_ASIDE, State.HELD)


def kept_of(row: StatementRow) -> Kept:
    """What of a row is kept."""
    return Kept(*(getattr(row, field) for field in Kept._fields))


def erasure(at: Timestamp, row: StatementRow) -> Erased:
    """What the journal says of a row whose opening is erased now."""
    return Erased(
        at=at, log=row.log, index=row.idx, state=row.state, rule=row.rule, kept=kept_of(row)
    )


def erased(row: StatementRow) -> StatementRow:
    """The row of a statement whose opening is erased now; a listing says that it is missing."""
    missing = row.kind in LISTED_KINDS and row.state in STANDING and not row.rule
    return row._replace(
        opening=OpeningStatus.ERASED, audience=None, rule=OPENING_MISSING if missing else row.rule
    )


def read_as_kept(row: StatementRow, kept: Kept) -> StatementRow:
    """A row as its header alone gave it, with what was read before the opening was erased."""
    row = row._replace(
        tag=kept.tag,
        list_type=kept.list_type,
        authority=kept.authority,
        decided_on=kept.decided_on,
        until=kept.until,
        names=kept.names,
    )
    if row.state == State.SET_ASIDE:  # by its header, whatever it held
        return row
    if kept.state in _ASIDE or kept.rule == SUPPRESSED:
        return row._replace(state=kept.state, rule=kept.rule)
    return row._replace(rule=RECORD_DIFFERS) if kept.rule == RECORD_DIFFERS else row
