"""Jobs of all wings put together."""

from __future__ import annotations

import pytest

from node.app.schedule import together
from node.system.schedule import Job


def job(name: str) -> Job:
    return Job(name=name, seconds=1, run=lambda: None)


def test_jobs_of_all_wings_are_put_together_in_their_order() -> None:
    jobs = together([job("clock")], (), [job("outbox"), job("inbox")])
    assert [one.name for one in jobs] == ["clock", "outbox", "inbox"]


def test_two_wings_cannot_give_a_job_one_name() -> None:
    with pytest.raises(ValueError, match=r"got \['inbox'\] more than once"):
        together([job("inbox")], [job("clock"), job("inbox")])
