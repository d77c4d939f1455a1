"""What the cities of a corpus say: every kind and action, every state, and what is set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from crypto.checkpoint import Checkpoint, sign_checkpoint
from federation import payloads as p
from federation.charters.draft import rotated_member, without_member
from federation.charters.json_form import parse_member
from federation.charters.verification import Delegation
from federation.ids import Date, MemberId, Origin, StatementId
from federation.peers.frames import HeadFrame
from federation.statements import (
    FLAG_SUSPEND_IF_UNKNOWN,
    AnnotationAction,
    ContinuationAction,
    Kind,
    RecognitionAction,
    RequestAction,
    ScenarioAction,
)
from node.directory.keys import load_signer
from node.publishing.submissions import Published
from tests.golden.corpus import records_of
from tests.golden.founding import (
    COMMENDED,
    DAY,
    HUB,
    LUZHOU,
    NANCHONG,
    NEIJIANG,
    STRANGERS,
    YIBIN,
    ZIGONG,
    Alliance,
    origin_of,
)
from tests.golden.speaking import LATER, PAYLOADS, Speaker
from tests.support import payload_kinds as examples
from tests.support.federation_dirs import (
    WiredNode,
    court_of,
    exchange_all,
    listing_of,
    write_list,
)

UNKNOWN_KIND = 250
UNKNOWN_ACTION = 99
RENEWED = "511000-2"
"""The directory of 内江's second epoch."""


def tell(alliance: Alliance) -> None:
    """Let the whole story happen; the alliance is founded."""
    clock = alliance.clock
    speakers = {folder: Speaker(node) for folder, node in alliance.nodes.items()}
    for speaker in speakers.values():
        latest = alliance.chain.latest
        adopted = p.CharterAdopted(charter=latest.id, version=1, digest=latest.digest)
        speaker.say(Kind.CHARTER, adopted)
    clock.advance(60)
    _of_luzhou(speakers[LUZHOU])
    _of_zigong(speakers[ZIGONG])
    for region in (NEIJIANG, YIBIN, NANCHONG):
        speakers[region].list_(1)
        speakers[region].list_(2)
    _exchange(alliance)
    _refer(speakers[ZIGONG], speakers[LUZHOU])
    _exchange(alliance)
    _rotate(alliance, speakers)
    clock.advance(DAY)
    _remove(alliance, speakers[YIBIN])
    _fork(alliance, speakers[NANCHONG].node)
    _exchange(alliance)
    for job in ("clock", "reconcile", "outbox", "erasure", "receipt"):
        for node in alliance.nodes.values():
            if node.me in {LUZHOU, ZIGONG}:
                node.job(job)
    _exchange(alliance)
    _attest(alliance, speakers[ZIGONG].node, speakers[LUZHOU])
    _exchange(alliance)


def _of_luzhou(city: Speaker) -> None:
    """Listings in every state, and whatever else a city says of subjects."""
    city.relieve(Kind.REPAIR, city.list_(1))
    city.relieve(Kind.WITHDRAWAL, city.list_(2))
    corrected = city.list_(3)
    content = city.correct(corrected, city.listing(3), reason="更正（演示）")
    city.publish(Kind.CORRECTION, content, about=corrected.statement_id)
    city.annotate(city.list_(4), *AnnotationAction)
    city.annotate(city.list_(5), AnnotationAction.OBJECTION_OPENED, AnnotationAction.MASKING_BEGUN)
    city.annotate(city.list_(6), AnnotationAction.PAUSED)
    relief = city.relieve(Kind.REPAIR, city.list_(7))
    city.relist(relief, city.listing(7), ("张某（演示）", "李某（演示）"))
    city.list_(8, publish_until=Date(20261120))
    city.list_(9, audience=replace(city.audience, members=(f"{ZIGONG}.huxin.example",)))
    subject = city.listing(10).subject
    city.publish(
        Kind.PENALTY,
        replace(
            examples.PENALTY,
            audience=city.audience,
            subject=subject,
            authority=court_of(LUZHOU),
            document="川罚〔2026〕10号",
            basis="演示条例第一条",
        ),
    )
    city.publish(
        Kind.COMMENDATION,
        replace(
            examples.COMMENDATION,
            audience=city.audience,
            subject=subject,
            list_type=COMMENDED,
            authority=court_of(LUZHOU),
        ),
    )
    commitment = examples.EXAMPLES[Kind.COMMITMENT]
    assert isinstance(commitment, p.Commitment)
    city.publish(Kind.COMMITMENT, replace(commitment, audience=city.audience, subject=subject))
    key = examples.EXAMPLES[Kind.AUDIENCE_KEY]
    assert isinstance(key, p.AudienceKey)
    city.say(Kind.AUDIENCE_KEY, replace(key, audience=city.audience))
    city.list_(29)
    _file(city)
    _strange(city)


def _file(city: Speaker) -> None:
    """Rows of a department's file, one of them faulty."""
    path = city.node.directory / "inbox" / "list.csv"
    write_list(path, LUZHOU, range(30, 33), bad=1)
    city.node.publish_list(path)
    for left in path.parent.glob("list*"):
        left.unlink()


