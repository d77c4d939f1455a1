"""`huxin failpoints`: where the crash tests can kill the process."""

from __future__ import annotations

from node.cli import render
from node.cli.options import Format, OutputFormat
from node.system.failpoints import NAMES


def failpoints(*, output: OutputFormat = Format.TABLE) -> None:
    """列出故障点，用于崩溃测试 / List the failpoints of the crash tests."""
    rows = [{"name": name, "description": text} for name, text in NAMES.items()]
    if output is Format.JSON:
        render.write_json(rows)
    else:
        columns = {"name": "名称 / name", "description": "位置 / step"}
        render.write_table("HUXIN_FAILPOINT=<name>[:before|after][:nth]", columns, rows)
