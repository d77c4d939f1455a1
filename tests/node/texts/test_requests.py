"""How requests are put for people.

Covers node/texts/requests.py.
"""

from __future__ import annotations

import pytest

from node.texts.requests import line


@pytest.mark.parametrize(
    ("english", "words"),
    [
        (False, ("异议", "已受理", "2026-11-18", "2026-12-02", "受理、办结")),
        (True, ("objection", "accepted", "2026-11-18", "2026-12-02", "accept、result")),
    ],
)
def test_a_line_is_in_words(english: bool, words: tuple[str, ...]) -> None:
    one = {
        "type": "objection",
        "state": "accepted",
        "record": {"document": "1号"},
        "received_on": 20261118,
        "due": {"result": {"last": 20261202}},
        "overdue": ["accept", "result"],
    }
    shown = line(one, english=english)
    names = ("type", "state", "received_on", "result_due", "overdue")
    assert tuple(shown[name] for name in names) == words
    assert line(one | {"due": {"result": None}}, english=english)["result_due"] == (
        "unknown" if english else "未知"
    )
    assert line(one | {"state": "as-a-newer-node-says"}, english=english)["state"].startswith("as-")
