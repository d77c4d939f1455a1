"""A node whose disk is small: a file system in memory, which only root may make."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from node.demo.members import DemoMember
from node.directory.config import FILE_NAME
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key

FULL, PEER = (
    DemoMember(region="510500", name="泸州", role="city"),
    DemoMember(region="511500", name="宜宾", role="city"),
)
DISK_MIB = 64
BLOCK = 4096


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of `DISK_MIB`."""
    place.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs")
    mounted = subprocess.run(["mount", *options, str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Take what is free but `left` bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        while (free := shutil.disk_usage(disk).free - left) >= BLOCK:
            file.write(bytes(min(free, 2**20)))
    return filler


@contextmanager
def founded(tmp_path: Path, reserve: int, more: str = "") -> Iterator[tuple[WiredNode, WiredNode]]:
    """A node on a small disk, with so much kept free, and a peer with room.

    `more` is added to the node's configuration.
    """
    found(tmp_path, [FULL, PEER])
    with small_disk(tmp_path / "disk") as disk:
        directory = disk / FULL.region
        shutil.move(tmp_path / FULL.region, directory)
        set_key(directory, "reserve_bytes", str(reserve))
        with (directory / FILE_NAME).open("a", encoding="utf-8") as file:
            file.write(more)
        node, peer = WiredNode(directory), WiredNode(tmp_path / PEER.region)
        exchange_all(node, peer)
        yield node, peer
        node.close()
        peer.close()
