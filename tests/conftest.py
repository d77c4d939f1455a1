"""What every test has: a steady Hypothesis, and PostgreSQL where it asks for it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from _pytest.nodeid import coerce_node_id
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

from node.system import tls12_off  # isort: skip - before any test module imports grpc

from adapters.sql import open_store
from adapters.sql.query_store import open_query_store
from federation.ids import Timestamp
from node.cli.language import Language, speak
from node.system.clock import SystemClock
from tests.support import commands_once, compiled_once
from tests.support.dealing import Dealing, rank, turned
from tests.support.fresh import Emptied, fresh_postgres
from tests.support.postgres import running_server

if TYPE_CHECKING:
    from xdist.remote import Producer

DAY, OFFSET = 86_400, 8 * 3600

# The same examples at every run, and no verdict from a clock: a busy machine is not a fault.
settings.register_profile(
    "test", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# Fresh examples, many more of them, by a seed that the soak run prints.
settings.register_profile(
    "soak",
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
os.environ.pop("COLUMNS", None)  # a runner's terminal is none of what a command writes for
tls12_off.require()
compiled_once.share()
commands_once.share()
settings.load_profile("soak" if os.environ.get("HUXIN_SOAK") else "test")


@pytest.fixture(autouse=True)
def _own_log_settings() -> Iterator[None]:
    """Leave to the next test the logging that every process begins with."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Begin in the language in which every process begins, whatever the test before spoke."""
    speak(Language.ZH)


@pytest.fixture(scope="module")
def one_day() -> Iterator[None]:
    """Let no day of China end in this process: for tests that name the date of the program."""
    real, began = SystemClock.now, SystemClock().now()
    last = Timestamp(began + DAY - 1 - (began + OFFSET) % DAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda clock: min(real(clock), last))
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealing | None:
    """Deal the tests of `make test` by module."""
    return Dealing(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection(session: pytest.Session) -> None:
    """Look for no garbage while 14,000 tests are made, none of which becomes any.

    In a fresh checkout each worker begins with other folders than its fellows, so that no two
    compile the same modules.
    """
    gc.disable()
    worker = getattr(session.config, "workerinput", None)
    if worker is not None and session.config.args == ["tests"]:
        session.config.args = turned(Path(__file__).parent, worker)


def pytest_collection_finish() -> None:
    """Look for garbage again, but never among the tests."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL, for `-m 'not postgres'`; leave to soak what is for soak.

    Of a test with many cases, PostgreSQL tries the first one here: the others try the rule, which
    no database knows. `make soak NAME=postgres` tries all of them on it.
    """
    tried: set[tuple[Path, str]] = set()
    now: list[pytest.Item] = []
    later: list[pytest.Item] = []
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
        again = False
        case = getattr(item, "callspec", None)
        if case is not None and case.params.get("databases") == "postgres":
            item.add_marker("postgres")
            test = (item.path, item.name.partition("[")[0])
            again = test in tried
            tried.add(test)
        (later if again or item.get_closest_marker("soak") else now).append(item)
    if later and not os.environ.get("HUXIN_SOAK"):
        config.hook.pytest_deselected(items=later)
        items[:] = now
    if config.getoption("loadgroup", default=False):
        items.sort(key=lambda item: (rank(item.nodeid), item.path))
        _keep_together(items)


def _keep_together(items: list[pytest.Item]) -> None:
    """Let one worker have all tests of a group, so that what they share is made once.

    pytest-xdist reads the group off the end of a test's id; its version 3.8 writes that where
    pytest 9.2 does not look for it any more.
    """
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group is not None:
            item._id = coerce_node_id(f"{item.nodeid}@{group.args[0]}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The maintenance database of a server that may create databases, as a SQLAlchemy URL.

    `$DATABASE_URL` if set; otherwise a server of this worker's own, stopped at its end.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        url = make_url(given).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
        return
    with running_server() as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """The name of a database of this program's version without a row, to be copied."""
    with fresh_postgres(postgres_url) as url:
        open_store(url).close()
        open_query_store(url).close()
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def postgres_emptied(postgres_url: str, postgres_template: str) -> Iterator[Emptied]:
    """Lends databases of this program's version without a row."""
    databases = Emptied(postgres_url, postgres_template)
    yield databases
    databases.close()


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """A fresh, empty database, as a SQLAlchemy URL; dropped afterwards, whoever is connected."""
    with fresh_postgres(postgres_url) as url:
        yield url
