"""A node's configuration: DIR/huxin.toml as one frozen, validated value; and the environment.

Every setting but those of `[node]` has a safe default. Unknown keys are refused, since a setting
that is misspelt would silently not count. Nothing else reads the file or the environment.

Longer than 450 lines because it is one table of all settings, and half of them speak of each other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic import ValidationError as PydanticError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from federation.ids import CharterId, Origin, node_of
from federation.intake.feed import SHARE_GONE_MAX
from federation.letters import LetterKind
from federation.quality.formulas import INCOMPLETE, IRREGULAR, UNLINKED

FILE_NAME: Final = "huxin.toml"

_ENDPOINT: Final = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})")
_MAX_PORT: Final = 65535
PLATFORMS_MAX: Final = 4
"""Each may hold a thread of the jobs while its server says nothing; there are at least five."""
_LOOPBACK: Final = ("127.0.0.1", "[::1]", "localhost")
_SERVICES: Final = ("https://", "http://")
_PLATFORM_DRIVERS: Final = ("postgresql", "mysql", "mariadb", "sqlite")
CONFIGURED: Final = "platform:"
"""Before the name of a platform of the configuration, where a database's address may stand."""


class ConfigError(Exception):
    """The operator's to mend: the message names file, key, what was expected and what was there."""


def check_endpoint(value: str) -> str:
    """Return host:port as it stands, or nothing.

    Raises:
        ValueError: another form, or no such port.
    """
    match = _ENDPOINT.fullmatch(value)
    if value and (match is None or int(match[1]) > _MAX_PORT):
        message = "host:port"
        raise ValueError(message)
    return value


def _check_database(value: str) -> str:
    if value and not re.match(r"(?:sqlite|postgresql(?:\+psycopg)?)://", value):
        message = "sqlite:///FILE, postgresql://… or nothing for DIR/huxin.db"
        raise ValueError(message)
    return value


def _check_service(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if (
        not parts.hostname
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
        or (parts.scheme == "http" and not local)
    ):
        message = (
            "https://HOST/PATH (http:// on this machine only) without user, query and fragment; "
            "the token goes into password_file"
        )
        raise ValueError(message)
    return value


def _check_issuer(value: str) -> str:
    parts = urlsplit(value)
    local = parts.netloc.rpartition(":")[0] in _LOOPBACK or parts.netloc in _LOOPBACK
    sealed = parts.scheme == "https" or (parts.scheme == "http" and local)
    if (
        not value.isascii()
        or not parts.hostname
        or not sealed
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        message = (
            "https://HOST/PATH (http:// on this machine only) without user, query and fragment, "
            "exactly as the provider names itself in its discovery document"
        )
        raise ValueError(message)
    return value


def _check_letter_kind(value: str) -> str:
    if value not in tuple(LetterKind):
        message = f"a kind of letter: {', '.join(LetterKind)}"
        raise ValueError(message)
    return value


def _check_platform(value: str) -> str:
    if value.startswith(_SERVICES):
        return _check_service(value)
    try:
        url = make_url(value)
    except ArgumentError:
        url = None
    if (
        url is None
        or url.drivername not in _PLATFORM_DRIVERS
        or not url.database
        or url.password is not None
        or {"password", "passwd"} & set(url.query)
    ):
        message = (
            "https://HOST/PATH, postgresql://USER@HOST/DATABASE, mysql://… or mariadb://… or "
            "sqlite:///FILE, without a password; that goes into password_file"
        )
        raise ValueError(message)
    return value


Endpoint = Annotated[str, AfterValidator(check_endpoint)]
"""host:port, or empty where there is none."""

Required = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Pin = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PlatformName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
LetterCode = Annotated[str, StringConstraints(pattern=r"^[^〔〕\s]{0,40}$")]
"""机关代字."""
LetterKindName = Annotated[str, AfterValidator(_check_letter_kind)]
Vkey = Annotated[str, StringConstraints(max_length=512)]
Seconds = Annotated[int, Field(ge=1, le=31_536_000)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NodeSection(_Section):
    """Who this node is. Given by `init`; a change is a new epoch, not an edit."""

    region: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    name: Required
    role: Literal["city", "county", "hub", "auditor"] = "city"
    origin: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,185}[a-z0-9])?/[1-9][0-9]{0,8}$")
    ]


