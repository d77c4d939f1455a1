"""One run of the demo, from an empty directory to the last process stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from adapters.files.atomic import write_atomically
from federation.errors import FederationError
from node.demo.checks import Statuses
from node.demo.client import Clients
from node.demo.founding import check_free, found_federation
from node.demo.members import ALLIANCES, CITIES
from node.demo.offices import offices
from node.demo.platforms import Platforms
from node.demo.processes import DemoError, Processes, nodes
from node.demo.report import STORY_FILE, story_document
from node.demo.steps import Step
from node.demo.story import LISTS, Story

Told = Callable[[dict[str, Any], Statuses, Processes], None]


def run_demo(
    directory: Path,
    data: Path,
    *,
    begins: Callable[[str], None],
    step: Callable[[Step], None],
    end: Told,
    platforms: Platforms | None = None,
    console: bool = False,
) -> None:
    """Play the demo; `end` may keep the nodes up for as long as it does not return.

    Args:
        directory: new or empty.
        data: the demo's lists and authorities.
        begins: told the name of each step before it begins.
        step: told of each step when it is done.
        end: told the document of `story.json` and the status of each node.
        platforms: databases of the larger demo.
        console: whether 宜宾's node shows its pages to people.

    Raises:
        DemoError: something is not as it must be; `story.json` says how far it went.
        RefusedError: the directory is in use, or the data are not there.
    """
    check_free(directory)
    directory.mkdir(parents=True, exist_ok=True)
    ids = found_federation(directory, data, console=console)
    alliances = {alliance.name: found for alliance, found in zip(ALLIANCES, ids, strict=True)}
    if platforms is not None:
        platforms.join(directory)
    for member in CITIES:  # copies: the errors of a file are written beside it
        shutil.copytree(data / LISTS / member.region, directory / LISTS / member.region)
    databases = (lambda: None) if platforms is None else platforms.acknowledge
    with (
        nodes(directory) as processes,
        offices(directory, databases) as open_offices,
        _reached(directory) as clients,
    ):
        story = Story(
            directory=directory,
            data=data,
            alliances=alliances,
            platforms=platforms,
            offices=open_offices,
            processes=processes,
            clients=clients,
            begins=begins,
            told=step,
        )
        failure = ""
        statuses: Statuses = {}
        try:
            story.play()
            statuses = story.agreed
        except (DemoError, FederationError, grpc.RpcError) as error:
            failure = str(error) or type(error).__name__
            raise DemoError(failure) from error
        finally:
            document = story_document(directory, alliances, story.steps, statuses, failure)
            text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            write_atomically(directory / STORY_FILE, text.encode())
        end(document, statuses, processes)


@contextmanager
def _reached(directory: Path) -> Iterator[Clients]:
    clients = Clients(directory)
    try:
        yield clients
    finally:
        clients.close()
