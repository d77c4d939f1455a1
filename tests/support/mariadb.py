"""The MariaDB server of the tests: that of the larger demo.

Only a soak run (`HUXIN_SOAK`) starts it: it takes longer than the tests that ask for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from node.demo import mariadb

__all__ = ["Server", "running_server"]

Server = mariadb.Server


@contextmanager
def running_server() -> Iterator[Server]:
    """A server with a user `root`."""
    if not os.environ.get("HUXIN_SOAK"):
        pytest.skip("MariaDB is tried by `make soak NAME=platforms`")
    try:
        programs = mariadb.find_programs()
    except mariadb.NoMariadbError as error:
        pytest.fail(str(error))
    with mariadb.running_server(programs) as server:
        yield server