class ListenSection(_Section):
    """Where this node listens."""

    exchange: Endpoint = "127.0.0.1:7443"
    advertise: Endpoint = ""
    metrics: Endpoint = ""


class OidcSection(_Section):
    """The city's identity provider 统一身份认证, by which people of the console may sign in."""

    issuer: Annotated[str, StringConstraints(max_length=256), AfterValidator(_check_issuer)]
    """Its address; everything else about it is read there (OpenID Connect Discovery)."""
    client_id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,256}$")]
    """By which it knows this node."""
    client_secret_file: Annotated[str, StringConstraints(max_length=256)] = ""
    """Relative to the directory; mode 0600."""
    client_key_file: Annotated[str, StringConstraints(max_length=256)] = ""
    """PEM of a private key instead of a secret (`private_key_jwt`); mode 0600."""
    ca_file: Annotated[str, StringConstraints(max_length=256)] = ""
    """PEM of who may have signed its certificate; empty: those of the system."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "统一身份认证"
    """As the button calls it."""
    max_age_seconds: Annotated[int, Field(ge=0, le=31_536_000)] = 28_800
    """How long ago a person may have signed in there; 0: as long as the provider likes."""
    acr: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,256}$")] = ""
    """Authentication context that is asked for and must be said; empty: none is."""

    @model_validator(mode="after")
    def _known_to_it(self) -> OidcSection:
        if bool(self.client_secret_file) == bool(self.client_key_file):
            message = "client_secret_file or client_key_file, and not both"
            raise ValueError(message)
        return self


class HttpSection(_Section):
    """HTTP for departments; files are relative to the directory."""

    listen: Endpoint = ""
    """Empty: off."""
    cert: Annotated[str, StringConstraints(max_length=256)] = ""
    """PEM of the certificate with its chain, for the name that departments call."""
    key: Annotated[str, StringConstraints(max_length=256)] = ""
    console: bool = False
    """Whether pages for people are served beside the API."""
    origin: Annotated[
        str,
        StringConstraints(
            pattern=r"^(https://[a-z0-9.:\[\]-]+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?)?$"
        ),
    ] = ""
    """How browsers call the console where a gateway stands before it; empty: as they are heard."""
    upload_bytes: Annotated[int, Field(ge=1024, le=4_294_967_296)] = 67_108_864
    """Of a file that comes in over HTTP."""
    oidc: OidcSection | None = None
    """None: people sign in with accounts of this node alone."""

    @model_validator(mode="after")
    def _sealed(self) -> HttpSection:
        if self.oidc and not (self.console and self.origin):
            message = (
                "console = true and origin, beside http.oidc: the provider sends browsers back to "
                "ORIGIN/sign-in/provider"
            )
            raise ValueError(message)
        if bool(self.cert) != bool(self.key):
            message = "cert and key, or neither"
            raise ValueError(message)
        if self.listen and not self.cert and self.listen.rpartition(":")[0] not in _LOOPBACK:
            message = (
                "cert and key: without TLS only 127.0.0.1, [::1] or localhost is listened on, "
                "for a gateway on this machine"
            )
            raise ValueError(message)
        return self


class LogsSection(_Section):
    """Logs and witness for strangers over HTTP; files are relative to the directory."""

    listen: Endpoint = ""
    """Empty: off."""
    cert: Annotated[str, StringConstraints(max_length=256)] = ""
    """PEM of a certificate with its chain; empty: the node's own, which the charter names."""
    key: Annotated[str, StringConstraints(max_length=256)] = ""
    plain: bool = False
    """Without TLS, so that no member can show who it is: public logs alone."""

    @model_validator(mode="after")
    def _sealed(self) -> LogsSection:
        if bool(self.cert) != bool(self.key):
            message = "cert and key, or neither"
            raise ValueError(message)
        if self.plain and self.cert:
            message = "plain = true, or cert and key"
            raise ValueError(message)
        if self.plain and self.listen and self.listen.rpartition(":")[0] not in _LOOPBACK:
            message = (
                "plain = false: without TLS only 127.0.0.1, [::1] or localhost is listened on, "
                "for a gateway on this machine"
            )
            raise ValueError(message)
        return self


