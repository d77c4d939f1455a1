"""Lists of any length, every subject invented as the demo's are, and how they get into a log."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from adapters.files.listings import FeedContext, ListingReader, ListingRow, read_listings
from adapters.files.mapping import find_mapping
from bench.federations import AUTHORITIES, LIST_TYPE, REGION
from deploy.demo.layouts import LAYOUTS
from deploy.demo.make_lists import cells, good_rows
from deploy.demo.writers import csv_file
from federation.ids import Date, StatementId
from federation.own_log import Draft
from federation.payloads import Audience, Listing
from federation.ports.store import WriteSession
from federation.statements import Kind
from node.app.parts import Parts
from node.app.wiring import build
from node.codec import ProtobufPayloads
from node.log.publisher import Publisher
from node.log.units import Unit
from node.system.entropy import token

UNIT = 1024
TODAY = Date(20261121)


def write_list(path: Path, rows: int) -> None:
    """Write a list file of a court; at most 900,000 rows, more would repeat subjects."""
    layout = replace(LAYOUTS[REGION, LIST_TYPE], rows=rows)
    header = [column for column, _ in layout.columns]
    made = [cells(row, layout) for row in good_rows(REGION, LIST_TYPE, layout, random.Random(rows))]
    path.write_bytes(csv_file(header, made, "utf-8"))


def reader(path: Path, audience: Audience) -> ListingReader:
    """Read a list file as the node's intake does."""
    context = FeedContext(
        audience=audience,
        department="court",
        batch=path.name,
        authorities=AUTHORITIES | {code: code for code in AUTHORITIES.values()},
        today=TODAY,
        term_months=lambda _: 24,
    )
    return read_listings(path, find_mapping(LIST_TYPE), context)


def listings(path: Path, audience: Audience) -> list[Listing]:
    """The listings of a file."""
    rows = (row for row in reader(path, audience) if isinstance(row, ListingRow))
    return [row.listing for row in rows if isinstance(row.listing, Listing)]


def short(listing: Listing) -> Listing:
    """A listing of 350 bytes: what a source gives, without the texts that the mapping adds."""
    return replace(
        listing,
        audience=replace(listing.audience, purposes=listing.audience.purposes[:1]),
        basis="《失信被执行人名单规定》",
        reason="违反财产报告制度",
        exit_path="",
        remedy="",
    )


def many(some: Sequence[Listing], count: int, first: int = 0) -> Iterator[Listing]:
    """`count` listings out of few: each round has other documents, so no record is there twice.

    Args:
        some: listings of different records.
        count: how many to make.
        first: how many were made before.
    """
    for number in range(first, first + count):
        lap, place = divmod(number, len(some))
        listing = some[place]
        yield replace(listing, document=f"{listing.document}-{lap}") if lap else listing


def preload(directory: Path, wanted: Iterable[Listing]) -> None:
    """Publish listings into the log of a node that does not run."""
    encode = ProtobufPayloads().encode
    say(
        directory,
        (
            Draft(kind=Kind.LISTING, statement_id=StatementId(token(16)), payload=encode(listing))
            for listing in wanted
        ),
    )


def say(directory: Path, wanted: Iterable[Draft]) -> int:
    """Publish statements into the log of a node that does not run; how many there were."""
    parts = build(directory)
    go_on(parts)
    rows, said = iter(wanted), 0
    while group := list(islice(rows, UNIT)):
        parts.writer.publish(_unit(group)).result()
        said += len(group)
    parts.writer.close()
    parts.store.close()
    return said


def go_on(parts: Parts) -> None:
    """Let a node publish before any member has answered it; the word counts for a day."""
    publisher = parts.publisher
    if not isinstance(publisher, Publisher):
        raise TypeError(publisher)
    if publisher.waiting is not None:
        parts.writer.submit(lambda: publisher.go_on(["bench"], "")).result()


def _unit(drafts: Sequence[Draft]) -> Unit:
    def said(_session: WriteSession) -> Sequence[Draft]:
        return drafts

    return Unit(drafts=said, record=lambda _session, _placed: None)
