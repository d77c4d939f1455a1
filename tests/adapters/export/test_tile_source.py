"""Files of a log behind an address: what a server that lies, stalls or redirects achieves."""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapters.export import tile_source
from adapters.export.tile_source import SourceError, TileSource


class Liar(BaseHTTPRequestHandler):
    """Answers by the path that is asked for."""

    release = threading.Event()

    def do_GET(self) -> None:
        match self.path.rpartition("/")[2]:
            case "good":
                self._answer(200, b"12345")
            case "moved":
                self.send_response(302)
                self.send_header("Location", "/log/good")
                self.end_headers()
            case "packed":
                self._answer(200, gzip.compress(b"12345"), {"Content-Encoding": "gzip"})
            case "page":
                self._answer(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"})
            case "long":
                self._answer(200, b"0" * 100_000)
            case "stalls":
                self.release.wait(60)
            case "drips":
                self.send_response(200)
                self.end_headers()
                self._drip(b"x")
            case "drips-head":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                self._drip(b"x: y\r\n")
            case "broken":
                self._answer(500, b"")
            case _:
                self._answer(404, b"")

    def _drip(self, one: bytes) -> None:
        with contextlib.suppress(OSError):
            while not self.release.wait(0.05):
                self.wfile.write(one)

    def _answer(self, status: int, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/log/"
    Liar.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_files_are_read_as_they_are(url: str) -> None:
    source = TileSource(url)
    assert source.read("good", 5) == b"12345"
    assert source.read("none", 5) is None
    source.close()


@pytest.mark.parametrize("path", ["moved", "packed", "page", "long", "broken", "stalls"])
def test_anything_else_is_refused(path: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_source, "READ_SECONDS", 0.2)
    with pytest.raises(SourceError, match=path):
        TileSource(url).read(path, 1000)


@pytest.mark.parametrize("path", ["drips", "drips-head"])
def test_what_comes_drop_by_drop_is_left(
    path: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = TileSource(url)
    with monkeypatch.context() as patch:
        patch.setattr(tile_source, "WHOLE_SECONDS", 0.3)
        with pytest.raises(SourceError, match=r"within 0\.3 s"):
            source.read(path, 1_000_000)
    assert source.read("good", 5) == b"12345"


@pytest.mark.parametrize("bad", ["ftp://a/b", "a/b", "https:///x", "https://a/b?c=d"])
def test_an_address_that_is_none(bad: str) -> None:
    with pytest.raises(SourceError):
        TileSource(bad)
