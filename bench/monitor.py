"""A monitor at rest: processor ms a second, four logs at two sources whose heads are renewed.

It looks each minute, as it does by default; nothing new is said, and every checkpoint has fresh
cosignatures each time. Against a loop that only fetches the same checkpoints.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.measuring import Options, Result, Run, cpu_seconds
from tests.support.audited import World, write_files

SIZE = 300
"""Seconds of rest; five rounds."""
RUNS = 1
SETTLING_SECONDS = 10.0
RENEWED_SECONDS = 20.0
INTERVAL = 60
MILLISECONDS = 1000
_FETCH = """
import sys, time
from adapters.export.tile_source import TileSource
interval, *urls = sys.argv[1:]
sources = [TileSource(url) for url in urls]
while True:
    for source in sources:
        source.read("checkpoint", 1 << 17)
    time.sleep(float(interval))
"""


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        pass


def run(options: Options, interval: int = INTERVAL) -> Iterator[Result]:
    """Measure; no database is needed, and the size is the seconds of rest."""
    seconds = options.size or SIZE
    runs = [_run(seconds, interval) for _ in range(options.runs or RUNS)]
    yield Result(
        bench="monitor",
        database="none",
        unit=f"processor ms a second, a round each {interval} s",
        baseline="a loop that fetches the checkpoints",
        runs=tuple(runs),
        size=seconds,
    )


def _run(seconds: int, interval: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        folder = Path(name)
        world = World()
        world.now = int(time.time())
        statement = world.listed()
        world.repaired(statement)
        with _served(world, folder / "shown") as url:
            logs = [path.name for path in (folder / "shown/logs").iterdir()]
            fetched = [f"{url}/logs/{log}" for _ in range(2) for log in logs]
            watch = ("from node.cli.main import main; main()", "monitor", "watch")
            sources = (url, url.replace("127.0.0.1", "localhost"))
            pin = world.chain.id.hex()
            kept = ("--state", str(folder / "state"), "--pin", pin, "--interval", str(interval))
            commands = ((*watch, *sources, *kept), (_FETCH, str(interval), *fetched))
            processes = [subprocess.Popen([sys.executable, "-c", *words]) for words in commands]
            try:
                while not (folder / "state").exists():
                    time.sleep(0.1)
                time.sleep(min(SETTLING_SECONDS, seconds))
                before = [cpu_seconds(process.pid) for process in processes]
                time.sleep(seconds)
                spent = [
                    (cpu_seconds(process.pid) - was) / seconds * MILLISECONDS
                    for process, was in zip(processes, before, strict=True)
                ]
            finally:
                for process in processes:
                    process.kill()
                    process.wait()
    return Run(value=spent[0], baseline=max(spent[1], 1 / seconds))


@contextmanager
def _served(world: World, folder: Path) -> Iterator[str]:
    """The world as files behind an address, with heads that are renewed."""
    write_files(folder, world.files())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    stopped = threading.Event()

    def renew() -> None:
        while not stopped.wait(RENEWED_SECONDS):
            world.now = int(time.time())
            for path, data in world.files().items():
                if path.endswith("/checkpoint"):
                    part = (folder / path).with_suffix(".part")
                    part.write_bytes(data)
                    part.rename(folder / path)

    threads = [threading.Thread(target=one) for one in (server.serve_forever, renew)]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        stopped.set()
        server.shutdown()
        for thread in threads:
            thread.join()
        with suppress(OSError):
            server.server_close()