class DatabaseSection(_Section):
    """Where the node keeps its logs and records."""

    url: Annotated[str, AfterValidator(_check_database)] = ""


def _check_mark(value: str) -> str:
    try:
        url = make_url(value) if value else None
    except ArgumentError:
        url = None
    if value and (
        url is None
        or url.drivername not in ("postgresql", "postgresql+psycopg")
        or not url.database
        or not url.username
        or url.password is not None
        or set(url.query) - {"host"}
    ):
        message = (
            "postgresql://USER@HOST:PORT/DATABASE, of another server than the database's, without "
            "a password; that goes into mark_password_file"
        )
        raise ValueError(message)
    return value


class StateSection(_Section):
    """Where it is kept what this node has signed, where more than one host may sign."""

    mark: Annotated[str, AfterValidator(_check_mark)] = ""
    """Database of another PostgreSQL server; empty: files in DIR/state."""
    mark_password_file: Annotated[str, StringConstraints(max_length=256)] = ""
    """Relative to the directory; mode 0600."""
    mark_ca_file: Annotated[str, StringConstraints(max_length=256)] = ""
    """PEM of who signed the server's certificate; relative to the directory."""

    @model_validator(mode="after")
    def _sealed(self) -> StateSection:
        if not self.mark and (self.mark_password_file or self.mark_ca_file):
            message = "mark, where its password or certificate is named"
            raise ValueError(message)
        if self.mark and not self.mark_ca_file and not _is_local(make_url(self.mark)):
            message = "mark_ca_file: a server on another machine is spoken to over TLS alone"
            raise ValueError(message)
        return self


def _is_local(url: URL) -> bool:
    """Whether a server is on this machine: a socket, or the loopback address."""
    host = url.query.get("host") or url.host or ""
    return isinstance(host, str) and (host.startswith("/") or host in (*_LOOPBACK, "::1"))


class AllianceSection(_Section):
    """Which alliances this node trusts, in order: the first decides about a log's key."""

    pins: tuple[Pin, ...] = Field(default=(), strict=False)


class PeersSection(_Section):
    """How peers are called."""

    connect_seconds: Seconds = 10
    retry_longest_seconds: Seconds = 30
    not_direct: tuple[Required, ...] = Field(default=(), strict=False)


class SourceSection(_Section):
    """A source department 数源部门: the authorities and lists for which its files may speak."""

    name: Annotated[str, StringConstraints(max_length=128)] = ""
    """The department as reports call it; empty: by the authority for which it speaks."""
    authorities: dict[Required, Required] = {}
    """Code by name, as the source's files write the names."""
    list_types: tuple[Required, ...] = Field(default=(), strict=False)
    mapping: str = ""
    relief_only: bool = False
    """Gives no list, and reliefs and annotations for the authorities of all sources 一口受理."""
    comparison: bool = False
    """Its files are exports of 信用中国, which are compared and publish nothing of themselves."""
    sharing: Literal["", "unconditional", "conditional", "none"] = ""
    """What its catalog says of sharing 共享属性: 无条件共享, 有条件共享, 不予共享."""
    consent: Annotated[str, StringConstraints(max_length=256)] = ""
    """The document in which it consents to handing its data on 同意转交的文书."""

    @model_validator(mode="after")
    def _speaks_for_somebody(self) -> SourceSection:
        if self.relief_only and (self.list_types or self.mapping):
            message = "no list_types and no mapping beside relief_only: it gives no list"
            raise ValueError(message)
        if self.comparison and (self.relief_only or self.authorities or self.list_types):
            message = "nothing beside comparison: an export speaks for nobody"
            raise ValueError(message)
        if not (
            self.relief_only
            or self.comparison
            or {"authorities", "list_types"} <= self.model_fields_set
        ):
            message = "authorities and list_types for which it may speak, or relief_only = true"
            raise ValueError(message)
        return self

    def title(self, section: str) -> str:
        """The department as people call it.

        Its name; where none is set the authority for which it speaks, with how many there are; of
        one that names none, the section.
        """
        first = next(iter(self.authorities), "")
        several = f" 等 {len(self.authorities)} 个单位" if len(self.authorities) > 1 else ""
        return self.name or f"{first}{several}" or section


