"""Whether a statement that stands says what is asked to be said again under its request's number.

Compared is what who asks has stated (HT16). What the node adds is not: the audience where a draft
names no alliance, the last day where it states none, the record of a relief. The catalog, the
charters and the day may be others by now, and the first answer is due all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from federation.ids import Date
from federation.payloads import (
    Annotation,
    Audience,
    Correction,
    Listing,
    Payload,
    Penalty,
    Relief,
    Relisting,
    RelistingGround,
)

T = TypeVar("T", bound=Payload)


Says = Callable[[Payload], bool]
"""Whether a payload that stands says what is asked."""

_NOBODY: Final = Audience(charters=(), purposes=())
"""In place of an audience that who asks does not state."""


def a_draft(asked: Payload) -> Says:
    """A draft is said, with what the node adds to one."""

    def says(said: Payload) -> bool:
        if isinstance(asked, Correction) and isinstance(said, Correction):
            # Its content goes to whom it goes to itself, whatever the draft names for that.
            content = _completed(replace(asked.payload, audience=_NOBODY), said.payload)
            return _completed(replace(asked, payload=content), said) == said
        return _completed(asked, said) == said

    return says


def a_decision(document: str, decided_on: Date, text: str | None = None) -> Says:
    """A relief or an annotation is by this decision; `text` is None where none is asked."""

    def says(said: Payload) -> bool:
        match said:
            case Relief():
                found = said.reason
            case Annotation():
                found = said.text
            case _:
                return False
        return (said.document, said.decided_on) == (document, decided_on) and text in (None, found)

    return says


def a_relisting(
    document: str, decided_on: Date, ground: RelistingGround, content: Listing | Penalty | None
) -> Says:
    """A relisting is by this decision, and with this content where one is given."""

    def says(said: Payload) -> bool:
        if not isinstance(said, Relisting):
            return False
        if (said.document, said.decided_on, said.ground) != (document, decided_on, ground):
            return False
        return content is None or a_draft(replace(content, audience=_NOBODY))(said.payload)

    return says


def _completed(asked: T, said: Payload) -> T:
    """What is asked, with the audience and the last day of what stands where it states none."""
    given, taken = getattr(asked, "audience", None), getattr(said, "audience", None)
    more: dict[str, Any] = {}
    if isinstance(given, Audience) and isinstance(taken, Audience) and not given.charters:
        more["audience"] = replace(taken, members=given.members or taken.members)
    if isinstance(said, Listing | Penalty) and getattr(asked, "publish_until", None) == 0:
        more |= {"publish_until": said.publish_until, "term": said.term}
    return replace(asked, **more) if more and type(asked) is type(said) else asked
