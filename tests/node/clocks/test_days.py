"""A day is a day in Asia/Shanghai, wherever the machine stands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from federation.ids import Timestamp
from node.system.clock import date_of

ZONES = ("UTC", "Asia/Shanghai", "Pacific/Kiritimati", "America/Los_Angeles")


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("zone")
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC), 20261120),
        (datetime(2026, 11, 20, 16, 0, 0, tzinfo=UTC), 20261121),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), 20270101),
    ],
)
def test_the_day_is_that_of_shanghai(moment: datetime, day: int) -> None:
    assert date_of(Timestamp(int(moment.timestamp()))) == day
