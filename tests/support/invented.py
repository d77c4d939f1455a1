"""Invented subjects, and a base library that knows them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import TypeVar

from federation.reconcile.identity import BaseSubject
from federation.uscc import make_uscc
from tests.support.catalogs import FixedLibrary

T = TypeVar("T")
SUBJECTS = 1000


class InlineWriter:
    """Runs jobs at once, on the thread that asks."""

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """See `WriteThread.submit`."""
        done: Future[T] = Future()
        done.set_result(job())
        return done


@cache
def code_of(number: int) -> str:
    """The code of an invented subject."""
    return make_uscc("91510500", f"YY{number:06d}")


def name_of(number: int) -> str:
    """The name of an invented subject."""
    return f"虚构企业{number}（演示）"


@cache
def invented_library() -> FixedLibrary:
    """A base library that knows the first invented subjects."""
    return FixedLibrary(*(BaseSubject(code_of(n), name_of(n)) for n in range(SUBJECTS)))