def _strange(city: Speaker) -> None:
    """What a reader of this version sets aside, holds, or is made to doubt by."""
    doubted = city.list_(20)
    suspends = FLAG_SUSPEND_IF_UNKNOWN
    about = doubted.statement_id
    city.say(UNKNOWN_KIND, b"of a later version", about=about, flags=suspends)
    city.say(UNKNOWN_KIND, b"of a later version")
    later = city.list_(21)
    city.say_later(Kind.LISTING, city.listing(22), about=later.statement_id, flags=suspends)
    city.say(Kind.ANNOTATION, b"of a later version", action=UNKNOWN_ACTION, about=about)
    newer = PAYLOADS.encode(city.listing(23))
    city.say(Kind.LISTING, newer.replace(b"\x08\x01", bytes([0x08, LATER - 128]), 1))
    unread = city.list_(24)
    newer = PAYLOADS.encode(city.correct(unread, city.listing(24), reason="更正（演示）"))
    held = newer.replace(b"\x08\x01", bytes([0x08, LATER - 128]), 1)
    city.say(Kind.CORRECTION, held, about=unread.statement_id)
    twice = city.list_(25)
    contents = [
        city.correct(twice, city.listing(25), reason=reason)
        for reason in ("更正一（演示）", "更正二（演示）")
    ]
    for content in contents:
        city.say(Kind.CORRECTION, content, about=twice.statement_id)
    city.say(Kind.LISTING, city.listing(26), statement_id=twice.statement_id)
    city.say(Kind.LISTING, city.listing(27, authority="of-nobody"))
    city.say(Kind.LISTING, b"\xff")
    city.say(Kind.CORRECTION, contents[0])
    city.say(Kind.REPAIR, b"", about=city.list_(28).statement_id)


def _of_zigong(city: Speaker) -> None:
    """A scenario's life, and a listing with all that it may state."""
    scenario = replace(examples.SCENARIO, charters=city.audience.charters)
    opened = city.publish(Kind.SCENARIO, scenario, action=ScenarioAction.OPENED)
    for action in (ScenarioAction.AMENDED, ScenarioAction.CLOSED):
        changed = replace(scenario, conditions_text=f"{action.name}（演示）")
        city.publish(Kind.SCENARIO, changed, action=action, about=opened.statement_id)
    city.publish(Kind.SCENARIO, scenario, action=ScenarioAction.OPENED)
    city.relieve(Kind.REPAIR, city.list_(40))
    city.list_(
        41,
        notice_number="川告〔2026〕41号",
        notice_served_on=Date(20260112),
        exits=(p.Exit(kind=p.ExitKind.PERFORMED), p.Exit(kind=p.ExitKind.LISTED_FOR, months=12)),
        measures=("A01", "B02"),
    )