SecondPersonMode = Literal["no", "by-hand", "all"]
"""What waits for a second person before it is published; see `node.intake.second_person`."""


class FilesSection(_Section):
    """The file adapter."""

    inbox: Required = "inbox"
    outbox: Annotated[str, StringConstraints(max_length=256)] = "outbox"
    """Empty: no files; a platform's database takes what is told."""
    keep_days: Annotated[int, Field(ge=1, le=366)] = 30
    settle_seconds: Annotated[int, Field(ge=0, le=86_400)] = 10
    snapshot_share_max: Annotated[float, Field(ge=0, le=1)] = SHARE_GONE_MAX
    consent_required: bool = False
    """Whether a source publishes lists only once it has said that they may be handed on."""
    second_person: SecondPersonMode | Literal["auto"] = "no"
    """What lists somebody and waits for a second person: `no`, `auto`, `by-hand` or `all`."""
    second_person_lists: Mapping[Required, SecondPersonMode] = {}
    """The same of single lists, by their ids."""
    sources: Mapping[Required, SourceSection] = {}


class LimitsSection(_Section):
    """Bounds on what others may make this node hold."""

    streams: Annotated[int, Field(ge=1, le=4096)] = 64
    file_bytes: Annotated[int, Field(ge=1024, le=4_294_967_296)] = 268_435_456
    file_rows: Annotated[int, Field(ge=1, le=100_000_000)] = 1_000_000


class StorageSection(_Section):
    """The disk below the node's directory."""

    reserve_bytes: Annotated[int, Field(ge=0, le=281_474_976_710_656)] = 268_435_456
    """Kept free; never more than a twentieth of the disk."""
    scrub_leaves: Annotated[int, Field(ge=0, le=1_048_576)] = 2048
    """Stored leaves that are read and proved every ten seconds; 0: none."""


class WorkersSection(_Section):
    """Processes beside the one that stores."""

    prepare: Annotated[int, Field(ge=0, le=16)] | Literal["auto"] = "auto"
    """How many read and seal what peers deliver; 0: none; `auto`: by the processors."""


class TimingSection(_Section):
    """Intervals."""

    head_seconds: Annotated[int, Field(ge=1, le=60)] = 50
    stale_after_seconds: Seconds = 86_400
    pull_seconds: Seconds = 30


class ReceiptsSection(_Section):
    """How long outcomes are gathered before origins are told of them."""

    seconds: Annotated[int, Field(ge=0, le=3600)] = 3000
    relief_seconds: Annotated[int, Field(ge=0, le=60)] = 3


class QualitySection(_Section):
    """The formulas of `huxin quality`, as `federation.quality.figures.Formulas` has them."""

    working_days: Annotated[int, Field(ge=0, le=366)] = 7
    compliance_of: Literal["reported", "judged"] = "reported"
    timeliness_of: Literal["known", "published"] = "known"
    ignore_held: bool = False
    ignored_reasons: tuple[Required, ...] = Field(default=("catalog.",), strict=False)
    incomplete_reasons: tuple[Required, ...] = Field(default=INCOMPLETE, strict=False)
    irregular_reasons: tuple[Required, ...] = Field(default=IRREGULAR, strict=False)
    unlinked_reasons: tuple[Required, ...] = Field(default=UNLINKED, strict=False)
    gap_days: Annotated[int, Field(ge=0, le=3660)] = 30


class KeysSection(_Section):
    """The key ring."""

    rotate_days: Annotated[int, Field(ge=0, le=366)] = 30
    escrow: Annotated[str, StringConstraints(pattern=r"^(/.*)?$")] = ""


class AccessSection(_Section):
    """Where departments ask over gRPC, and what is kept of who asked."""

    listen: Endpoint = ""
    """For departments with a client certificate."""
    listen_tokens: Endpoint = ""
    """For departments with a token, over TLS all the same."""
    workers: Annotated[int, Field(ge=0, le=16)] = 0
    """Processes that answer checks at these listeners; 0: the node itself does."""
    keep_years: Annotated[int, Field(ge=1, le=30)] = 5
    """Then what was asked is erased, by trusted time; that something was asked stays."""


