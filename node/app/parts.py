"""The parts of a node, as `node.app.wiring` builds them and `node.app.runtime` runs them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from federation.charters.chain import CharterChain, HeldVersion
from federation.errors import RefusedError, ReplicationError
from federation.ids import MemberId
from node.app.worker_door import Served
from node.attestation.job import AsksHomes
from node.charters.contacts import Contact
from node.directory.config import HttpSection, LogsSection
from node.log.startup_check import Awaited
from node.log.writer import UnitWriter, WriteThread
from node.network.pull import Pulling
from node.network.query_witnesses import Cosigned
from node.network.transport import MAX_STREAMS, TlsIdentity
from node.records.subject_codes import SubjectCodes
from node.services.access import AccessDesk
from node.services.accounts import AccountDesk, ProviderSessions, Sessions
from node.services.admin import CharterFolder, Names, Proofs, Status
from node.services.batches import BatchAnswers
from node.services.benefits import BenefitAnswers, UseAnswers
from node.services.campaigns import CampaignAnswers
from node.services.cases import CaseAnswers
from node.services.catalogs import CatalogAnswers
from node.services.certificates import CertificateMaking
from node.services.clock import ClockConfirmation
from node.services.displays import DisplayAnswers
from node.services.exchange import NodeInfo, Serving
from node.services.files import FileIntake, TrialInputs
from node.services.imports import ImportAnswers
from node.services.keys_and_recovery import KeyRotation, LogRecovery, LookupReplacing
from node.services.letters import LetterAnswers
from node.services.notices import NoticeAnswers
from node.services.outcomes import OutcomeAnswers
from node.services.packets import PacketFiles
from node.services.platforms import PlatformAnswers
from node.services.quality import QualityAnswers
from node.services.queries import QueryAnswers
from node.services.reads import Records
from node.services.recognitions import ScenarioAnswers
from node.services.registry import RecordReading, Submissions
from node.services.repairs import RepairAnswers
from node.services.requests import RequestAnswers
from node.services.screening import ScreeningAnswers
from node.services.watches import WatchAnswers
from node.status.job_runs import JobRuns
from node.system.clock import Clock
from node.system.schedule import AnyJob
from node.system.wakeups import Changes
from node.web.calls import Calls
from node.web.log_calls import LogFiles, WitnessCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What running a node needs of its configuration; addresses are `host:port`, port 0 for any."""

    directory: Path
    listen: str
    """Where peers dial; empty for a node that only dials."""
    metrics: str
    """Where `/metrics` is served; empty for nowhere."""
    departments: str = ""
    """Where departments with a client certificate ask; empty for nowhere."""
    department_tokens: str = ""
    """Where departments with a token ask; empty for nowhere."""
    log_level: str = "info"
    pull_seconds: int = 30
    head_seconds: int = 50
    """Renews the head cosignature; at least every minute (SPEC §3.5)."""
    connect_seconds: float = 10.0
    """Until an attempt to reach a peer is given up."""
    retry_longest_seconds: float = 30.0
    """Longest pause between two attempts."""
    streams: int = MAX_STREAMS
    """Calls at once on one connection of a peer."""
    http: HttpSection = field(default_factory=HttpSection)
    """Where departments are answered over HTTP."""
    logs: LogsSection = field(default_factory=LogsSection)
    """Where logs are shown to strangers."""


class RunningExchange(Serving, Pulling, Protocol):
    """`node.peers.exchange.Exchange`, as the network uses it."""

    def published(self) -> None:
        """Our own log has a new note: show it."""
        ...

    def blame(self, peer: MemberId, error: ReplicationError) -> None:
        """Count what a peer said that is false."""
        ...

    def blamed(self) -> Mapping[tuple[MemberId, str], int]:
        """How often each peer delivered something false, by reason code."""
        ...


class RunningWriter(WriteThread, UnitWriter, Protocol):
    """`node.log.writer.Writer`."""

    def close(self) -> None:
        """Finish what is queued and end the thread."""
        ...


class Heads(Protocol):
    """`node.log.publisher.Publisher`, as schedule and commands use it."""

    @property
    def refusal(self) -> RefusedError | None:
        """Why nothing is signed, or None while relief at least is."""
        ...

    @property
    def replaced(self) -> bool:
        """Whether another process signs for this log: no peer is dialled or answered any more."""
        ...

    def renew_head(self) -> bytes | None:
        """Sign on; on the writer thread. None where nothing may be signed."""
        ...


class PlatformRows(TrialInputs, PlatformAnswers, Protocol):
    """`node.platform.desk.PlatformDesk`."""


