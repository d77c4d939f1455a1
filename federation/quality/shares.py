"""Listed subjects as a share of the base library 失信惩戒对象占市场主体比重: counts, no subject.

SH1 listed is a subject of which a listing is in force on the day, not masked or paused, and
    recognised here; in each list once, and once in the total, however many listings it has
SH2 counted are the subjects of the base library that have neither ceased nor moved away; natural
    persons stand in no base library and are counted nowhere
SH3 the district 区县 is the region of registration that the library states; where it states
    none, characters 3-8 of the code, of the day on which the code was given, and how many
    are counted so is said
SH4 without a base library there are no shares: nothing is known of the whole
SH5 each day is counted once, as it stands when it is first counted; a day that was not counted is
    a gap and is not filled in
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.regions import registered_in

USCC: Final = "uscc"


class Registered(NamedTuple):
    """A subject of the base library that has neither ceased nor moved away."""

    code: str
    region: str
    """Of its registration, as the library states it; empty: it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedShare:
    """How many subjects of a district stand on a list."""

    region: str
    """Empty: all districts."""
    list_type: str
    """Empty: any list, each subject once."""
    listed: int
    subjects: int
    share: float
    by_code: int
    """Of the subjects those whose district only their code says."""


def shares(
    library: Iterable[tuple[Registered, Collection[bytes]]], listed: Mapping[str, Collection[bytes]]
) -> list[ListedShare]:
    """Count, for all districts and each of them, on any list and on each; in their order.

    Args:
        library: the subjects, each with the tags by which listings name it.
        listed: tags of the subjects of listings that count, by list type.
    """
    subjects: Counter[str] = Counter()
    by_code: Counter[str] = Counter()
    on: Counter[tuple[str, str]] = Counter()
    for subject, own in library:
        region = subject.region or registered_in(USCC, subject.code)
        lists = [name for name, tags in listed.items() if any(tag in tags for tag in own)]
        for place in ("", region):
            subjects[place] += 1
            by_code[place] += not subject.region
            for name in ("", *lists) if lists else ():
                on[place, name] += 1
    return [
        ListedShare(
            region=place,
            list_type=name,
            listed=on[place, name],
            subjects=subjects[place],
            share=on[place, name] / subjects[place],
            by_code=by_code[place],
        )
        for place in sorted(subjects)
        for name in ("", *sorted(listed))
    ]
