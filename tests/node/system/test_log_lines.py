"""Lines of the program's log.

Covers node/system/logging.py.
"""

from __future__ import annotations

import errno
import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from node.system.logging import LONGEST, set_up


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_a_line_is_json_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    structlog.get_logger().info("stream begun", peer="510500")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["peer"]) == ("stream begun", "info", "510500")
    assert "timestamp" in line


def test_content_does_not_get_into_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    structlog.get_logger().info("x", payload=b"secret", said="y" * 100_000)
    (line,) = lines(capsys)
    assert line["payload"] == "<6 bytes>"
    assert len(str(line["said"])) == LONGEST + 1


class FullDisk(io.StringIO):
    full = True

    def write(self, text: str) -> int:
        if self.full:
            super().write(text[:7])
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


def test_what_cannot_be_written_ends_nothing_and_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = FullDisk()
    monkeypatch.setattr(sys, "stderr", out)
    set_up()
    structlog.get_logger().warning("store failed")
    logging.getLogger("library").error("failed too")
    out.full = False
    structlog.get_logger().info("store keeps again")
    structlog.get_logger().info("and again")
    *_, torn, lost, first, second = out.getvalue().splitlines()
    assert torn.startswith('{"')
    said = [json.loads(line) for line in (lost, first, second)]
    assert [one["event"] for one in said] == ["log lines lost", "store keeps again", "and again"]
    assert said[0]["lines"] == 2


def _fail(salt: str) -> None:
    raise ValueError(len(salt))


def test_a_traceback_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    salt = "5a17" * 4
    try:
        _fail(salt)
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)
    (line,) = lines(capsys)
    assert "ValueError: 16" in str(line["exception"])
    assert salt not in json.dumps(line)


def test_libraries_write_the_same_lines_and_only_warnings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("debug")
    logging.getLogger("library").info("not of interest")
    logging.getLogger("library").warning("of %s", "interest")
    (line,) = lines(capsys)
    assert (line["event"], line["level"]) == ("of interest", "warning")


def test_less_than_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("warning")
    structlog.get_logger().info("not of interest")
    assert lines(capsys) == []
