"""A writer on which something of another comes before a job that it is given."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from tests.support.invented import InlineWriter

T = TypeVar("T")


class Between(InlineWriter):
    """Lets `comes` happen once, before the job of a number."""

    def __init__(self, comes: Callable[[], object], number: int = 1) -> None:
        self._comes = comes
        self._left = number

    def submit(self, job: Callable[[], T]) -> Future[T]:
        self._left -= 1
        if self._left == 0:
            self._comes()
        return super().submit(job)

    @property
    def came(self) -> bool:
        """Whether it has happened."""
        return self._left <= 0
