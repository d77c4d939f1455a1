"""`huxin`: finds the module of a command, and turns errors into exit codes.

    0  done
    1  findings: something was checked and is not right, or some rows were refused
    2  usage
    3  refused by rules, rights or state
    4  cannot reach or start
  130  stopped by Ctrl-C
  141  whoever read the results stopped reading

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from itertools import pairwise
from typing import Annotated, Final, NamedTuple

import typer
from typer._click import exceptions
from typer.core import TyperGroup
from typer.main import get_command

from node.system import tls12_off  # noqa: F401 - before any command imports grpc


class Command(NamedTuple):
    """Where a command lives and its line in the menu.

    `target` is `module:attribute`; the attribute is a function (one command) or a `typer.Typer`
    (a group). The module is imported only when the command is used.
    """

    target: str
    help: str


COMMANDS: Final[dict[str, Command]] = {
    "demo": Command(
        "node.demo.command:demo", "在本机演示六市与枢纽 / Six cities and a hub on this machine"
    ),
    "init": Command("node.cli.init:init", "建立节点目录、密钥和配置 / Make a node's directory"),
    "invite": Command("node.cli.invite:app", "邀请新节点加入联盟 / Invite a node"),
    "join": Command("node.cli.join:join", "申请加入联盟 / Ask to join an alliance"),
    "charter": Command(
        "node.cli.charter.group:app",
        "联盟章程：起草、签署、核验、采用 / Draft, sign, verify, adopt a charter",
    ),
    "serve": Command("node.cli.serve:serve", "运行节点 / Run the node"),
    "http": Command(
        "node.cli.http:http",
        "单独运行部门查询的 HTTP 服务 / Serve departments over HTTP, beside the node",
    ),
    "status": Command(
        "node.cli.status:status", "节点与各日志的状态 / State of the node and its logs"
    ),
    "publish": Command(
        "node.cli.publish:publish",
        "发布名单、修复、场景文件 / Publish a file of lists, reliefs or scenarios",
    ),
    "adapter": Command("node.cli.adapter:app", "适配器：试用字段映射 / Adapters: try a mapping"),
    "repair": Command("node.cli.relief:repair", "修复一条列入 / Repair a listing"),
    "repairs": Command(
        "node.cli.repairs:app",
        "修复在各地的执行情况、时限 / How repairs are executed everywhere",
    ),
    "withdraw": Command("node.cli.relief:withdraw", "撤销一条列入 / Withdraw a listing"),
    "relist": Command("node.cli.relief:relist", "恢复列入 / Revoke a relief"),
    "annotate": Command(
        "node.cli.annotate:annotate", "异议、屏蔽、暂停 / Objection, masking, pause"
    ),
    "records": Command(
        "node.cli.records:app", "记录：列表、详情、监视 / Records: list, show, watch"
    ),
    "access": Command(
        "node.cli.access:app",
        "谁可以查询、谁问了什么：凭据、查询日志 / Who may ask, and who asked what",
    ),
    "catalog": Command(
        "node.cli.catalog:app",
        "目录与法人库：试行、采用、核实 / Catalogs and base library: try, adopt, confirm",
    ),
    "cases": Command(
        "node.cli.cases:app", "待核案件：列表、详情、决定 / Cases: list, show, decide"
    ),
    "check": Command(
        "node.cli.check:app",
        "办事前核查主体、跟踪变化 / Ask about a subject before acting; watch a case",
    ),
    "imports": Command(
        "node.cli.imports:app",
        "导入：先检查，两人确认，再发布 / Imports: tried, said by two persons, published",
    ),
    "requests": Command(
        "node.cli.requests:app",
        "异议、修复申请转办：转出、答复、文书 / Requests: send, list, show, answer, letter",
    ),
    "notices": Command(
        "node.cli.notices:app",
        "属地通报：列表、通报函、失信提醒 / Our subjects on lists of others: list, letter, remind",
    ),
    "letters": Command(
        "node.cli.letters:app",
        "公文登记：编文号、签发、查登记簿 / Letters: their numbers, who issued them",
    ),
    "campaign": Command(
        "node.cli.campaign:app",
        "专项治理：台账、退出率、月报表 / Campaigns: ledger, exit rate, monthly sheet",
    ),
    "outcomes": Command(
        "node.cli.outcomes:app",
        "惩戒反馈：待反馈、填报、统计 / What was done with matches: list, hand in, report",
    ),
    "scenarios": Command(
        "node.cli.scenarios:app",
        "场景互认：列表、详情、互认表、沿革、公示页 / Scenarios, and who recognises them",
    ),
    "benefit": Command(
        "node.cli.benefit:app",
        "场景适用：核查、列表、使用反馈 / Whether a firm may have a benefit, and that it used it",
    ),
    "quality": Command(
        "node.cli.quality.group:app", "数据质量：指标、报告 / Quality of what was reported"
    ),
    "proof": Command(
        "node.cli.proof:app",
        "存证证明：出具、离线核验 / Prove one statement; verify a proof offline",
    ),
    "packet": Command(
        "node.cli.packet:app",
        "数据包：导出、导入（无连接之处） / Packets, where no connection is allowed",
    ),
    "log": Command(
        "node.cli.log:app", "日志：导出、发布、离线核验 / Logs: export, publish, verify"
    ),
    "audit": Command(
        "node.cli.audit:app",
        "审计：全部日志的导出与离线核验 / Audit: export all logs, verify from a pin alone",
    ),
    "alliance": Command(
        "node.cli.alliance:app",
        "联盟：联席会议报告 / The alliance: report for the joint meeting",
    ),
    "monitor": Command(
        "node.cli.monitor:app",
        "监视：第三方持续核验各日志 / Watch logs as a third party, compare with other monitors",
    ),
    "rebuild": Command("node.cli.rebuild:rebuild", "重新推导全部表 / Derive all tables again"),
    "recover": Command(
        "node.cli.recover:recover",
        "数据库回退后从成员补回本日志 / Refill our own log from peers",
    ),
    "backup": Command("node.cli.backups:backup", "在线备份 / Back up while the node serves"),
    "restore": Command("node.cli.backups:restore", "恢复备份 / Bring a backup back"),
    "drill": Command(
        "node.cli.backups:drill", "恢复演练 / Prove that a backup can be brought back"
    ),
    "doctor": Command(
        "node.cli.doctor:doctor",
        "检查并修复存储 / Check all that is stored, and heal it",
    ),
    "support-bundle": Command(
        "node.cli.support_bundle:support_bundle",
        "支持包：版本、状态、检查结果 / What helpers may see: no subject, no secret",
    ),
    "mark": Command(
        "node.cli.mark:app", "高水位标记：所在、迁移 / The high-water mark: show, move"
    ),
    "clock": Command("node.cli.clock:app", "可信时间：查看、确认 / Trusted time: show, confirm"),
    "sign": Command(
        "node.cli.sign:app", "具名签署：两人所办之事 / Sign the word of two persons about an act"
    ),
    "keys": Command("node.cli.keys:app", "密钥环：更换 / Key ring: rotate"),
    "failpoints": Command(
        "node.cli.failpoints:failpoints", "崩溃测试的故障点 / Failpoints of the crash tests"
    ),
}
"""The registration table: a new command is a module and a line here, in the order of the menu."""

FINDINGS: Final = 1
REFUSED: Final = 3
UNREACHABLE: Final = 4

FIXES: Final[dict[str, str]] = {
    "charter.pin": "与纸质文本核对联盟标识 / compare the alliance id with the paper",
    "charter.threshold": "收集其余投票成员的签名 / collect the missing members' signatures",
    "charter.settlement": "收集三分之二成员的签名 / collect two thirds of the signatures",
    "charter.version": "先采用中间版本 / adopt the versions in between first",
    "charter.min-reader": "升级本程序 / upgrade this program",
    "charter.missing": "huxin charter adopt FILE",
    "keys.mode": "检查泄露，再收紧权限 / check for a leak, then tighten the mode",
    "config.invalid": "核对 --dir 与 huxin.toml / check --dir and huxin.toml",
    "store.schema": "换程序，或换数据库 / take the other program, or another database",
    "store.encoding": "另建 UTF-8 的空数据库 / make an empty database in UTF-8",
    "store.not-durable": "在 PostgreSQL 中设置 fsync=on / set fsync=on in PostgreSQL",
    "store.pooled": (
        "直接连接 PostgreSQL，勿经事务级连接池 / connect to PostgreSQL itself, or pool_mode=session"
    ),
    "store.failed": "检查磁盘、权限与数据库 / check disk space, rights and the database",
    "keys.ring": "从托管处恢复当前的密钥环 / bring the current state/keyring.json back from escrow",
    "high-water.corrupt": "见 see docs/operations/running.md#when-nothing-is-signed",
    "disk.reserve": "腾出磁盘空间；修复、撤销仍可发布 / free disk space; relief is published still",
    "program.failed": "请附上文报告 / report it with the above",
    "init.exists": "换一个目录 / take another directory",
}
"""What to do, by error code, where the message alone does not say it."""


_USAGE: Final = (
    (exceptions.NoSuchOption, "usage.option"),
    (exceptions.BadOptionUsage, "usage.option"),
    (exceptions.MissingParameter, "usage.missing"),
    (exceptions.BadParameter, "usage.value"),
)
"""Codes of what may be wrong with what was typed."""


class LazyGroup(TyperGroup):
    """A group that knows its commands by `COMMANDS` and imports one when it is called."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - typer's signature
        """Name the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str):  # type: ignore[no-untyped-def]  # noqa: ANN201, ARG002 - typer keeps the type of a command to itself
        """Import the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].target.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(cmd_name)(found)
            found = single
        command = get_command(found)
        command.name = cmd_name
        _give_language(command)
        return command

    def format_commands(self, ctx: object, formatter) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, ARG002 - see above
        """Write the menu from the table, importing nothing."""
        with formatter.section("命令 Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])


def _give_language(command) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - see above
    """Let every command below have `--lang`, also where its function does not ask for it."""
    for below in getattr(command, "commands", {}).values():
        _give_language(below)
    if not hasattr(command, "commands") and all("--lang" not in p.opts for p in command.params):
        (option,) = get_command(_language_alone()).params
        option.expose_value = False
        command.params.append(option)


def _language_alone() -> typer.Typer:
    from node.cli.options import language_alone  # noqa: PLC0415 - `huxin --help` needs none of it

    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command()(language_alone)
    return single


app = typer.Typer(
    cls=LazyGroup,
    add_completion=True,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - takes a while

        typer.echo(f"huxin {version('huxin')}")
        raise typer.Exit


@app.callback()
def huxin(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_tell_version, help="显示版本 / Show the version"
        ),
    ] = False,
) -> None:
    """互信：城市之间交换信用名单的节点 / A node that exchanges credit lists between cities."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; never returns."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without Chinese is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    _speak(sys.argv[1:] if arguments is None else arguments)
    try:
        ended = get_command(app).main(args=arguments, prog_name="huxin", standalone_mode=False)
        sys.exit(ended if isinstance(ended, int) else 0)
    except exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except exceptions.UsageError as error:
        sys.exit(report_usage(error))
    except typer.Abort:
        sys.exit(FINDINGS)
    except Exception as error:  # noqa: BLE001 - the edge: every error becomes a code and a message
        sys.exit(report(error))


_REASONS: Final = (
    ("does not exist", "不存在"),
    ("is a directory", "是目录，须为文件"),
    ("is a file", "是文件，须为目录"),
    ("is not readable", "不可读"),
    ("is not writable", "不可写"),
    ("valid integer", "须为整数"),
    ("unexpected extra argument", "参数过多"),
)
"""What is wrong, as the library of the command line says it, and in Chinese."""


def _reason(text: str) -> str:
    """A message of the library with its reason in Chinese before it, where it is known."""
    said = next((chinese for english, chinese in _REASONS if english in text), "")
    return f"{said} / {text}" if said and " / " not in text else text


def _speak(arguments: Sequence[str]) -> None:
    """Take the language from what was typed: also wrong use is told in it."""
    from node.cli.language import Language, speak  # noqa: PLC0415 - as below

    asked = [
        *(word.removeprefix("--lang=") for word in arguments if word.startswith("--lang=")),
        *(after for word, after in pairwise(arguments) if word == "--lang"),
    ]
    speak(Language.EN if Language.EN in asked else Language.ZH)


def report_usage(error: exceptions.UsageError) -> int:
    """Say what is wrong with what was typed, and where it is explained; return the exit code."""
    from node.cli import render  # noqa: PLC0415 - `huxin --help` needs none of it

    code = next((code for kind, code in _USAGE if isinstance(error, kind)), "usage.wrong")
    if code == "usage.wrong" and "such command" in error.message:
        code = "usage.command"
    place = "huxin" if error.ctx is None else error.ctx.command_path
    render.say_error(code, _reason(error.format_message()), f"{place} -h")
    return error.exit_code


def report(error: Exception) -> int:
    """Say on standard error what went wrong and what to do; return the exit code."""
    # Imported late: `huxin --help` needs none of them.
    from adapters.errors import AdapterError, NotDurableError  # noqa: PLC0415
    from crypto.errors import CryptoError  # noqa: PLC0415
    from federation.errors import FederationError  # noqa: PLC0415
    from node.cli import render  # noqa: PLC0415
    from node.directory.config import ConfigError  # noqa: PLC0415
    from node.directory.keys import KeyFileError  # noqa: PLC0415

    match error:
        case KeyFileError(code=code):
            render.say_error(code, str(error), FIXES.get(code, ""))
            return UNREACHABLE
        case FederationError(code=code):
            render.say_error(code, str(error), FIXES.get(code, ""))
            return REFUSED
        case CryptoError():
            render.say_error("crypto.invalid", str(error))
            return REFUSED
        case ConfigError():
            render.say_error("config.invalid", str(error), FIXES["config.invalid"])
            return UNREACHABLE
        case NotDurableError(code=code):
            render.say_error(code, str(error), FIXES[code])
            return REFUSED
        case AdapterError():
            code = str(getattr(error, "code", "store.failed"))
            render.say_error(code, str(error), FIXES.get(code, ""))
            return UNREACHABLE
        case OSError():
            render.say_error("system.failed", str(error))
            return UNREACHABLE
    traceback.print_exception(error)
    render.say_error("program.failed", ascii(error), FIXES["program.failed"])
    return UNREACHABLE
