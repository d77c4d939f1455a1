"""What people and departments are shown of a statement, as a node holds it."""

from __future__ import annotations

from dataclasses import dataclass

from federation.ids import NO_STATEMENT, Date, Origin, StatementId, Timestamp
from federation.payloads import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A field of a record that another copy states, and not the one that counts."""

    field: str
    value_json: str
    """What the other copy says."""
    origin: Origin
    statement_id: StatementId


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCosigned:
    """The checkpoint by which others saw a statement, and when (SPEC §3.5)."""

    size: int
    time: Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBy:
    """What another member's receipt says of one of our statements; nothing from who is silent."""

    origin: Origin
    city: str = ""
    """The member's name by the charter."""
    outcome: int = 0
    """`receipts.ReceiptOutcome`, also one that this reader does not know; 0 where nothing was
    said."""
    reason: str = ""
    at: Timestamp = Timestamp(0)
    """When it was said, by the speaker's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedBy:
    """The relief that ended a listing."""

    statement_id: StatementId
    kind: int
    origin: Origin
    city: str = ""
    authority: str = ""
    document: str = ""
    """Empty where its opening is not held."""
    decided_on: Date = Date(0)
    issued_at: Timestamp = Timestamp(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """A statement with its state; texts are empty and dates 0 where nothing is known.

    Unlike rows, views hold subjects in clear: they are built for one answer and never stored.
    """

    statement_id: StatementId
    kind: int
    """Code of the kind, also of one that this reader does not know."""
    action: int = 0
    about: StatementId = NO_STATEMENT
    origin: Origin
    index: int
    list_type: str = ""
    subject: Subject | None = None
    """None once erased, where the opening is not held, and for kinds that have none."""
    authority: str = ""
    authority_name: str = ""
    document: str = ""
    decided_on: Date = Date(0)
    publish_until: Date = Date(0)
    state: str
    """Lower case with hyphens: active, masked, paused, repaired, withdrawn, expired, held,
    rejected, set-aside; in-force or superseded for what is no listing."""
    annotations: tuple[str, ...] = ()
    rule: str = ""
    """Stable code of the rule behind the state."""
    payload_json: str = ""
    """The whole payload, where one record is asked for and its opening is held."""
    issued_at: Timestamp = Timestamp(0)
    repair_possible: tuple[str, ...] = ()
    """By which ways, and from when, the subject of a standing listing may ask for repair, in
    Chinese, where one record is asked for (`federation.relief.exits`)."""
    completed: tuple[Completion, ...] = ()
    """What other copies of the record add, where one record is asked for."""
    first_cosigned: FirstCosigned | None = None
    """Of a relief or receipt the checkpoint that shows by when it was said, where one is kept and
    one record is asked for."""
    told_by: tuple[ToldBy, ...] = ()
    """Of our own statements what other members said of them last, where one record is asked for."""
    ended_by: EndedBy | None = None
    """Of a relieved listing what ended it, where one record is asked for."""
    city: str = ""
    """Name of the member whose log this is, by the charter."""
    meaning: str = ""
    """Of scenarios and recognitions what they mean, in Chinese."""