class LettersSection(_Section):
    """The unit that issues letters 公文, and the codes of its numbers."""

    issuer: Annotated[str, StringConstraints(max_length=100)] = ""
    """发文机关; empty: letters have room for it."""
    code: LetterCode = ""
    """机关代字 of the numbers that this node gives; empty: people type numbers."""
    codes: dict[LetterKindName, LetterCode] = {}
    """Another one for letters of a kind."""


class PostSection(_Section):
    """Where a person works."""

    unit: Annotated[str, StringConstraints(max_length=100)] = ""
    post: Annotated[str, StringConstraints(max_length=100)] = ""


class PlatformSection(_Section):
    """A database or a service of the city's platform that is told what the outbox is told."""

    url: Annotated[str, AfterValidator(_check_platform)]
    password_file: Annotated[str, StringConstraints(max_length=256)] = ""
    """Password, or bearer token; relative to the directory; mode 0600."""
    ca_file: Annotated[str, StringConstraints(max_length=256)] = ""
    """Of a service: PEM of who may have signed its certificate; relative to the directory."""
    sources: tuple[Required, ...] = Field(default=(), strict=False)
    """Sources for which rows of its inbox table may speak; empty: none is read."""
    checks: Annotated[dict[Required, Required], Field(max_length=64)] = {}
    """File of the token with which a source's rows of `huxin_check` ask, by source; mode 0600."""
    batches: bool = False
    """Whether those sources ask by rows of `huxin_check_batch` as well."""

    @property
    def is_service(self) -> bool:
        """Whether it is a service, not a database."""
        return self.url.startswith(_SERVICES)

    @model_validator(mode="after")
    def _fits(self) -> PlatformSection:
        if self.is_service and self.sources:
            message = "sources of a database: a service has no inbox table"
            raise ValueError(message)
        if self.is_service and self.checks:
            message = "checks of a database: a service has no table of questions"
            raise ValueError(message)
        if self.batches and not self.checks:
            message = "batches take the tokens of checks: name them"
            raise ValueError(message)
        if self.ca_file and not self.is_service:
            message = "ca_file of a service: a database's stands in its url"
            raise ValueError(message)
        return self


def _check_collector(value: str) -> str:
    parts = urlsplit(value)
    local = parts.netloc.rpartition(":")[0] in _LOOPBACK
    port = re.fullmatch(r"[^@]+:[0-9]{1,5}", parts.netloc)
    sealed = parts.scheme == "https" or (parts.scheme == "http" and local)
    if value and (not sealed or not port or parts.path or parts.query or parts.fragment):
        message = "https://HOST:PORT, or http://127.0.0.1:PORT for a collector on this machine"
        raise ValueError(message)
    return value


class ObserveSection(_Section):
    """Traces: how long the steps of a call took. Needs `pip install huxin[otel]`."""

    otlp: Annotated[str, AfterValidator(_check_collector)] = ""
    """The collector, OTLP over gRPC; empty: off."""


