"""Rows to the platform's service: a POST of JSON for each batch, told again until it is taken.

    POST <url>
    Content-Type: application/json
    Idempotency-Key: <origin>:<first index>-<last index>:<number of the batch>
    Authorization: Bearer <token>

    {"format": 1, "number": 41, "origin": "…", "rows": [{"index": 3, "kind": "listing", …}, …]}

Nothing of a subject stands in the address, the key or a header. The answer's status alone counts:
2xx taken; 408, 425, 429 and 5xx are tried again; 507 is no space; every other one is a refusal. No
redirect is followed. A body `{"acknowledged": true}` says that what the rows ask for is done, but
for those in `refused`; what is done later is asked for by GET (`<url>/acknowledgements`), and so
are control totals, where the service offers them (`<url>/totals`, `<url>/totals/rows`).
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlencode

import stamina
import urllib3
from urllib3.exceptions import HTTPError, SSLError

from adapters.files.outbox import OutboxRow
from adapters.platform.acknowledging import Answer, Later, Owed, Said, word
from adapters.platform.errors import PlatformError, RowsNotOfferedError
from federation.ids import Origin
from federation.platform.control_totals import HeldRow, Total

CONNECT_SECONDS: Final = 10
ANSWER_SECONDS: Final = 30
"""For a line that says nothing; then the batch waits for the next run."""
ATTEMPTS: Final = 3
"""In one run, with a growing pause in between; the schedule brings the next run."""
_LONGEST_PAUSE: Final = 2.0
_AGAIN: Final = frozenset({408, 425, 429})
_NO_SPACE: Final = 507
_NOT_OFFERED: Final = frozenset({404, 405, 501})
_ANSWER_MAX: Final = 4 * 1024 * 1024
"""Bytes of an answer that is read."""
_POST_ANSWER_MAX: Final = 256 * 1024
"""Likewise of the answer to a POST; a longer one acknowledges nothing."""
_SAID_MAX: Final = 1024
"""Later acknowledgements that are taken at once."""
_WHOLE_MAX: Final = 2**53
_DATES: Final = ("decided_on", "publish_until", "relief_decided_on")


class _AgainError(PlatformError):
    """Worth another attempt at once."""


class ServicePlatform:
    """The service of one platform; connects anew at each attempt and keeps nothing open."""

    def __init__(
        self, url: str, *, token: str = "", ca_file: str = "", first_pause: float = 0.2
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: https, or http on this machine.
            token: bearer token, ASCII; empty for none.
            ca_file: PEM of who may have signed its certificate; empty for those of the system.
            first_pause: seconds before the second attempt.

        Raises:
            OSError: `ca_file` cannot be read.
        """
        self._url = url
        self._token = token
        self._first_pause = first_pause
        self._context = ssl.create_default_context(cafile=ca_file or None)

    def tell(self, origin: Origin, rows: Sequence[OutboxRow], number: int) -> Answer:
        """Post a batch.

        Args:
            origin: the log.
            rows: at most one for each leaf, at least one.
            number: of the batch; the same only where it is told again.

        Returns:
            What it acknowledges at once.

        Raises:
            PlatformError: it was not taken, or nobody knows; it is to be told again.
        """
        document = {
            "format": 1,
            "number": number,
            "origin": origin,
            "rows": [_content(row) for row in rows],
        }
        body = json.dumps(document, ensure_ascii=False).encode()
        indices = [row.index for row in rows]
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{origin}:{min(indices)}-{max(indices)}:{number}",
            "User-Agent": "huxin",
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        attempts = stamina.retry_context(
            on=_AgainError,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=self._first_pause,
            wait_max=_LONGEST_PAUSE,
        )
        answer = b""
        for attempt in attempts:
            with attempt:
                status, answer = self._post(body, headers)
                _judge(status)
        return _answer(answer)

    def later(self, owed: Sequence[Owed], after: int) -> Later:
        """Ask what it has acknowledged since, where it offers that.

        Args:
            owed: not used: the service says in its own order what it has done.
            after: `seq` up to which it was read.

        Raises:
            PlatformError: it does not answer, or with something else.
        """
        del owed
        document = self._get(f"/acknowledgements?after={after}")
        if document is None:
            return Later((), 0)
        try:
            found = [
                (
                    _whole(one["seq"]),
                    Said(
                        str(one["origin"]),
                        _whole(one["index"]),
                        word(_whole(one["number"]), str(one["result"])),
                    ),
                )
                for one in document["acknowledgements"]
            ]
        except (KeyError, TypeError, ValueError):
            raise _unread("/acknowledgements") from None
        order = [after, *(seq for seq, _ in found)]
        if order != sorted(set(order)):
            raise _unread("/acknowledgements")
        found = found[:_SAID_MAX]
        return Later([said for _, said in found], found[-1][0] if found else 0)

    def totals(self) -> Mapping[tuple[str, str], Total] | None:
        """Ask for the control totals, by origin and state; None where they are not offered.

        Raises:
            PlatformError: it does not answer, or with something else.
        """
        document = self._get("/totals")
        if document is None:
            return None
        try:
            return {
                (str(one["origin"]), str(one["state"])): Total(
                    int(one["count"]), str(one["sha256"]).lower()
                )
                for one in document["totals"]
            }
        except (KeyError, TypeError, ValueError):
            raise _unread("/totals") from None

    def shows_all(self) -> bool:
        """Whether what it does not show is not there."""
        return True

    def held(self, origin: Origin) -> Iterator[HeldRow]:
        """Ask page by page for what it has of a log, by index; none where that is not offered.

        Raises:
            RowsNotOfferedError: it gives totals alone.
            PlatformError: it does not answer, or with something else.
        """
        start = 0
        while True:
            query = urlencode({"origin": origin, "from": start})
            document = self._get(f"/totals/rows?{query}")
            if document is None:
                raise RowsNotOfferedError
            try:
                rows = [
                    HeldRow(int(one["index"]), str(one["statement_id"]), str(one["state"]))
                    for one in document["rows"]
                ]
            except (KeyError, TypeError, ValueError):
                raise _unread("/totals/rows") from None
            if not rows:
                return
            indices = [start - 1, *(row.index for row in rows)]
            if indices != sorted(set(indices)):
                raise _unread("/totals/rows")
            yield from rows
            start = rows[-1].index + 1

    def _get(self, path: str) -> dict[str, Any] | None:
        """Return the document of an answer; None where there is nothing at that address."""
        headers = {"Accept": "application/json", "User-Agent": "huxin"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
        try:
            with (
                urllib3.PoolManager(ssl_context=self._context, retries=False) as pool,
                pool.request(
                    "GET",
                    self._url.rstrip("/") + path,
                    headers=headers,
                    timeout=timeout,
                    redirect=False,
                    preload_content=False,
                ) as answer,
            ):
                if answer.status in _NOT_OFFERED:
                    return None
                _judge(answer.status)
                body = answer.read(_ANSWER_MAX + 1)
        except HTTPError as error:
            message = f"the service does not answer ({type(error).__name__}); expected its totals"
            raise PlatformError("platform.unreachable", message) from None
        try:
            document = json.loads(body) if len(body) <= _ANSWER_MAX else None
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise _unread(path.partition("?")[0])
        return document

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Return the status and the body of the answer, as far as it is read."""
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
        try:
            with (
                urllib3.PoolManager(ssl_context=self._context, retries=False) as pool,
                pool.request(
                    "POST",
                    self._url,
                    body=body,
                    headers=headers,
                    timeout=timeout,
                    redirect=False,
                    preload_content=False,
                ) as answer,
            ):
                return answer.status, answer.read(_POST_ANSWER_MAX + 1)
        except SSLError as error:
            message = (
                f"TLS with the service failed ({type(error).__name__}); expected a certificate "
                "for its name by an authority of `ca_file` or of the system"
            )
            raise PlatformError("platform.refused", message) from None
        except HTTPError as error:
            message = (
                f"the service does not answer ({type(error).__name__}); expected one that runs"
            )
            raise _AgainError("platform.unreachable", message) from None


def _answer(body: bytes) -> Answer:
    """What the answer to a POST acknowledges; another body than ours acknowledges nothing (EX8)."""
    try:
        document = json.loads(body) if len(body) <= _POST_ANSWER_MAX else None
        if not isinstance(document, dict) or document.get("acknowledged") is not True:
            return Answer()
        refused = {_whole(one["index"]): str(one["reason"]) for one in document.get("refused", ())}
    except (KeyError, TypeError, ValueError, RecursionError):
        return Answer()
    return Answer(done=True, refused=refused)


def _whole(value: object) -> int:
    """A number of an answer that the store can keep.

    Raises:
        ValueError: it is none.
    """
    if type(value) is not int or not 0 <= value < _WHOLE_MAX:
        message = "expected a whole number"
        raise ValueError(message)
    return value


def _content(row: OutboxRow) -> dict[str, Any]:
    content = asdict(row)
    content["kind"] = row.kind.name.lower()
    for name in _DATES:
        content[name] = content[name] or None
    return content


def _unread(path: str) -> PlatformError:
    message = (
        f"what the service answers to {path} cannot be read; expected docs/platform.md, at most "
        f"{_ANSWER_MAX} bytes"
    )
    return PlatformError("platform.refused", message)


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status == _NO_SPACE:
        message = f"the service has no space left ({status}); free space: what waits comes then"
        raise PlatformError("platform.full", message)
    if status in _AGAIN or status >= 500:
        message = f"the service cannot take rows now ({status}); see its log"
        raise _AgainError("platform.unreachable", message)
    message = (
        f"the service refuses the rows ({status}); expected 2xx: compare address, token and "
        "docs/platform.md"
    )
    raise PlatformError("platform.refused", message)
