"""Commands as clients of the node's services, and how their failures end the program.

Exit codes: 0 done; 1 findings; 2 usage; 3 refused; 4 cannot reach or start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar, cast

import grpc
import typer
from huxin.v1.access_pb2_grpc import AccessStub
from huxin.v1.accounts_pb2_grpc import AccountsStub
from huxin.v1.admin_pb2_grpc import AdminStub
from huxin.v1.campaigns_pb2_grpc import CampaignsStub
from huxin.v1.cases_pb2_grpc import CasesStub
from huxin.v1.catalogs_pb2_grpc import CatalogsStub
from huxin.v1.certificates_pb2_grpc import CertificatesStub
from huxin.v1.displays_pb2_grpc import DisplaysStub
from huxin.v1.imports_pb2_grpc import ImportsStub
from huxin.v1.letters_pb2_grpc import LettersStub
from huxin.v1.notices_pb2_grpc import NoticesStub
from huxin.v1.platforms_pb2_grpc import PlatformsStub
from huxin.v1.quality_pb2_grpc import QualityStub
from huxin.v1.queries_pb2_grpc import QueriesStub
from huxin.v1.recognition_pb2_grpc import RecognitionsStub
from huxin.v1.registry_pb2_grpc import RegistryStub
from huxin.v1.repairs_pb2_grpc import RepairsStub
from huxin.v1.requests_pb2_grpc import RequestsStub
from huxin.v1.screening_pb2_grpc import ScreeningStub
from huxin.v1.watches_pb2_grpc import WatchesStub

from adapters.errors import AdapterError, HighWaterError, KeyRingError
from adapters.files.errors import FileAdapterError
from crypto.errors import CryptoError
from federation.errors import (
    CharterError,
    EntitlementError,
    FederationError,
    RefusedError,
    StatementError,
)
from node.app.local import connect
from node.cli import render
from node.cli.language import say_in
from node.directory.config import ConfigError
from node.directory.keys import KeyFileError
from node.directory.presence import PATIENCE, NoNodeError, NotReadyError, RunningError
from node.network.errors import UnavailableError, error_of
from node.system.hardening import forbid_core_files
from node.system.logging import set_up

if TYPE_CHECKING:
    from node.app.parts import Parts


T = TypeVar("T")


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    REFUSED = 3
    UNREACHABLE = 4


_CODES: Final[tuple[tuple[type[Exception], Exit], ...]] = (
    (UnavailableError, Exit.UNREACHABLE),
    (NotReadyError, Exit.UNREACHABLE),
    (RunningError, Exit.UNREACHABLE),
    (KeyFileError, Exit.UNREACHABLE),
    (RefusedError, Exit.REFUSED),
    (EntitlementError, Exit.REFUSED),
    (StatementError, Exit.USAGE),
    (CharterError, Exit.USAGE),
    (FileAdapterError, Exit.USAGE),
)
_ADVICE: Final[tuple[tuple[type[Exception], str], ...]] = (
    (NotReadyError, "稍候重试，或查看节点日志。 / Try again shortly, or see the node's log."),
    (NoNodeError, "核对 --dir，或先 huxin init。 / Check --dir, or make a node: huxin init."),
    (RunningError, "先停止该进程。 / Stop that process first."),
    (
        UnavailableError,
        "稍候重试；原因见 huxin doctor。 / Try again shortly; for why see huxin doctor.",
    ),
    (KeyFileError, "检查 DIR/keys 与文件权限。 / Check DIR/keys and its modes."),
    (RefusedError, "未作任何更改，按上文处理后重试。 / Nothing was changed; see the message."),
    (EntitlementError, "核对章程授权：huxin charter show。 / Compare with the charter's rights."),
    (StatementError, "更正所给内容后重试。 / Mend what was given, then try again."),
    (ConfigError, "核对 --dir 与 huxin.toml。 / Check --dir and huxin.toml."),
    (
        KeyRingError,
        "从托管处恢复当前的密钥环。 / Bring the current state/keyring.json back from escrow.",
    ),
    (HighWaterError, "见 see docs/operations/running.md#when-nothing-is-signed"),
    (FileAdapterError, "更正文件后重试。 / Mend the file, then try again."),
    (AdapterError, "查看磁盘空间、文件权限与数据库。 / See disk space, rights and database."),
)
_CHARTER_FILE: Final = (
    "核对该文件；已采用的章程从任一成员的 charters/ 取同名文件放回。 / "
    "Look at that file; of an adopted charter bring it back from charters/ of any member."
)
_ADVICE_OF: Final = {
    "access.denied": "用有此权限的人的令牌办理：--token-file。 / "
    "Bring the token of who may: --token-file.",
    "high-water.elsewhere": "huxin mark show; huxin mark move。 / docs/operations/failover.md",
    "high-water.unreachable": "见 see docs/operations/failover.md#the-marks-server",
    "charter.json": _CHARTER_FILE,
    "charter.envelope": _CHARTER_FILE,
    "keys.mode": "先判断是否被人读过、是否更换密钥，再按所示收紧权限。 / "
    "Find out whether they were read, and whether to rotate them; then the chmod that it names.",
    "store.schema": "数据库没有问题，也没有改动：换程序，或换数据库。 / "
    "The database is sound and unchanged: take the other program, or another database.",
    "store.encoding": "另建 UTF-8 的空数据库。 / Make an empty database in UTF-8.",
    "invitation.fingerprint": "再打电话核对一次；仍不同，这份文件不要用。 / "
    "Call once more; where it still differs, do not use this file.",
    "invitation.used": "请邀请方重新邀请：huxin invite create。 / Have a new one given out.",
    "invitation.expired": "请邀请方重新邀请：huxin invite create。 / Have a new one given out.",
    "invitation.clock": "两边都与可靠的时钟核对。 / Compare both clocks with a good one.",
    "invitation.unknown": "把申请交给发出邀请的成员。 / Hand it to the member that invited.",
    "join.unknown": "huxin charter pending 列出待批准的申请。 / See huxin charter pending.",
    "recover.not-needed": "无需做什么。 / Nothing is to be done.",
}
"""Where a code says more than its kind."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one node."""

    access: AccessStub
    accounts: AccountsStub
    registry: RegistryStub
    admin: AdminStub
    catalogs: CatalogsStub
    cases: CasesStub
    platforms: PlatformsStub
    quality: QualityStub
    repairs: RepairsStub
    displays: DisplaysStub
    requests: RequestsStub
    screening: ScreeningStub
    watches: WatchesStub
    recognitions: RecognitionsStub
    certificates: CertificatesStub
    queries: QueriesStub
    notices: NoticesStub
    campaigns: CampaignsStub
    imports: ImportsStub
    letters: LettersStub


