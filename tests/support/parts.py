"""A node's parts without a store: everything answers what a test can look at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.files.tables import DEFAULT_LIMITS
from federation.charters.chain import CharterChain, HeldVersion
from federation.errors import RefusedError, ReplicationError, StatementError
from federation.ids import CharterId, Date, MemberId, Origin, StatementId, Timestamp
from federation.payloads import Payload
from federation.reconcile.views import RecordView
from federation.screening.roles import Action, Asker, Role, check_allowed
from federation.statements import Kind
from node.access.credentials import Wanted as NewCredential
from node.access.provider_sessions import CameBack
from node.access.query_log import Subject
from node.access.reading import Shown
from node.access.signing_in import SignIn
from node.app.parts import Parts, Settings
from node.app.worker_door import Served
from node.attestation.attesting import Sent
from node.charters.contacts import Contact
from node.directory.config import HttpSection, LogsSection
from node.intake.mapping_trial import TrialFile, TrialInput
from node.log.recovery import Recovered
from node.log.units import Placed, Unit
from node.peers.packets import Part
from node.publishing.submissions import Published, Submission
from node.recognition.use_desk import Reporter
from node.records.proofs import ProofBundle
from node.records.subject_codes import SubjectCodes
from node.records.wanted import EVERYTHING, Wanted
from node.services.exchange import NodeInfo
from node.status.job_runs import JobRuns
from node.system.clock import monotonic
from node.system.schedule import AnyJob
from node.system.wakeups import Changes
from node.upkeep.rotation import Rotated
from tests.support.catalogs import FixedLibrary
from tests.support.exchange import FakeExchange, FakeWriter, log_of
from tests.support.fake_calls import FakeCalls
from tests.support.fake_shown import FakeShown
from tests.support.tls import holder

ORIGIN = log_of("a")
NOTHING = Unit(drafts=lambda _: [], record=lambda _, __: None)


def statement(number: int) -> StatementId:
    return StatementId(number.to_bytes(16, "big"))


class FakeClock:
    def now(self) -> Timestamp:
        return Timestamp(1_790_000_000)

    def today(self) -> Date:
        return Date(20260921)


class FakeAccess:
    """The operator, who may do all, and for each role somebody whose token is its name."""

    def asker_of_token(self, token: str) -> Asker:
        if token not in set(Role):
            raise RefusedError("access.unknown", f"{len(token)} characters")
        return Asker(credential=token, department="", roles=frozenset({Role(token)}))

    def asker_of_certificate(self, der: bytes) -> Asker:
        raise RefusedError("access.unknown", f"{len(der)} bytes")

    def local(self) -> Asker:
        return Asker(
            credential="",
            department="",
            roles=frozenset(Role),
            matters=None,
            purposes=None,
            local=True,
        )

    def certificates(self) -> Sequence[bytes]:
        return ()

    def counts(self, credential: str) -> bool:
        return bool(credential)

    def admit(self, asker: Asker, action: Action, **_: str) -> None:
        check_allowed(asker, action)

    def exposed(self, token: str, place: str) -> None:
        assert token
        assert place

    def made(self, asker: Asker, wanted: NewCredential) -> tuple[Mapping[str, Any], str]:
        return {"id": "1", "department": wanted.department, "by": asker.department}, "hx1_"

    def listed(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        return [self.shown(asker, "1")]

    def shown(self, asker: Asker, credential: str) -> Mapping[str, Any]:
        return {"id": credential, "by": asker.department}

    def revoked(self, asker: Asker, credential: str, by: str) -> Mapping[str, Any]:
        return {"id": credential, "revoked_by": by, "by": asker.department}

    def lifted(self, asker: Asker, credential: str, by: str, reason: str) -> Mapping[str, Any]:
        return {"id": credential, "lifted_by": by, "reason": reason, "by": asker.department}


class FakeAccounts:
    """Accounts that are what they are asked to be."""

    def made(
        self, asker: Asker, wanted: NewCredential, name: str, post: str, subject: str = ""
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        made = {"name": name, "unit": wanted.department, "post": post, "by": asker.department}
        made |= {"subject": subject} if subject else {}
        return made, {"password": "p", "secret": "S", "uri": "otpauth://totp/a"}

    def names(self) -> list[str]:
        return []

    def of_credential(self, credential: str) -> str:
        return f"账号 {credential}" if credential else ""

    def reset(
        self, asker: Asker, name: str, by: str
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        made = {"name": name, "by": by or asker.department}
        return made, {"password": "p", "secret": "S", "uri": "otpauth://totp/a"}

    def revoked(self, asker: Asker, name: str, by: str) -> Mapping[str, Any]:
        return {"name": name, "revoked_by": by, "by": asker.department}

    def listed(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        return [{"name": "王五", "by": asker.department}]


class FakeSessions:
    """Signs everybody in whose password is right."""

    def opened(self, asked: SignIn) -> Mapping[str, Any]:
        if asked.password != "right":
            raise RefusedError("access.sign-in", "no")
        return {"token": "hx1_" + "A" * 42 + "E", "account": {"name": asked.name}}

    def closed(self, token: str) -> None:
        assert token


class FakeProviderSessions:
    """Signs everybody in whose code is right."""

    def begun(self) -> Mapping[str, Any]:
        return {"address": "https://sso.example/authorize", "ticket": "t", "seconds": 600}

    def opened(self, came: CameBack) -> Mapping[str, Any]:
        if came.code != "right":
            raise RefusedError("access.provider-stale", "no")
        return {"token": "hx1_" + "A" * 42 + "E", "account": {"name": came.issuer}}


class FakePublishing(FakeWriter):
    """Publishes a unit by calling its `record`."""

    def publish(self, unit: Unit) -> Future[list[Placed]]:
        def job() -> list[Placed]:
            session: Any = None
            unit.record(session, [])
            return []

        return self.submit(job)


class FakeBenefits:
    """Says what it was asked for."""

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> Future[dict[str, Any]]:
        answer: Future[dict[str, Any]] = Future()
        answer.set_result(self.list(asker, raw))
        return answer

    def list(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        return {"by": asker.credential, **raw}


class FakeWatches:
    """Likewise; everybody has one watch."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.pages: list[dict[str, Any]] = []
        """What is read, one after the other."""

    def open(self, asker: Asker, raw: Mapping[str, Any], rows: Iterable[object]) -> dict[str, Any]:
        return {"by": asker.credential, "rows": list(rows), **raw}

    def read(
        self, asker: Asker, number: str, *, after: str = "", size: int = 0, quiet: bool = False
    ) -> dict[str, Any] | None:
        if self.pages:
            return self.pages.pop(0)
        if quiet:
            return None
        said = {"by": asker.credential, "watch": number, "after": after, "size": size}
        return said | {"position": f"{after}x", "more": False, "pending": 0}

    def list(self, asker: Asker) -> list[dict[str, Any]]:
        return [{"by": asker.credential}]

    def close(self, asker: Asker, number: str) -> dict[str, Any]:
        return {"by": asker.credential, "watch": number}