class Charters(CharterFolder, Protocol):
    """The charters in force, and how they come in."""

    @property
    def chains(self) -> Sequence[CharterChain]:
        """Every version of every charter held."""
        ...

    def contacts(self) -> Sequence[Contact]:
        """All peers of today's charters (`node.charters.contacts`); asked each second."""
        ...

    def identify(self, certificate: bytes) -> MemberId | None:
        """The peer that has exactly this certificate (DER); asked at each call."""
        ...

    def envelopes_for(self, peer: MemberId, held: Sequence[HeldVersion] = ()) -> Sequence[bytes]:
        """Envelopes of the charters that this peer and we share, but those up to what it holds."""
        ...

    def held_with(self, peer: MemberId) -> Sequence[HeldVersion]:
        """What we hold of the charters that this peer and we share."""
        ...


class Reloads(Protocol):
    """`node.directory.reloading.Reloading`."""

    def reload(self) -> bool:
        """Take what may be taken of the configuration file while the node runs; blocks."""
        ...


class Closing(Protocol):
    """Something that holds connections or processes; a store, a pool."""

    def close(self) -> None:
        """Release them."""
        ...


class TendedWorkers(Protocol):
    """`node.app.check_workers.CheckWorkers`; one call at a time."""

    @property
    def wanted(self) -> int:
        """How many there are to be."""
        ...

    @property
    def ready(self) -> int:
        """How many answer."""
        ...

    def tend(self, served: Served) -> None:
        """Begin those that are not there, when it is time; blocks."""
        ...

    def close(self) -> None:
        """End all of them; blocks."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that one node consists of, wired and started, and not yet on the network."""

    settings: Settings
    me: MemberId
    info: Callable[[], NodeInfo]
    clock: Clock
    token: Callable[[int], bytes]
    identities: Callable[[], Sequence[TlsIdentity]]
    """Our TLS keys and certificates, the one to use first."""
    store: Closing
    queries: Closing
    """The query store and its writer; closed before the store."""
    access: AccessDesk
    accounts: AccountDesk
    persons: Collection[str]
    """Names of those whose signed word counts here."""
    sessions: Sessions
    """Who signs in."""
    provider: ProviderSessions
    """Who does so by the city's identity provider."""
    screening: ScreeningAnswers
    batches: BatchAnswers
    watches: WatchAnswers
    scenarios: ScenarioAnswers
    benefits: BenefitAnswers
    uses: UseAnswers
    """Who may ask."""
    asked: QueryAnswers
    query_witness: Callable[[bytes], bytes]
    """Cosigns a member's query log; any thread, blocks."""
    cosigned: Cosigned
    """Our query log on its way to witnesses."""
    reads: Records
    """Where operators' reads are recorded."""
    publisher: Heads
    asking: Awaited
    exchange: RunningExchange
    writer: RunningWriter
    workers: Closing
    check_workers: TendedWorkers
    changes: Changes
    """`changes.ring` is what the exchange calls when something changed."""
    registry: Submissions
    records: RecordReading
    """`node.records.records.Records`."""
    codes: SubjectCodes
    proofs: Proofs
    names: Names
    intake: FileIntake
    imports: ImportAnswers
    status: Status
    charters: Charters
    pending: Callable[[], dict[str, Any]]
    """The document of requests to join that wait."""
    reloading: Reloads
    rebuild: Callable[[bool], tuple[bool, list[str]]]
    """Takes `check_only`; runs its transaction on the writer thread and blocks until done."""
    rotation: KeyRotation
    lookup_keys: LookupReplacing
    clock_desk: ClockConfirmation
    recovering: LogRecovery
    packets: PacketFiles
    platforms: PlatformRows
    catalogs: CatalogAnswers
    cases: CaseAnswers
    quality: QualityAnswers
    repairs: RepairAnswers
    displays: DisplayAnswers
    requests: RequestAnswers
    notices: NoticeAnswers
    campaigns: CampaignAnswers
    letters: LetterAnswers
    outcomes: OutcomeAnswers
    certificates: CertificateMaking
    attest: Callable[[MemberId, bytes], bytes]
    """Answers a peer's question about subjects; any thread, blocks."""
    attesting: AsksHomes
    calls: Calls
    """What departments may ask over HTTP; any thread, blocks."""
    shown: tuple[LogFiles, WitnessCalls]
    """What strangers may ask over HTTP; any thread, blocks."""
    runs: JobRuns
    """What is known of the runs of the jobs."""
    jobs: tuple[AnyJob, ...] = ()
