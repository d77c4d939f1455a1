"""Forms without a number: each is printed where the officer stands, and refused in words there.

Covers node/console/pages/checks.py, node/console/pages/peers.py, node/console/pages/records.py,
node/console/pages/settings.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from federation.screening.roles import Role
from node.texts.letters import DOCX
from tests.node.console.test_pages import CHECK, ERASED, ID, NUMBER, node
from tests.support.console import FakeNode, problem, signed_in

ALLIANCE = "0a" * 32
CREDENTIAL = {
    "id": "0a1b2c3d",
    "department": "财政局（演示）",
    "by": "token",
    "state": "valid",
    "stopped": None,
    "roles": ["department"],
    "matters": [],
    "purposes": [],
    "expires_on": 20271130,
    "asked_today": 0,
    "budget": 100,
    "created_by": "张某",
    "created_at": 1_795_000_000,
    "revoked_at": 0,
}
PEERS = {
    "peers": [],
    "connected": [],
    "charters": [{"id": ALLIANCE, "name": "川南", "version": 3, "expires_in_s": 86_400}],
    "problems": [],
}


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A form: on which page, and where page and API have it."""

    page: str
    file: str
    made: str
    role: Role = Role.OPERATOR


FORMS = [
    Printed(
        page=f"/checks/{NUMBER}",
        file=f"/checks/{NUMBER}/form.docx",
        made=f"/v1/outcomes/{NUMBER}/form",
    ),
    Printed(
        page=f"/records/{ID}",
        file=f"/records/{ID}/removal.docx",
        made=f"/v1/records/{ID}/removal",
    ),
    Printed(
        page="/peers",
        file=f"/peers/{ALLIANCE}/agreement.docx",
        made=f"/v1/charters/{ALLIANCE}/agreement",
    ),
    Printed(
        page="/settings/credentials/0a1b2c3d",
        file="/settings/credentials/0a1b2c3d/form.docx",
        made="/v1/credentials/0a1b2c3d/form",
        role=Role.SECURITY,
    ),
]


def office(role: Role) -> FakeNode:
    fake = node(role)
    fake.replies |= {
        ("GET", f"/v1/records/{ID}"): ERASED | {"statement_id": ID},
        ("GET", f"/v1/outcomes/{NUMBER}"): CHECK,
        ("GET", "/v1/peers"): PEERS,
        ("GET", "/v1/charters/pending"): {"pending": []},
        ("GET", "/v1/credentials/0a1b2c3d"): CREDENTIAL,
    }
    return fake


@pytest.mark.parametrize("form", FORMS, ids=lambda one: one.page)
def test_a_form_is_printed_from_its_page(form: Printed) -> None:
    fake = office(form.role)
    fake.replies["GET", form.made] = b"PK"
    browser = signed_in(fake)
    assert f'href="{form.file}"' in browser.get(form.page).body.decode()
    kept = browser.get(form.file)
    assert (kept.status, kept.body, kept.headers["content-type"]) == (200, b"PK", DOCX)
    assert kept.headers["content-disposition"].endswith('.docx"')
    assert kept.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("form", FORMS, ids=lambda one: one.page)
def test_a_form_that_is_refused_is_a_page_that_says_why(form: Printed) -> None:
    fake = office(form.role)
    fake.replies["GET", form.made] = problem(
        409, "letter.not-yet", "内容仍在，没有此公文", "not yet"
    )
    refused = signed_in(fake).get(form.file)
    assert refused.status == 409
    assert "内容仍在，没有此公文" in refused.body.decode()


def test_a_record_that_is_held_offers_no_record_of_removal() -> None:
    assert "removal.docx" not in signed_in(node()).get(f"/records/{ID}").body.decode()