@contextmanager
def services(directory: Path) -> Iterator[Services]:
    """Reach a node, running or not; whatever fails ends the program with its exit code."""
    with failures(), reached(directory) as node:
        yield node


@contextmanager
def reached(directory: Path) -> Iterator[Services]:
    """Reach a node, running or not.

    Raises:
        FederationError: what the node refuses, and why it cannot be reached.
        AdapterError: the database, where the node is started here.
        ConfigError: likewise, its configuration.
    """
    forbid_core_files()
    set_up("error")  # what runs in this process must not write among the results
    try:
        with connect(directory, _build, _unchecked, patience=PATIENCE) as channel:
            yield Services(
                access=AccessStub(channel),
                accounts=AccountsStub(channel),
                registry=RegistryStub(channel),
                admin=AdminStub(channel),
                catalogs=CatalogsStub(channel),
                cases=CasesStub(channel),
                platforms=PlatformsStub(channel),
                quality=QualityStub(channel),
                repairs=RepairsStub(channel),
                displays=DisplaysStub(channel),
                requests=RequestsStub(channel),
                screening=ScreeningStub(channel),
                watches=WatchesStub(channel),
                recognitions=RecognitionsStub(channel),
                certificates=CertificatesStub(channel),
                queries=QueriesStub(channel),
                notices=NoticesStub(channel),
                campaigns=CampaignsStub(channel),
                imports=ImportsStub(channel),
                letters=LettersStub(channel),
            )
    except grpc.RpcError as failure:
        # A synchronous failure has the same questions answered as an asynchronous one.
        raise error_of(cast("grpc.aio.AioRpcError", failure)) from failure


def tried(call: Callable[[], T]) -> T | FederationError:
    """Make a call whose failure is none of the command; returns the answer, or what went wrong."""
    try:
        return call()
    except grpc.RpcError as failure:
        return error_of(cast("grpc.aio.AioRpcError", failure))


def _build(directory: Path) -> Parts:
    """Wire the node, where no server runs; else a second is not spent on importing all of it."""
    from node.app.wiring import build  # noqa: PLC0415

    return build(directory)


def _unchecked(seconds: float) -> None:
    """Tell that signing goes on though no member could be asked."""
    render.say_warning(
        "own-log.unchecked",
        f"{seconds:g} 秒内没有成员答复本日志已签到何处，按本机命令继续签名；"
        "若本机曾被回退或目录曾被复制，可能签出两份历史。 / "
        f"No member said within {seconds:g} s how much of our log it holds; signing goes on at "
        "your word. If this machine was set back, or its directory copied, a second history may "
        "be signed.",
    )


OURS: Final = (FederationError, AdapterError, ConfigError, CryptoError, OSError)
"""Errors of which a command says what to do; all others are faults of the program."""


@contextmanager
def failures() -> Iterator[None]:
    """End the program with message, fix and exit code where something of ours fails."""
    try:
        yield
    except OURS as error:
        fail(error)


def code_and_advice(error: Exception) -> tuple[str, str]:
    """The stable code of an error of ours, and what to do about it, in both languages."""
    code = getattr(error, "code", "")
    if not isinstance(code, str) or not code:
        code = _default_code(error)
    advice = _ADVICE_OF.get(code) or next(
        (text for kind, text in _ADVICE if isinstance(error, kind)), ""
    )
    return code, advice


def fail(error: Exception) -> NoReturn:
    """End the program as an error of ours demands."""
    code, advice = code_and_advice(error)
    whole = render.whole_text(code, str(error))
    render.say_error(code, str(error), say_in(advice) + whole if advice else whole.strip("（）"))
    exit_code = next((c for kind, c in _CODES if isinstance(error, kind)), Exit.UNREACHABLE)
    raise typer.Exit(exit_code)


def _default_code(error: Exception) -> str:
    match error:
        case ConfigError():
            return "config.invalid"
        case AdapterError():
            return "store.failed"
        case CryptoError():
            return "crypto.invalid"
        case _:
            return "system.failed"
