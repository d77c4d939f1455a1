"""What a row of a list says, as bytes from which its tag is made.

Not protobuf: its serialisation may differ between versions of the library, and then every row of
every feed would seem to have changed. What came later is there only where it is stated, for the
same reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from federation.payloads import Commendation, Commitment, Listed, Listing, Penalty


def listing_content(listing: Listed) -> bytes:
    """Canonical bytes of what a row says, without batch, row number and audience."""
    if isinstance(listing, Penalty):
        return _penalty_content(listing)
    if isinstance(listing, Commendation):
        return _commendation_content(listing)
    subject = listing.subject
    return joined(
        subject.scheme,
        subject.code,
        subject.name,
        str(int(subject.kind)),
        listing.list_type,
        str(int(listing.tier)),
        listing.authority,
        listing.authority_name,
        listing.document,
        listing.document_type,
        str(listing.decided_on),
        str(listing.listed_on),
        str(listing.prior_notice_on),
        listing.basis,
        listing.reason,
        listing.exit_path,
        listing.remedy,
        str(listing.publish_shortest_months),
        str(listing.publish_longest_months),
        str(listing.publish_until),
        *listing.measures,
        *[f"{int(one.kind)}/{one.months}" for one in listing.exits],
        *_later(listing),
    )


def _later(listing: Listing) -> Iterator[str]:
    said = listing.prior_notice_attested
    if said is not None:
        days = f"{said.decided_from}-{said.decided_to}"
        yield f"attested/{said.authority}/{said.document}/{said.scope}/{days}"
    if listing.notice_number or listing.notice_served_on:
        yield f"served/{listing.notice_number}/{listing.notice_served_on}"


def _penalty_content(penalty: Penalty) -> bytes:
    subject = penalty.subject
    return joined(
        subject.scheme,
        subject.code,
        subject.name,
        str(int(subject.kind)),
        penalty.list_type,
        penalty.authority,
        penalty.authority_name,
        penalty.document,
        penalty.violation_type,
        penalty.facts,
        penalty.basis,
        penalty.content,
        str(penalty.fine),
        str(penalty.confiscated),
        penalty.licence,
        str(penalty.decided_on),
        str(penalty.valid_until),
        str(penalty.publish_until),
        str(int(penalty.grade)),
        str(int(penalty.procedure)),
        penalty.data_source,
        penalty.notice_number,
        str(penalty.notice_served_on),
        *penalty.categories,
    )


def _commendation_content(award: Commendation) -> bytes:
    subject = award.subject
    return joined(
        subject.scheme,
        subject.code,
        subject.name,
        str(int(subject.kind)),
        award.list_type,
        award.grade,
        award.authority,
        award.authority_name,
        award.document,
        str(award.decided_on),
        str(award.valid_until),
        award.basis,
        award.grade_method,
        award.grade_edition,
    )


def commitment_content(said: Commitment) -> bytes:
    """Canonical bytes of what a row of commitments says besides what names it."""
    return joined(
        said.subject.name,
        said.text,
        str(said.due_on),
        str(said.performed),
        str(said.performed_on),
    )


def joined(*parts: str) -> bytes:
    """Join texts so that different ones never give the same bytes: each after its length."""
    woven = [""] * (2 * len(parts))
    woven[::2] = map(_length_of, map(len, parts))
    woven[1::2] = parts
    return "".join(woven).encode()


class _Lengths(dict[int, str]):
    """Lengths as they stand before a text, made when one is met: twice as fast as formatting."""

    def __missing__(self, length: int) -> str:
        text = f"{length}:"
        if len(self) < _LENGTHS_MAX:
            self[length] = text
        return text


_LENGTHS_MAX: Final = 4096
_length_of: Final = _Lengths().__getitem__
