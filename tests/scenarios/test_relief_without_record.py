"""A relief whose origin has lost the listing's opening: it ends what it names, and its record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import Relief
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import AnnotationAction, Kind
from node.upkeep.scrub import forget_openings
from tests.support.liar import records_of
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
ORIGIN, OTHER = "510300", "510500"


def lose(node: SimNode, statement_id: bytes) -> None:
    """Lose the opening of a statement of our own, as on a damaged disk."""
    with node.store.write() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        (head,) = [head for head in session.heads() if head.log == row.log]
        forget_openings(session, node.ledger, head, [row.idx])
    row = _row(node, statement_id)
    assert (row.opening, row.record_tag) == (OpeningStatus.PENDING, None)


def _row(node: SimNode, statement_id: bytes) -> StatementRow:
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
    return row


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL])
def test_holders_of_the_opening_form_the_key(federate: Federate, kind: Kind) -> None:
    federation = federate(ORIGIN, OTHER)
    origin, other = federation[ORIGIN], federation[OTHER]
    listed = origin.list_(listing(1, audience=origin.audience()))
    copy = other.list_(listing(1, audience=other.audience()))
    untouched = other.list_(listing(2, audience=other.audience()))
    federation.connect(ORIGIN, OTHER)
    federation.settle()
    lose(origin, listed)
    relief = origin.relieve(kind, listed)
    with origin.store.read() as session:
        payload = origin.statements.payload(session, origin.origin, _row(origin, relief))
    assert isinstance(payload, Relief)
    assert payload.record is None
    federation.settle()
    ended = State.REPAIRED if kind == Kind.REPAIR else State.WITHDRAWN
    assert origin.state(listed) == other.state(listed) == ended
    # What follows the record ends by the key that the opening of the listing gives.
    assert other.state(copy) == ended
    assert other.state(untouched) == State.ACTIVE
    again = other.list_(listing(1, audience=other.audience()))
    assert other.state(again) == ended
    # It can be shown, here and there.
    for node in (origin, other):
        view = records_of(node).get(relief)
        assert view.subject is None
        assert view.state == "in-force"


def test_a_key_from_another_opening_of_the_record_is_no_key(federate: Federate) -> None:
    """Where nobody holds the listing's opening the relief ends the listing that it names alone."""
    federation = federate(ORIGIN, OTHER)
    origin = federation[ORIGIN]
    listed = origin.list_(listing(1, audience=origin.audience()))
    copy = origin.list_(listing(2, audience=origin.audience()))
    lose(origin, listed)
    origin.relieve(Kind.REPAIR, listed)
    assert origin.state(listed) == State.REPAIRED
    assert origin.state(copy) == State.ACTIVE


def test_masking_of_a_lost_record_goes_out_and_its_end_is_refused(federate: Federate) -> None:
    federation = federate(ORIGIN, OTHER)
    origin, other = federation[ORIGIN], federation[OTHER]
    listed = origin.list_(listing(1, audience=origin.audience()))
    federation.connect(ORIGIN, OTHER)
    federation.settle()
    lose(origin, listed)

    def annotate(action: int) -> None:
        submission = origin.registry.annotate(
            origin.tokens(16).hex(),
            statement_id=listed,
            action=action,
            document="",
            decided_on=Date(20261121),
        )
        origin.run(submission.unit)

    annotate(AnnotationAction.MASKING_BEGUN)
    federation.settle()
    assert other.state(listed) == State.MASKED
    (act,) = [row for row in _acts(other, listed) if row.kind == Kind.ANNOTATION]
    assert (act.rule, act.state) == ("", State.IN_FORCE)
    with pytest.raises(RefusedError) as caught:
        annotate(AnnotationAction.MASKING_ENDED)
    assert caught.value.code == "record.pending", "peers are asked for it"
    with origin.store.write() as session:
        (row,) = session.rows_by_id(None, [listed])
        session.replace_rows([row._replace(opening=OpeningStatus.ERASED)])
    with pytest.raises(RefusedError) as caught:
        annotate(AnnotationAction.MASKING_ENDED)
    assert caught.value.code == "record.erased"


def _acts(node: SimNode, statement_id: bytes) -> Sequence[StatementRow]:
    with node.store.read() as session:
        return session.rows_about([statement_id])
