"""Traces 追踪: how long each step of a call took; off unless a tracer was set up for the process.

    with span("check", questions=3):
        …                                # spans begun in here, also in its threads, stand below it

What a trace can say is closed, so that nobody has to ask what may leave with it:

    TR1  a span has a name of `NAMES` or of a durable step, written in the program, and attributes
         of `FORMS` in their forms; whatever else is given is left out. Of an error it has the
         stable code, never its message or where it was raised. So no subject, no person, no token
         can stand in one
    TR2  only a process of this node goes on with a trace of another: by `traceparent` on its Unix
         socket. Nothing of it is given to members, departments or platforms, nor taken from them
    TR3  what becomes of a relief, which takes days and several processes, is one trace at every
         node. Its number is made of the listing's statement id by a digest: who knows the id
         finds the trace, and who collects traces learns no id

Where a trace goes is `node.app.otlp`. It hangs on the context of `contextvars`; whoever hands
work to a thread hands that over (`contextvars.copy_context`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Protocol

from federation.ids import StatementId

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "call": "a call of the node's services was answered",
        "http": "a request over HTTP was answered",
        "publish": "statements of our own that waited together were published",
        "follow": "a batch of another's log was taken",
        "check": "questions of departments that waited together were answered",
        "benefit": "questions about benefits that waited together were answered",
        "relief said": "a relief stands in our log, and its checkpoint is signed",
        "relief taken": "a relief of another has come",
        "relief told": "an outlet is told, or about to be told, that a listing is lifted",
        "relief acknowledged": "an outlet says that it has lifted a listing",
        "relief lifted": "the origin is told that a listing is lifted here",
        "relief heard": "a member says that it has lifted a listing of ours",
    }
)
"""What spans are, by name; beside them every durable step, `node.system.failpoints.NAMES`."""

FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "call": r"[A-Z][A-Za-z]{1,40}/[A-Z][A-Za-z]{1,40}",
        "route": r"(/[a-z0-9{}_.:-]{0,60}){1,8}",
        "log": r"[a-z0-9][a-z0-9.-]{0,189}/[1-9][0-9]{0,8}",
        "peer": r"[a-z0-9][a-z0-9.-]{0,189}",
        "units": r"[0-9]{1,9}",
        "leaves": r"[0-9]{1,9}",
        "questions": r"[0-9]{1,9}",
        "outlet": r"[0-9]{1,9}",
        "outcome": r"ok|error|[a-z][a-z0-9-]{0,30}(\.[a-z][a-z0-9-]{0,40}){1,3}",
    }
)
"""Attributes and their forms, whole."""
_FORMS: Final = {name: re.compile(form) for name, form in FORMS.items()}

TRACE_SIZE: Final = 16
"""Bytes of a trace's number, as W3C Trace Context has it; its first span's has half as many."""
_DOMAIN: Final = b"huxin relief trace/"

Value = str | int


class Tracer(Protocol):
    """Records spans, wherever they go."""

    def span(self, name: str, attributes: Mapping[str, Value]) -> AbstractContextManager[None]:
        """Surround a step, below the one that surrounds it."""
        ...

    def point(
        self, name: str, trace: bytes, attributes: Mapping[str, Value], *, first: bool
    ) -> None:
        """Record that something happened now, in the trace of this number.

        Args:
            name: of the span.
            trace: `TRACE_SIZE` bytes.
            attributes: of it.
            first: whether all others of that trace stand below it.
        """
        ...

    def carried(self) -> Sequence[tuple[str, str]]:
        """The place in a trace, as headers of a call within the node; empty where there is none."""
        ...

    def within(self, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        """Go on with the trace that a process of this node carried here."""
        ...


_tracer: Tracer | None = None


def set_tracer(tracer: Tracer | None) -> None:
    """Record spans of this process with it; None: none any more."""
    global _tracer  # noqa: PLW0603 - as of the log, there is one for a process
    _tracer = tracer


@contextmanager
def span(name: str, **attributes: Value) -> Iterator[None]:
    """Surround a step; what is raised in it is told of by its code alone.

    Args:
        name: of `NAMES`.
        attributes: of `FORMS`; what has another form is left out (TR1).
    """
    tracer = _tracer
    if tracer is None:
        yield
        return
    with tracer.span(name, known(attributes)):
        yield


def point(name: str, listing: bytes, *, first: bool = False, **attributes: Value) -> None:
    """Record that a relief has come so far (TR3).

    Args:
        name: of `NAMES`.
        listing: statement id of what is lifted.
        first: whether it is the relief itself, at the node that says it.
        attributes: of `FORMS`.
    """
    tracer = _tracer
    if tracer is not None:
        tracer.point(name, trace_of(StatementId(listing)), known(attributes), first=first)


def trace_of(listing: StatementId) -> bytes:
    """The number of the trace of a listing's relief (TR3)."""
    return sha256(_DOMAIN + listing).digest()[:TRACE_SIZE]


def carried() -> Sequence[tuple[str, str]]:
    """Headers for a call to another process of this node (TR2)."""
    return () if _tracer is None else _tracer.carried()


def within(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Go on with a trace that a process of this node carried here (TR2)."""
    return nullcontext() if _tracer is None else _tracer.within(headers)


def known(attributes: Mapping[str, Value]) -> dict[str, Value]:
    """The attributes that a span may have (TR1)."""
    return {
        name: value
        for name, value in attributes.items()
        if name in _FORMS and _FORMS[name].fullmatch(str(value))
    }


def outcome_of(error: BaseException | None) -> str:
    """What a span says of how it ended (TR1)."""
    if error is None:
        return "ok"
    code = str(getattr(error, "code", ""))
    return code if _FORMS["outcome"].fullmatch(code) else "error"