class FakeUses:
    """Likewise."""

    def report(self, asker: Reporter, raw: Mapping[str, Any]) -> dict[str, Any]:
        return {"by": asker.credential, **raw}

    def figures(self, first: Date, last: Date) -> Sequence[Mapping[str, Any]]:
        return [{"first": first, "last": last}]


class FakeScenarios:
    """Says what it was asked for."""

    def scenarios(self, wanted: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        return [dict(wanted)]

    def scenario(self, scenario: str) -> Mapping[str, Any]:
        return {"scenario": scenario}

    def matrix(self) -> Mapping[str, Any]:
        return {"scenarios": []}

    def history(self, scenario: str) -> Sequence[Mapping[str, Any]]:
        return [{"scenario": scenario}]

    def page(self, *, english: bool, objections: str) -> str:
        return f"<p>{english} {objections}</p>"


class NothingDue:
    """A query log that no member is asked about."""

    def due(self) -> bytes:
        return b""

    def request(self, peer: MemberId, note: bytes) -> bytes:
        raise AssertionError(peer, note)

    def differs(self, peer: MemberId, note: bytes, size: int) -> bool:
        raise AssertionError(peer, note, size)

    def take(self, note: bytes, answers: Mapping[MemberId, bytes]) -> int:
        raise AssertionError(note, answers)


@dataclass
class Recorded:
    """What was read, as it is recorded."""

    reads: list[tuple[str, Sequence[Subject], Sequence[Shown]]] = field(default_factory=list)
    refusal: Exception | None = None

    def record(
        self, asker: Asker, action: str, asked: Sequence[Subject], shown: Sequence[Shown]
    ) -> None:
        del asker
        if self.refusal is not None:
            raise self.refusal
        self.reads.append((action, asked, shown))


class NoQuestions:
    """Asks nobody about any subject."""

    def questions(self, peers: Collection[MemberId]) -> Sequence[Sent]:
        del peers
        return []

    def take_all(self, answers: Sequence[tuple[Sent, bytes]]) -> Sequence[ReplicationError]:
        raise AssertionError(answers)

    def review(self) -> None: ...


class NoWorkers:
    """No worker answers checks."""

    wanted = 0
    ready = 0

    def tend(self, served: Served) -> None:
        """None is wanted."""

    def close(self) -> None:
        """None is there."""


@dataclass
class FakeNode:
    """The parts, and what they were asked."""

    directory: Path
    listen: str = ""
    metrics: str = ""
    http: HttpSection = field(default_factory=HttpSection)
    logs: LogsSection = field(default_factory=LogsSection)
    shown: FakeShown = field(default_factory=FakeShown)
    calls: FakeCalls = field(default_factory=FakeCalls)
    jobs: tuple[AnyJob, ...] = ()
    views: list[RecordView] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    known: list[Contact] = field(default_factory=list)
    renewed: int = 0
    reloaded: int = 0
    closed: bool = False
    ended: bool = False
    refusal: RefusedError | None = None
    looks: int = 0
    """So many times an answer of members is still expected."""
    tell: Callable[[int], None] = lambda _: None
    catalogs: Any = None
    """Tested over real stores; so are cases, quality and requests."""
    cases: Any = None
    quality: Any = None
    repairs: Any = None
    displays: Any = None
    requests: Any = None
    notices: Any = None
    campaigns: Any = None
    imports: Any = None
    letters: Any = None
    outcomes: Any = None
    certificates: Any = None
    asked_who: Any = None
    recorded: Recorded = field(default_factory=Recorded)
    screening: Any = None
    batches: Any = None
    watches: FakeWatches = field(default_factory=FakeWatches)
    chains: tuple[CharterChain, ...] = ()

    def __post_init__(self) -> None:
        (self.directory / "state").mkdir(exist_ok=True)
        self.exchange = FakeExchange("a")
        self.writer = FakePublishing()
        self.tls = holder("a.example")

    # store, publisher, charters

    def close(self) -> None:
        self.closed = True

    @property
    def replaced(self) -> bool:
        return False

    def renew_head(self) -> bytes | None:
        self.renewed += 1
        return b"note"

    def contacts(self) -> Sequence[Contact]:
        return self.known

    def identify(self, certificate: bytes) -> MemberId | None:
        return next((c.peer for c in self.known if certificate in c.certificates), None)

    def envelopes_for(self, peer: MemberId, _held: Sequence[HeldVersion] = ()) -> Sequence[bytes]:
        return [peer.encode()]

    def held_with(self, _peer: MemberId) -> Sequence[HeldVersion]:
        return ()

    def reload(self) -> Any:
        """Of charters and of the configuration."""
        self.reloaded += 1
        return ["川南 1"]

    def in_force(self, alliance: CharterId) -> bytes:
        return bytes(alliance)

    # registry

    def _submission(self, *asked: Any) -> Submission:
        self.asked.append(asked)
        published: list[Published] = []
        number = len(self.asked)

        def record(_session: object, _placed: object) -> None:
            published.append(Published(statement_id=statement(number), origin=ORIGIN, index=number))

        return Submission(unit=Unit(drafts=lambda _: [], record=record), published=published)

    def publish(
        self, request_id: str, drafts: Sequence[tuple[int, int, bytes, Payload]], source: str
    ) -> Submission:
        return self._submission("publish", request_id, drafts, source)

    def relieve(self, request_id: str, **fields: Any) -> Submission:
        if fields["document"] == "again":
            raise RefusedError("relief.already", "a relief of this kind stands")
        return self._submission("relieve", request_id, fields)

    def relist(self, request_id: str, **fields: Any) -> Submission:
        return self._submission("relist", request_id, fields)

    def annotate(self, request_id: str, **fields: Any) -> Submission:
        return self._submission("annotate", request_id, fields)

    # records

    def get(self, statement_id: StatementId) -> RecordView:
        found = next((v for v in self.views if v.statement_id == statement_id), None)
        if found is None:
            raise RefusedError("record.unknown", "no such statement is held here")
        return found

    def list(
        self,
        state: str,
        origin: str,
        kind: str,
        page_size: int,
        page_token: str,
        wanted: Wanted = EVERYTHING,
    ) -> tuple[list[RecordView], str]:
        begin = int(page_token or "0")
        assert (origin, kind, wanted) == ("", "", EVERYTHING)
        fitting = [v for v in self.views if state in ("", v.state)]
        end = begin + page_size
        return fitting[begin:end], str(end) if end < len(fitting) else ""

    def named(self, prefix: str) -> StatementId:
        raise RefusedError("record.unknown", prefix)

    def digits(self, ids: Sequence[StatementId]) -> Sequence[int]:
        return [8 for _ in ids]

    def proof(self, statement_id: StatementId) -> ProofBundle:
        return ProofBundle(
            origin=ORIGIN,
            index=3,
            leaf=b"leaf",
            proof=b"proof " + statement_id,
            vkey="key\n",
            salt=None,
            payload=None,
            first_cosigned_at=Timestamp(0),
        )

    # files

    def publish_file(self, path: Path, **fields: Any) -> dict[str, Any]:
        fields.pop("progress")(7)
        if "words" in fields:
            fields["words"] = fields["words"].says
        self.tell(7)
        return {"path": str(path), **fields}

    def file(self, path: Path) -> TrialInput:
        return TrialFile(path=path, limits=DEFAULT_LIMITS)

    def table(self, address: str, table: str, password_file: str) -> TrialInput:
        raise StatementError("table.address", f"{address}, {table}, {password_file}: none here")

    def suspected(self, platform: str) -> dict[str, Any]:
        return {"platform": platform, "rows": [], "said": []}

    def release(
        self, platform: str, source: str, by: Sequence[str], reason: str, *, code: str, note: str
    ) -> dict[str, Any]:
        self.asked.append((code, source, by, reason, note))
        return {"platform": platform, "outcomes": {}}

    def totals(self, platform: str, *, now: bool) -> dict[str, Any]:
        self.asked.append(("totals", platform, str(now)))
        return {"platform": platform, "outcome": "same", "groups": [], "rows": []}

    def redeliver(self, platform: str, origin: str) -> dict[str, Any]:
        self.asked.append(("redeliver", platform, origin))
        return {"platform": platform, "leaves": 0}

    @property
    def trial(self) -> FakeNode:
        return self

    def run(self, tried: TrialInput, **fields: Any) -> dict[str, Any]:
        return self.publish_file(Path(tried.name), **fields)

    # trusted time

    def report(self) -> dict[str, Any]:
        return {"trusted": None, "machine": 7, "voted": None, "confirm": True}

    def confirm(
        self, moment: Timestamp, by: Sequence[str], reason: str, note: str
    ) -> dict[str, Any]:
        self.asked.append(("clock", moment, tuple(by), reason, note))
        return {"trusted": moment, "machine": 7, "voted": None, "confirm": False}

    # keys

    def rotate(self, progress: Callable[[int], None]) -> Rotated:
        progress(7)
        self.tell(7)
        return Rotated(number=2, sealed=9, lost=1)

    def replace(self, progress: Callable[[int], None]) -> int:
        progress(7)
        self.tell(7)
        return 2

    def recover(self, wait_seconds: float, progress: Callable[[int], None]) -> Recovered:
        progress(7)
        self.tell(int(wait_seconds))
        return Recovered(
            size=9,
            target=9,
            refilled=4,
            openings=3,
            shown={},
            unfitting=frozenset(),
            fault="",
            done=True,
        )

    def export(self, member: MemberId, since: Mapping[Origin, int]) -> Iterator[Part]:
        raise RefusedError("packet.member", f"{member}, {since}: no packets here")

    def take(self, data: bytes) -> dict[str, Any]:
        raise RefusedError("packet.malformed", f"{len(data)} bytes: no packets here")

    def go_on(self, by: Sequence[str], reason: str, note: str) -> None:
        self.asked.append(("go-on", by, reason, note))

    # tagging

    def lookup(self, value: bytes) -> bytes:
        """Form no tag: whoever looks for one finds itself."""
        return value

    # asking

    @property
    def expected(self) -> bool:
        self.looks -= 1
        return self.looks >= 0

    @property
    def over(self) -> bool:
        return self.ended

    def end(self) -> None:
        self.ended = True

    def expect(self, seconds: float) -> None:
        assert seconds

    def parts(self) -> Parts:
        return Parts(
            settings=Settings(
                directory=self.directory,
                listen=self.listen,
                metrics=self.metrics,
                http=self.http,
                logs=self.logs,
            ),
            me=MemberId("a"),
            info=lambda: NodeInfo(region="510500", name="泸州", origin=ORIGIN, version="0.1.0"),
            clock=FakeClock(),
            token=bytes,
            identities=lambda: [self.tls.identity],
            store=self,
            queries=self,
            access=FakeAccess(),
            accounts=FakeAccounts(),
            persons=(),
            sessions=FakeSessions(),
            provider=FakeProviderSessions(),
            asked=self.asked_who,
            query_witness=lambda body: body,
            cosigned=NothingDue(),
            reads=self.recorded,
            screening=self.screening,
            batches=self.batches,
            watches=self.watches,
            benefits=FakeBenefits(),
            uses=FakeUses(),
            scenarios=FakeScenarios(),
            publisher=self,
            asking=self,
            exchange=self.exchange,
            writer=self.writer,
            workers=self,
            check_workers=NoWorkers(),
            changes=self.exchange.changes,
            registry=self,
            records=self,
            codes=SubjectCodes(library=FixedLibrary(), tagger=self),
            proofs=self,
            names=self,
            intake=self,
            imports=self.imports,
            status=lambda **_: {
                "node": {"name": "泸州"},
                "scrub": {"ended_at": None, "damaged": []},
                "platforms": [],
                "requests": {
                    "open": {"answer": 0, "sent": 0},
                    "overdue": {"answer": 0, "sent": 0},
                },
                "reliefs": {"by_member": {}},
                "acknowledging": [],
                "outcomes": {"pending": 2, "reopened": 1, "overdue": 1, "reopened_overdue": 0},
                "kept": {},
                "displays": {"by_party": {}},
                "problems": [],
                "disk": {"free_bytes": 2, "reserve_bytes": 1, "following_bytes": 0},
                "logs": [
                    {
                        "origin": ORIGIN,
                        "size": 5,
                        "verified_to": 4,
                        "head_age_s": 3,
                        "set_aside": {"kind.unknown": 2},
                        "waits_for_room": False,
                    }
                ],
            },
            charters=self,
            pending=lambda: {"pending": [], "damaged": []},
            reloading=self,
            rebuild=lambda check_only: (check_only, [] if check_only else ["row 1"]),
            rotation=self,
            lookup_keys=self,
            clock_desk=self,
            recovering=self,
            packets=self,
            platforms=self,
            catalogs=self.catalogs,
            cases=self.cases,
            quality=self.quality,
            repairs=self.repairs,
            displays=self.displays,
            requests=self.requests,
            notices=self.notices,
            campaigns=self.campaigns,
            letters=self.letters,
            outcomes=self.outcomes,
            certificates=self.certificates,
            attest=lambda peer, question: f"{peer} ".encode() + question,
            attesting=NoQuestions(),
            calls=self.calls,
            shown=(self.shown, self.shown),
            runs=JobRuns(monotonic),
            jobs=self.jobs,
        )


def view(number: int, state: str = "active", origin: Origin = ORIGIN) -> RecordView:
    return RecordView(
        statement_id=statement(number),
        kind=Kind.LISTING,
        origin=origin,
        index=number,
        state=state,
    )
