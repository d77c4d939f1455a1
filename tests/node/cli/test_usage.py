"""What commands take and refuse, and the exit codes by which programs tell why.

Covers node/cli/client.py, node/cli/failpoints.py, node/cli/options.py, node/cli/render.py.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from typer.main import get_command

from adapters.errors import UnreachableError
from adapters.files.errors import TableError
from crypto.errors import FormatError
from federation.errors import CharterError, EntitlementError, RefusedError, StatementError
from node.cli import render, status
from node.cli.client import failures
from node.cli.listing_file import read_listing
from node.cli.main import COMMANDS, app
from node.cli.options import parse_date, parse_prefix, parse_statement
from node.directory.config import ConfigError
from node.directory.keys import KeyFileError
from node.directory.presence import NotReadyError, RunningError
from node.network.errors import UnavailableError
from node.system.failpoints import NAMES
from tests.support.commands import run

STATEMENT = "00112233445566778899aabbccddeeff"
DECISION = ("--document", "x", "--date", "2026-11-01")


@pytest.mark.parametrize("text", ["2026-11-20", "20261120"])
def test_dates_in_both_forms(text: str) -> None:
    assert parse_date(text) == 20261120


@pytest.mark.parametrize("text", ["", "2026-1120", "202611-20", "20261320", "2026-02-30", "today"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_date(text)


def test_statement_ids_in_either_case() -> None:
    assert parse_statement(STATEMENT.upper()).hex() == STATEMENT
    with pytest.raises(typer.BadParameter):
        parse_statement("abc")
    assert parse_prefix("AbC123") == "abc123"
    for text in ("abc12", "abcdefg", STATEMENT + "0"):
        with pytest.raises(typer.BadParameter):
            parse_prefix(text)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError("state.wrong", "no"), 3),
        (EntitlementError("authority.not-bound", "no"), 3),
        (StatementError("payload.invalid", "no"), 2),
        (CharterError("charter.field", "no"), 2),
        (TableError("file.format", "no"), 2),
        (UnavailableError("peer.unavailable", "no"), 4),
        (NotReadyError("node.not-ready", "no"), 4),
        (RunningError("node.running", "no"), 4),
        (KeyFileError("keys.mode", "no"), 4),
        (ConfigError("no"), 4),
        (UnreachableError("no"), 4),
        (FormatError("no"), 4),
        (PermissionError("no"), 4),
    ],
)
def test_each_failure_ends_with_its_exit_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, failures():
        raise error
    assert ended.value.exit_code == code
    assert getattr(error, "code", "") in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("repair", "xyz", *DECISION),
        ("repair", STATEMENT, "--document", "x"),
        ("repair", STATEMENT, "--document", "x", "--date", "2026-13-01"),
        ("annotate", STATEMENT, "shout", *DECISION),
        ("relist", STATEMENT, *DECISION, "--ground", "mercy", "--approved-by", "甲"),
        ("publish", "/nowhere/at-all.csv"),
        ("publish", __file__, "--list", "x", "--kind", "repair"),
        ("records", "show", "12"),
        ("requests", "answer", STATEMENT, "refused", "--document", "x", "--date", "2999-01-01"),
        ("catalog", "show", "--on", "2026010"),
        ("catalog", "import", "nowhere.yaml"),
        ("status", "-o", "xml"),
    ],
)
def test_usage_ends_with_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert run(*arguments, "--dir", tmp_path).code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("repair", STATEMENT, "--document", "x"),
        ("withdraw", STATEMENT, "--document", "x"),
        ("annotate", STATEMENT, "pause", "--document", "x"),
        ("requests", "answer", STATEMENT, "granted", "--by", "repair", "--document", "x"),
    ],
)
def test_whether_a_relief_is_of_a_day_to_come_the_node_is_asked(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """It hears clocks of members too: a machine that was set back must keep no relief out."""
    done = run(*arguments, "--date", "2999-01-01", "--dir", tmp_path)
    assert (done.code, "node.missing" in done.err) == (4, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("charter", "show", "/nowhere/c.json"),
        ("charter", "verify", "/nowhere/c.json"),
        ("charter", "sign", "/nowhere/c.json", "--key", __file__),
        ("log", "verify", Path(__file__).parent, "--key", "x"),
    ],
)
def test_usage_of_commands_without_a_node_ends_with_2(arguments: tuple[object, ...]) -> None:
    assert run(*arguments).code == 2


def test_version_and_completion() -> None:
    assert run("--version").out.startswith("huxin ")
    assert "--install-completion" in run("--help").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("recrods",), "usage.command"),
        (("records", "list", "--stat", "x"), "usage.option"),
        (("repair", STATEMENT), "usage.missing"),
        (("records", "show", "12"), "usage.value"),
    ],
)
def test_wrong_use_is_told_in_chinese_with_what_to_do(
    arguments: tuple[str, ...], code: str
) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert f"{code}: " in ended.err
    assert " / " not in ended.err
    assert "expected" not in ended.err
    assert "huxin" in ended.err.splitlines()[-1]
    assert ended.err.splitlines()[-1].endswith(" -h")


@pytest.mark.parametrize("form", ["table", "json"])
def test_results_that_nobody_reads_on_end_the_program_quietly(form: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [
                sys.executable,
                "-c",
                "from node.cli.main import main; main()",
                "failpoints",
                "-o",
                form,
            ],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_a_terminal_without_chinese_is_no_failure() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "from node.cli.main import main; main()", "failpoints"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert b"publish.commit" in ended.stdout


def test_ids_are_never_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_PLAIN_WIDTH", 60)  # as on a narrow terminal
    out = io.StringIO()
    row = {"statement_id": STATEMENT, "subject_name": "名" * 40, "document": "文" * 40}
    with redirect_stdout(out):
        render.write_table("", dict.fromkeys(row, "列"), [row])
    assert STATEMENT in out.getvalue()


def test_a_directory_that_is_no_node_cannot_be_reached(tmp_path: Path) -> None:
    ended = run("status", "--dir", tmp_path)
    assert (ended.code, "node.missing" in ended.err) == (4, True)
    assert ended.out == ""


def test_failpoints_are_listed() -> None:
    listed = run("failpoints", "-o", "json").json
    assert [row["name"] for row in listed] == list(NAMES)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_in_chinese_first(name: str) -> None:
    shown = run(name, "--help")
    assert shown.code == 0
    assert any("一" <= char <= "鿿" for char in shown.out)


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({}, True),
        ({"state": "stale"}, False),
        ({"root": ""}, False),
        ({"reconciled_to": 4}, False),
        ({"signed_size": 4}, False),
    ],
)
def test_caught_up_means_ok_and_applied(changes: dict[str, Any], there: bool) -> None:
    log = {"state": "ok", "root": "x", "verified_to": 5, "signed_size": 5, "reconciled_to": 5}
    assert status.caught_up({"logs": [log, log | changes]}) is there


LISTING = """
subject: {scheme: uscc, code: 91510502YY9000040E, name: 某公司（演示）, kind: enterprise}
list_type: judgment-defaulter
tier: severe
authority: 510502-court
authority_name: 法院（演示）
document: （2025）川0502执105号
decided_on: 2025-03-04
listed_on: 20250305
publish_until: "2028-03-04"
source: {department: court, batch: b, row: 1, key: k}
audience: {charters: [], purposes: []}
"""


def test_a_listing_is_read_from_yaml(tmp_path: Path) -> None:
    (tmp_path / "listing.yaml").write_text(LISTING, "utf-8")
    listing = read_listing(tmp_path / "listing.yaml")
    assert (listing.decided_on, listing.listed_on, listing.publish_until) == (
        20250304,
        20250305,
        20280304,
    )
    assert (listing.tier, listing.subject.kind, listing.min_reader) == (1, 1, 1)
    assert not listing.HasField("audience")


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "{a: b", "unknown: 1", "decided_on: soon", "tier: [severe]", "\xff"]
)
def test_what_is_no_listing(tmp_path: Path, text: str) -> None:
    (tmp_path / "listing.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(StatementError) as refused:
        read_listing(tmp_path / "listing.yaml")
    assert refused.value.code == "listing.malformed"


# ------------------------------------------------------------------------------------ large numbers


def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from _commands(command.get_command(None, name), (*words, name))
    else:
        yield words, command


def _numbers() -> list[tuple[tuple[str, ...], Any, type]]:
    """Every option and argument of every command that is a number."""
    found = []
    for words, command in _commands(get_command(app)):
        for parameter in command.params:
            annotation = parameter.type_descriptor.annotation
            kinds = {annotation, *get_args(annotation)} & {int, float}
            found += [(words, parameter, kind) for kind in kinds]
    return found


NUMBERS = _numbers()
LARGE = ["99999999999999999999", "9" * 5000, "-99999999999999999999", "0x10", "1e400", "nan"]


def test_every_number_of_a_command_is_bounded() -> None:
    assert len(NUMBERS) >= 9
    for words, parameter, _ in NUMBERS:
        assert None not in (parameter.min, parameter.max), (words, parameter.opts)
        assert 0 <= parameter.min < parameter.max < 2**31, (words, parameter.opts)


@pytest.mark.parametrize("value", LARGE, ids=lambda value: f"{value[:4]}:{len(value)}")
@pytest.mark.parametrize(
    ("words", "parameter"),
    [(words, parameter) for words, parameter, _ in NUMBERS],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else each.opts[-1],
)
def test_a_large_decimal_is_wrong_use(words: tuple[str, ...], parameter: Any, value: str) -> None:
    ran = run(*words, f"{parameter.opts[-1]}={value}")
    assert (ran.code, "Traceback" in ran.err) == (2, False)


@pytest.mark.parametrize("value", ["99999999999999999999", "9" * 5000, "-1", "01", "\u0663", ""])
def test_sizes_in_texts_have_one_spelling(value: str, tmp_path: Path) -> None:
    since = f"--since=510500.huxin.example/1={value}"
    ran = run("packet", "export", tmp_path, "--to", "510300", since, "--dir", tmp_path)
    assert (ran.code, "Traceback" in ran.err) == (2, False)


@pytest.mark.parametrize("value", ["99999999999999999999", "9" * 5000, "9999-W52", "9999-W99"])
def test_periods_that_are_none(value: str, tmp_path: Path) -> None:
    for unit in ("--week", "--month", "--quarter"):
        ran = run("quality", "report", f"{unit}={value}", "--dir", tmp_path)
        assert (ran.code, "Traceback" in ran.err) == (2, False)


@pytest.mark.parametrize("value", ["99999999999999999999", "9" * 5000, "-1"])
def test_large_dates_are_wrong_use(value: str, tmp_path: Path) -> None:
    ran = run("repair", STATEMENT, "--document", "x", f"--date={value}", "--dir", tmp_path)
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    file = tmp_path / "listing.yaml"
    for name in ("decided_on", "min_reader"):
        file.write_text(f"{name}: {value}\n", "utf-8")
        with pytest.raises(StatementError):
            read_listing(file)