class Config(_Section):
    """The whole configuration of one node; `directory` is where the file was read."""

    directory: Path
    node: NodeSection
    listen: ListenSection = ListenSection()
    http: HttpSection = HttpSection()
    logs: LogsSection = LogsSection()
    database: DatabaseSection = DatabaseSection()
    state: StateSection = StateSection()
    alliance: AllianceSection = AllianceSection()
    peers: PeersSection = PeersSection()
    files: FilesSection = FilesSection()
    limits: LimitsSection = LimitsSection()
    storage: StorageSection = StorageSection()
    workers: WorkersSection = WorkersSection()
    timing: TimingSection = TimingSection()
    receipts: ReceiptsSection = ReceiptsSection()
    quality: QualitySection = QualitySection()
    keys: KeysSection = KeysSection()
    access: AccessSection = AccessSection()
    observe: ObserveSection = ObserveSection()
    persons: Annotated[dict[Required, Vkey], Field(max_length=1000)] = {}
    """Verifier keys by name of who may propose, adopt and decide; none: names are not signed."""
    posts: Annotated[dict[Required, PostSection], Field(max_length=1000)] = {}
    """Where persons work, by name, for letters and stories."""
    letters: LettersSection = LettersSection()
    platform: Annotated[dict[PlatformName, PlatformSection], Field(max_length=PLATFORMS_MAX)] = {}

    @model_validator(mode="after")
    def _told_somewhere(self) -> Config:
        if not self.files.outbox and not self.platform:
            message = "files.outbox, or a platform: what peers say must go somewhere"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _sources_known(self) -> Config:
        for name, section in self.platform.items():
            unknown = set(section.sources) - set(self.files.sources)
            if unknown:
                message = f"platform.{name}.sources among [files.sources], got {sorted(unknown)}"
                raise ValueError(message)
        return self

    @property
    def origin(self) -> Origin:
        """The node's log."""
        return Origin(self.node.origin)

    @property
    def node_name(self) -> str:
        """The node's name: the origin without its epoch."""
        return node_of(self.origin)

    @property
    def pins(self) -> tuple[CharterId, ...]:
        """The alliances that this node trusts, in order."""
        return tuple(CharterId(bytes.fromhex(pin)) for pin in self.alliance.pins)

    @property
    def database_url(self) -> str:
        """The database, DIR/huxin.db unless another is configured."""
        return self.database.url or f"sqlite:///{self.directory / 'huxin.db'}"

    @property
    def http_certificate(self) -> Path | None:
        """The certificate that departments are shown, where one is named."""
        return self.directory / self.http.cert if self.http.cert else None

    @property
    def keys_directory(self) -> Path:
        """DIR/keys."""
        return self.directory / "keys"

    @property
    def charters_directory(self) -> Path:
        """DIR/charters."""
        return self.directory / "charters"

    @property
    def state_directory(self) -> Path:
        """DIR/state: high-water mark and key ring, never in a backup."""
        return self.directory / "state"

    @property
    def inbox(self) -> Path:
        """Where sources lay their files, one directory each."""
        return self.directory / self.files.inbox

    @property
    def outbox(self) -> Path | None:
        """Where results for the local platform are laid; None where a database alone is told."""
        return self.directory / self.files.outbox if self.files.outbox else None


class Environment(BaseSettings):
    """What the program takes from the environment."""

    model_config = SettingsConfigDict(env_prefix="HUXIN_", frozen=True)

    dir: Path = Path()
    """`HUXIN_DIR`: the node's directory, where `--dir` is not given."""

    failpoint: str = ""
    """`HUXIN_FAILPOINT`: see `node.system.failpoints`."""

    columns: str = Field(default="", validation_alias="COLUMNS")
    """`COLUMNS`: the width of tables, also where no terminal is."""

    platform_passwords: dict[str, SecretStr] = {}
    """`HUXIN_PLATFORM_PASSWORDS`: JSON, passwords of platforms by name; before their files."""


def load_config(directory: Path) -> Config:
    """Read DIR/huxin.toml.

    Raises:
        ConfigError: no such file, not TOML, a key that is not known, or a value out of bounds.
    """
    path = directory / FILE_NAME
    try:
        return parse_config(path.read_text("utf-8"), directory)
    except FileNotFoundError:
        message = f"{path}: expected a node's configuration, got no file; see huxin init, --dir"
        raise ConfigError(message) from None
    except (UnicodeDecodeError, OSError) as error:
        message = f"{path}: expected a readable file in UTF-8, got: {error}"
        raise ConfigError(message) from error


def parse_config(text: str, directory: Path) -> Config:
    """Read the text of a configuration file of `directory`.

    Raises:
        ConfigError: not TOML, a key that is not known, or a value out of bounds.
    """
    path = directory / FILE_NAME
    try:
        return Config.model_validate(tomllib.loads(text) | {"directory": directory.resolve()})
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: expected TOML, got: {error}"
        raise ConfigError(message) from error
    except PydanticError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {_expected(fault['type'], fault['msg'])}, "
            f"got {_got(fault['loc'], fault['input'])}"
            for fault in error.errors(include_url=False)
        )
        raise ConfigError(f"{path}: {faults}") from error


def _got(place: tuple[int | str, ...], value: object) -> str:
    """Show a value, but not one in which a password may stand."""
    if not place or place[-1] in ("url", "mark") or "password" in str(place[-1]):
        return "another"
    return ascii(value)[:64]


def _expected(kind: str, text: str) -> str:
    if kind == "extra_forbidden":
        return "expected no such key"
    if kind == "missing":
        return "expected a value"
    return f"expected {text.removeprefix('Value error, ').removeprefix('Input should be ')}"
