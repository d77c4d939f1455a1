"""What the nodes of a world say: each action publishes one statement at one node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from federation.ids import Date, LeafHash, StatementId
from federation.own_log import Draft
from federation.payloads import (
    Annotation,
    Benefit,
    Correction,
    Payload,
    Recognition,
    Reference,
    Relisting,
    RelistingGround,
    Scenario,
    SubjectKind,
)
from federation.statements import (
    FLAG_SUSPEND_IF_UNKNOWN,
    AnnotationAction,
    Kind,
    RecognitionAction,
    ScenarioAction,
)
from tests.simulation.model import RELIEFS, Meaning, Said
from tests.simulation.parts import WorldNode
from tests.support import charters as build
from tests.support.simulation import listing, relief_payload

if TYPE_CHECKING:
    from tests.simulation.world import World

NEW_FIELD = b"\xc2\xf4\x03\x05later"
"""Field 8008 of a newer version, as protobuf writes it."""
_NOTES = (
    (AnnotationAction.OBJECTION_OPENED, AnnotationAction.OBJECTION_CLOSED),
    (AnnotationAction.MASKING_BEGUN, AnnotationAction.MASKING_ENDED),
    (AnnotationAction.PAUSED, AnnotationAction.RESUMED),
)


def list_record(world: World, node: WorldNode) -> None:
    """A listing, perhaps a late copy of a record that was relieved long ago."""
    record = world.chance.randint(1, world.records)
    payload = listing(record, audience=node.audience())
    _say(world, node, Kind.LISTING, payload, Meaning(record=record))


def import_record(world: World, node: WorldNode) -> None:
    """The same through the registry, which refuses what a relief ended."""
    record = world.chance.randint(1, world.records)
    payload = listing(record, audience=node.audience())
    submission = node.registry.publish(node.tokens(16).hex(), [(Kind.LISTING, 0, b"", payload)], "")
    world.publish(node, submission.unit, Meaning(record=record))


def relieve(world: World, node: WorldNode) -> None:
    """A repair or withdrawal of one of the node's listings, perhaps a second one."""
    if target := _own(world, node, Kind.LISTING):
        record = target.meaning.record
        payload = relief_payload(listing(record, audience=node.audience()), node.audience())
        kind = world.chance.choice(RELIEFS)
        _say(world, node, kind, payload, Meaning(record=record), about=target.id)


def relieve_by_registry(world: World, node: WorldNode) -> None:
    """The same on request."""
    if target := _own(world, node, Kind.LISTING):
        submission = node.registry.relieve(
            node.tokens(16).hex(),
            kind=world.chance.choice(RELIEFS),
            statement_id=StatementId(target.id),
            document="川修〔2026〕1号",
            decided_on=Date(20261120),
        )
        world.publish(node, submission.unit, Meaning(record=target.meaning.record))


def relist(world: World, node: WorldNode) -> None:
    """A relief is revoked, and perhaps not the others of its record."""
    if target := _own(world, node, *RELIEFS):
        record = target.meaning.record
        payload = Relisting(
            audience=node.audience(),
            reliefs=(StatementId(target.id),),
            document="川撤〔2026〕1号",
            decided_on=Date(20261121),
            ground=RelistingGround.FRAUD,
            approvals=2,
            payload=listing(record, audience=node.audience()),
        )
        meaning = Meaning(record=record, names=(target.id,))
        _say(world, node, Kind.RELISTING, payload, meaning, about=target.id)


def correct(world: World, node: WorldNode) -> None:
    """A payload is replaced; two corrections of one leaf are possible."""
    if target := _own(world, node, Kind.LISTING):
        record = target.meaning.record
        named = listing(record, audience=node.audience(), name=f"虚构企业{record}更名（演示）")
        payload = Correction(
            audience=node.audience(), replaces=LeafHash(target.hash), payload=named
        )
        _say(world, node, Kind.CORRECTION, payload, Meaning(record=record), about=target.id)


