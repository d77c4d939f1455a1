"""Figures for Prometheus.

Covers node/status/metrics.py.
"""

from __future__ import annotations

from typing import Any

from prometheus_client import generate_latest

from federation.ids import MemberId, Origin
from federation.peers.frames import HeadFrame
from federation.peers.openings import DeliveredOpening
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus
from node.status.metrics import Metrics

B = MemberId("b")
DISK = {"free_bytes": 7, "reserve_bytes": 5}
RELIEFS = {"by_member": {"宜宾": 3}}
KEPT = {"outcome": {"held": 9, "without_term": 8}}
OUTCOMES = {"pending": 4, "reopened": 2, "overdue": 1}
SCRUB = {"ended_at": 9, "damaged": [{"origin": "o/1", "part": "leaves"}] * 2}

REQUESTS = {"open": {"answer": 3, "sent": 2}, "overdue": {"answer": 1, "sent": 0}}


NOTHING = {"displays": {"overdue": 0, "by_party": {}}, "problems": []}


def metrics(status: dict[str, Any] | Exception) -> Metrics:
    def ask() -> dict[str, Any]:
        if isinstance(status, Exception):
            raise status
        return NOTHING | {"reliefs": RELIEFS, "outcomes": OUTCOMES, "kept": KEPT} | status

    return Metrics(status=ask, blamed=dict, live=lambda: [B])


def text(of: Metrics) -> str:
    return generate_latest(of.registry).decode()


def test_what_is_received_is_counted_by_peer() -> None:
    figures = metrics(
        {
            "logs": [],
            "disk": DISK,
            "scrub": SCRUB,
            "platforms": [],
            "requests": REQUESTS,
            "acknowledging": [],
        }
    )
    opening = DeliveredOpening(OpeningStatus.PRESENT, bytes(32), bytes(10))
    batch = DeliveredBatch(
        # A name that a peer made up: it must not become a label.
        origin=Origin("made-up/1"),
        first_index=0,
        leaves=(bytes(76), bytes(76)),
        openings=(opening, opening),
        checkpoint=b"",
        path=(),
    )
    figures.received(B, batch)
    figures.received(B, HeadFrame(origin=Origin("o/1"), checkpoint=b""))
    figures.published(0.02)
    shown = text(figures)
    assert 'huxin_received_batches_total{peer="b"} 1.0' in shown
    assert 'huxin_received_leaves_total{peer="b"} 2.0' in shown
    assert 'huxin_received_bytes_total{peer="b"} 172.0' in shown
    assert 'huxin_publish_seconds_bucket{le="0.025"} 1.0' in shown
    assert 'huxin_peer_dialled{peer="b"} 1.0' in shown
    assert 'huxin_outcomes_open{state="pending"} 4.0' in shown
    assert 'huxin_outcomes_open{state="reopened"} 2.0' in shown
    assert "huxin_outcomes_overdue 1.0" in shown
    assert 'huxin_kept_without_term{sort="outcome"} 8.0' in shown
    assert "made-up" not in shown


def test_a_log_whose_head_is_not_known_has_no_age() -> None:
    log = {"origin": "o/1", "size": 1, "verified_to": 1, "head_age_s": None, "set_aside": {}}
    log["waits_for_room"] = True
    shown = text(
        metrics(
            {
                "logs": [log],
                "disk": DISK,
                "scrub": SCRUB,
                "platforms": [],
                "requests": REQUESTS,
                "acknowledging": [],
            }
        )
    )
    assert 'huxin_log_size{origin="o/1"} 1.0' in shown
    assert "huxin_head_age_seconds{" not in shown
    assert 'huxin_log_waits_for_room{origin="o/1"} 1.0' in shown


def test_a_store_that_is_down_is_a_figure() -> None:
    assert "huxin_store_up 0.0" in text(metrics(OSError("down")))


def test_problems_are_counted_by_their_codes_alone() -> None:
    shown = text(
        metrics(
            {
                "logs": [],
                "disk": DISK,
                "scrub": SCRUB,
                "platforms": [],
                "requests": REQUESTS,
                "acknowledging": [],
                "problems": [
                    {"code": "certificate.expires", "message": "自贡", "fix": ""},
                    {"code": "certificate.expires", "message": "宜宾", "fix": ""},
                    {"code": "clock.differs", "message": "300 s", "fix": ""},
                ],
            }
        )
    )
    assert 'huxin_problems{code="certificate.expires"} 2.0' in shown
    assert 'huxin_problems{code="clock.differs"} 1.0' in shown
    assert "自贡" not in shown


def test_free_and_kept_bytes_of_the_disk_are_figures() -> None:
    shown = text(
        metrics(
            {
                "logs": [],
                "disk": DISK,
                "scrub": SCRUB,
                "platforms": [],
                "requests": REQUESTS,
                "acknowledging": [],
            }
        )
    )
    assert "huxin_disk_free_bytes 7.0" in shown
    assert "huxin_disk_reserve_bytes 5.0" in shown


def test_what_is_damaged_is_counted_by_log_and_part() -> None:
    shown = text(
        metrics(
            {
                "logs": [],
                "disk": DISK,
                "scrub": SCRUB,
                "platforms": [],
                "requests": REQUESTS,
                "acknowledging": [],
            }
        )
    )
    assert 'huxin_store_damaged{origin="o/1",part="leaves"} 2.0' in shown
    assert "huxin_scrub_ended_seconds 9.0" in shown


def test_what_waits_for_a_platform_is_a_figure() -> None:
    waits = {"name": "city", "waiting": 7, "relief": 2}
    owes = [{"name": "", "unacknowledged": 3}]
    status = {"logs": [], "disk": DISK, "scrub": SCRUB, "platforms": [waits], "requests": REQUESTS}
    shown = text(metrics(status | {"acknowledging": owes}))
    assert 'huxin_platform_unacknowledged{name=""} 3.0' in shown
    assert 'huxin_platform_waiting{name="city"} 7.0' in shown
    assert 'huxin_platform_relief_waiting{name="city"} 2.0' in shown


def test_requests_that_are_open_and_late_are_figures() -> None:
    status = {
        "logs": [],
        "disk": DISK,
        "scrub": SCRUB,
        "platforms": [],
        "requests": REQUESTS,
        "acknowledging": [],
    }
    shown = text(metrics(status))
    assert 'huxin_requests_open{side="answer"} 3.0' in shown
    assert 'huxin_requests_overdue{side="answer"} 1.0' in shown
    assert 'huxin_requests_overdue{side="sent"} 0.0' in shown


def test_who_is_late_with_reliefs_is_a_figure() -> None:
    shown = text(
        metrics(
            {
                "logs": [],
                "disk": DISK,
                "scrub": SCRUB,
                "platforms": [],
                "requests": REQUESTS,
                "acknowledging": [],
            }
        )
    )
    assert 'huxin_reliefs_overdue{member="宜宾"} 3.0' in shown
