"""What stands already keeps a record from being listed by a draft (L3, L14)."""

from __future__ import annotations

from federation.errors import RefusedError
from federation.facts import PayloadFacts
from federation.life.life import SIMILAR
from node.log.standing import Standing


def check_new(standing: Standing, facts: PayloadFacts) -> None:
    """Refuse to list what is listed, or was relieved.

    Raises:
        RefusedError: `relief.standing`, `record.exists`, `relief.similar`.
    """
    if standing.relieved(facts.key, facts.authority):
        message = "a relief stands for this record; only a RELISTING may list it again"
        raise RefusedError("relief.standing", message)
    if standing.stands(facts.key):
        message = "a listing of this record stands in our log already"
        raise RefusedError("record.exists", message)
    if standing.similar(facts.key):
        message = (
            "a relief stands for a record like this one: all but the spelling of the document "
            "number is equal; expected the number as it was written then, or the word of two "
            "persons: huxin publish FILE --two-records"
        )
        raise RefusedError(SIMILAR, message)