def annotate(world: World, node: WorldNode) -> None:
    """An objection, a masking or a pause begins, or one that began ends."""
    if not (target := _own(world, node, Kind.LISTING)):
        return
    begins, ends = world.chance.choice(_NOTES)
    open_ones = [
        s
        for s in world.model.logs[node.origin]
        if s.kind == Kind.ANNOTATION and s.action == begins and s.about == target.id
    ]
    ended = world.chance.choice(open_ones) if open_ones and world.chance.random() < 0.6 else None
    record = target.meaning.record
    payload = Annotation(
        audience=node.audience(),
        record=listing(record, audience=node.audience()).key,
        authority=build.COURT,
        document="（2026）川05破1号",
        decided_on=Date(20261001),
        ends=LeafHash(ended.hash) if ended else None,
    )
    meaning = Meaning(record=record, names=(ended.hash,) if ended else ())
    action = ends if ended else begins
    _say(world, node, Kind.ANNOTATION, payload, meaning, action=action, about=target.id)


def scenario(world: World, node: WorldNode) -> None:
    """A benefit scenario is opened."""
    payload = Scenario(
        scenario_type="green-lane",
        title="守信企业绿色通道（演示）",
        provider=build.COURT,
        provider_name="泸州市虚构政务服务局（演示）",
        benefits=(Benefit(text="容缺受理"),),
        conditions_text="信用等级A级以上",
        subject_kinds=(SubjectKind.ENTERPRISE,),
        valid_from=Date(20260101),
        valid_until=Date(20271231),
        charters=node.audience().charters,
    )
    _say(world, node, Kind.SCENARIO, payload, Meaning(), action=ScenarioAction.OPENED)


def recognise(world: World, node: WorldNode) -> None:
    """A scenario of another node, which this one need not hold yet, is accepted or declined."""
    others = [s for log in world.model.logs.values() for s in log if s.kind == Kind.SCENARIO]
    if not others:
        return
    other = world.chance.choice(others)
    payload = Recognition(
        scenario=Reference(origin=other.origin, index=other.index, leaf_hash=LeafHash(other.hash)),
        authority=build.COURT,
        authority_name="泸州市虚构政务服务局（演示）",
        decided_on=Date(20261101),
    )
    action = world.chance.choice((RecognitionAction.ACCEPTED, RecognitionAction.DECLINED))
    _say(world, node, Kind.RECOGNITION, payload, Meaning(), action=action)


def newer_kind(world: World, node: WorldNode) -> None:
    """A newer version says something unknown about a listing, with the flag or without."""
    if target := _own(world, node, Kind.LISTING):
        draft = Draft(
            kind=world.chance.choice((19, 99, 200)),
            flags=world.chance.choice((0, FLAG_SUSPEND_IF_UNKNOWN)),
            about=StatementId(target.id),
            statement_id=StatementId(node.tokens(16)),
            payload=b"something later",
        )
        world.say(node, draft, Meaning(record=target.meaning.record))


def newer_relief(world: World, node: WorldNode) -> None:
    """A relief of a newer version: with fields unknown here, or not to be read here at all."""
    if target := _own(world, node, Kind.LISTING):
        record = target.meaning.record
        payload = relief_payload(listing(record, audience=node.audience()), node.audience())
        made = node.payloads.encode(payload)
        readable = world.chance.random() < 0.5
        # Field 1 is min_reader; of a field that stands twice, the last one counts.
        made += NEW_FIELD if readable else b"\x08\x09"
        draft = Draft(
            kind=world.chance.choice(RELIEFS),
            about=StatementId(target.id),
            statement_id=StatementId(node.tokens(16)),
            payload=made,
        )
        world.say(node, draft, Meaning(record=record, readable=readable))


ACTIONS: dict[Callable[[World, WorldNode], None], int] = {
    list_record: 8,
    import_record: 3,
    relieve: 4,
    relieve_by_registry: 3,
    relist: 2,
    correct: 2,
    annotate: 5,
    scenario: 1,
    recognise: 1,
    newer_kind: 2,
    newer_relief: 2,
}
"""Every action with its weight."""


def _own(world: World, node: WorldNode, *kinds: int) -> Said | None:
    mine = [s for s in world.model.logs.get(node.origin, ()) if s.kind in kinds]
    return world.chance.choice(mine) if mine else None


def _say(
    world: World,
    node: WorldNode,
    kind: int,
    payload: Payload,
    meaning: Meaning,
    *,
    action: int = 0,
    about: bytes | None = None,
) -> None:
    world.say(node, node.draft(kind, payload, action=action, about=about), meaning)