def _refer(zigong: Speaker, luzhou: Speaker) -> None:
    """What is said about leaves of other logs."""
    with zigong.node.store.read() as session:
        head = session.head(zigong.node.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
    scenario = [row for row in rows if row.kind == Kind.SCENARIO][-1]
    named = zigong.reference(
        Published(
            statement_id=StatementId(scenario.statement_id),
            origin=zigong.node.origin,
            index=scenario.idx,
        )
    )
    for action in RecognitionAction:
        content = replace(examples.RECOGNITION, scenario=named, authority=court_of(LUZHOU))
        luzhou.publish(Kind.RECOGNITION, content, action=action)
    outcome, request = (examples.EXAMPLES[kind] for kind in (Kind.OUTCOME, Kind.REQUEST))
    assert isinstance(outcome, p.Outcome)
    assert isinstance(request, p.Request)
    assert isinstance(request.body, p.Submission)
    to_luzhou, to_zigong = (
        replace(city.audience, members=(f"{other}.huxin.example",))
        for city, other in ((zigong, LUZHOU), (luzhou, ZIGONG))
    )
    masked = listing_of(LUZHOU, 5)
    listing = luzhou.reference(listed(luzhou, masked.document))
    zigong.publish(Kind.OUTCOME, replace(outcome, audience=to_luzhou, listing=listing))
    body = replace(request.body, listing=listing, record=masked.key)
    asked = [
        zigong.publish(
            Kind.REQUEST,
            p.Request(audience=to_luzhou, body=body),
            action=RequestAction.FORWARDED,
        )
        for _ in range(2)
    ]
    for answer_of in RequestAction:
        if answer_of is not RequestAction.FORWARDED:
            withdrawn = answer_of is RequestAction.WITHDRAWN
            speaker = zigong if withdrawn else luzhou
            answered = zigong.reference(asked[1 if withdrawn else 0])
            reason = "request.not-competent" if answer_of is RequestAction.DECLINED else ""
            answer = p.Answer(request=answered, reason=reason)
            audience = to_luzhou if withdrawn else to_zigong
            speaker.say(Kind.REQUEST, p.Request(audience=audience, body=answer), action=answer_of)


def listed(city: Speaker, document: str, origin: Origin | None = None) -> Published:
    """The listing of a document, as a city holds it; in its own log where none is named."""
    with city.node.store.read() as session:
        head = session.head(origin or city.node.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
        views = records_of(city.node).views(session, rows)
    found = next(view for view in views if view.document == document)
    return Published(statement_id=found.statement_id, origin=found.origin, index=found.index)


def _rotate(alliance: Alliance, speakers: dict[str, Speaker]) -> None:
    """内江 closes its log and goes on in another, which acts for 泸州 from then on."""
    old = speakers[NEIJIANG]
    began = alliance.create(RENEWED, NEIJIANG, origin_of(NEIJIANG, 2))
    key = str(began.segments[0].log_key)
    closing = p.Continuation(origin=origin_of(NEIJIANG, 2), size=0, root=b"", log_key=key, suite=1)
    old.say(Kind.CONTINUATION, closing, action=ContinuationAction.CLOSING_LEAF)
    _exchange(alliance)
    cut = alliance.cut(old.node)
    renewed = parse_member((alliance.directory / RENEWED / "member.json").read_bytes())
    terms = rotated_member(alliance.draft(), renewed, cut)
    delegation = Delegation(member=MemberId(NEIJIANG), origin=origin_of(NEIJIANG, 2), from_index=0)
    members = tuple(
        replace(member, delegations=(delegation,)) if member.id == LUZHOU else member
        for member in terms.members
    )
    alliance.stop(NEIJIANG)
    alliance.adopt(replace(terms, members=members))
    new = Speaker(alliance.start(RENEWED))
    speakers[RENEWED] = new
    first = p.Continuation(
        origin=old.node.origin,
        size=cut.size,
        root=cut.root,
        log_key=str(load_signer(alliance.directory / NEIJIANG / "keys" / "log.key").verifier),
        suite=1,
    )
    new.say(Kind.CONTINUATION, first, action=ContinuationAction.FIRST_LEAF)
    _exchange(alliance)
    theirs = listed(speakers[LUZHOU], listing_of(LUZHOU, 29).document)
    new.relieve(Kind.REPAIR, theirs)
    # A later epoch has no copy of its node's earlier log: it says its relief by the id alone.
    earlier = listing_of(NEIJIANG, 1)
    relief = replace(
        examples.RELIEF,
        audience=new.audience,
        record=earlier.key,
        subject_name=earlier.subject.name,
        authority=earlier.authority,
    )
    about = listed(speakers[ZIGONG], earlier.document, old.node.origin)
    new.say(Kind.REPAIR, relief, about=about.statement_id)
    new.list_(3)
    _exchange(alliance)


def _remove(alliance: Alliance, city: Speaker) -> None:
    """宜宾 is removed at a cut; what it said beyond has been delivered before that was known."""
    cut = alliance.cut(city.node)
    city.list_(3)
    city.relieve(Kind.REPAIR, listed(city, listing_of(YIBIN, 1).document))
    _exchange(alliance)
    terms = without_member(alliance.draft(), MemberId(YIBIN), cut, MemberId(HUB))
    alliance.stop(YIBIN)
    alliance.adopt(terms)


def _fork(alliance: Alliance, node: WiredNode) -> None:
    """南充's key signs another history, and 自贡 is shown it."""
    shown = alliance.cut(node)
    other = Checkpoint(origin=node.origin, size=shown.size, root=sha256(b"another").digest())
    note = sign_checkpoint(other, load_signer(node.directory / "keys" / "log.key"))
    victim = alliance.nodes[ZIGONG]
    session = victim.exchange.open_session(node.me)
    victim.handle(session, HeadFrame(origin=node.origin, checkpoint=note.to_bytes()))
    victim.exchange.close_session(session)


def _attest(alliance: Alliance, asker: WiredNode, home: Speaker) -> None:
    """自贡 asks 泸州 about one of its subjects by a call, about another by a packet alone."""
    called, carried = STRANGERS
    home.list_(called)
    _exchange(alliance)
    asker.job("reconcile")
    attesting = asker.parts.attesting
    (sent,) = attesting.questions([MemberId(LUZHOU)])
    note = home.node.parts.attest(MemberId(ZIGONG), sent.question)
    assert not asker.parts.writer.submit(lambda: attesting.take_all([(sent, note)])).result()
    home.list_(carried)
    _exchange(alliance)
    asker.job("reconcile")
    (packet,) = asker.parts.packets.export(MemberId(LUZHOU), {})
    home.node.parts.packets.take(packet.data)


def _exchange(alliance: Alliance) -> None:
    """Let everybody say everything to everybody, twice, so that cosignatures come back."""
    nodes: Sequence[WiredNode] = list(alliance.nodes.values())
    for _ in range(2):
        alliance.clock.advance(10)
        for place, one in enumerate(nodes):
            one.renew_head()
            for other in nodes[place + 1 :]:
                exchange_all(one, other)
