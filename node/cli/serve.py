"""`huxin serve`: run the node until it is told to stop."""

from __future__ import annotations

import asyncio
from pathlib import Path

from node.system import tls12_off  # isort: skip - before whatever imports grpc

from node.app.collector import traced
from node.app.runtime import Runtime
from node.app.wiring import build
from node.cli.client import failures
from node.cli.options import Directory, node_directory
from node.directory.config import load_config
from node.directory.presence import PATIENCE, locked
from node.system.hardening import forbid_core_files
from node.system.interpreter import tune
from node.system.logging import set_up


def serve(*, directory: Directory = None) -> None:
    """运行节点，直到收到停止信号 / Run the node until it is told to stop."""
    tls12_off.require()
    forbid_core_files()
    set_up()
    tune()
    path = node_directory(directory)
    with failures(), locked(path, patience=PATIENCE), traced(load_config(path)):
        asyncio.run(_run(path))


async def _run(directory: Path) -> None:
    """Build within the loop's thread: whatever the parts start belongs to this run."""
    await Runtime(build(directory)).run()
