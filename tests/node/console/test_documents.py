"""Forms without a number: each is printed where the officer stands, and refused in words there.

Covers node/console/pages/checks.py, node/console/pages/peers.py, node/console/pages/records.py,
node/console/pages/settings.py.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from federation.screening.roles import Role
from node.texts.letters import DOCX
from tests.node.console.test_pages import CHECK, ERASED, ID, NUMBER, node
from tests.support.console import FakeNode, problem, signed_in

CONSOLE = Path(__file__).parents[3] / "node" / "console"
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
    called: str
    """What its file is called in Chinese, as it begins."""
    role: Role = Role.OPERATOR


FORMS = [
    Printed(
        page=f"/checks/{NUMBER}",
        file=f"/checks/{NUMBER}/form.docx",
        made=f"/v1/outcomes/{NUMBER}/form",
        called="案件反馈单-",
    ),
    Printed(
        page=f"/records/{ID}",
        file=f"/records/{ID}/removal.docx",
        made=f"/v1/records/{ID}/removal",
        called="删除记录-",
    ),
    Printed(
        page="/peers",
        file=f"/peers/{ALLIANCE}/agreement.docx",
        made=f"/v1/charters/{ALLIANCE}/agreement",
        called="章程暨共享协议-",
    ),
    Printed(
        page="/settings/credentials/0a1b2c3d",
        file="/settings/credentials/0a1b2c3d/form.docx",
        made="/v1/credentials/0a1b2c3d/form",
        called="查询授权登记表-",
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
    named = kept.headers["content-disposition"]
    assert re.fullmatch(
        r'attachment; filename="[ -~]+\.docx"; filename\*=UTF-8\'\'\S+\.docx', named
    )
    assert form.called in unquote(named)
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


def test_cn13_every_file_to_keep_is_called_in_the_language_of_the_page() -> None:
    """And names nobody: what stands in its name is a text, a number, a period."""
    made = 0
    for path in sorted(CONSOLE.rglob("*.py")):
        source = path.read_text("utf-8")
        assert path.name == "page.py" or "content-disposition" not in source, path.name
        for body in ast.walk(ast.parse(source)):
            if not isinstance(body, ast.AsyncFunctionDef):
                continue
            said = {
                target.id: ast.unparse(one.value)
                for one in ast.walk(body)
                if isinstance(one, ast.Assign)
                for target in one.targets
                if isinstance(target, ast.Name)
            }
            for call in ast.walk(body):
                match call:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="visit"), attr="download" | "file"),
                        args=[_, _, called, _],
                    ):
                        text = ast.unparse(called)
                        text = said.get(text, text)
                        assert re.search(r"visit\.(?:text|language\.of)\(", text), (path.name, text)
                        assert not re.search("subject|person|code|name", text), (path.name, text)
                        made += 1
    assert made > 15


def test_cn13_a_file_is_called_otherwise_in_english() -> None:
    fake = office(Role.OPERATOR)
    fake.replies["GET", f"/v1/records/{ID}/removal"] = b"PK"
    browser = signed_in(fake)
    browser.get("/language/en?next=/")
    kept = browser.get(f"/records/{ID}/removal.docx")
    assert kept.headers["content-disposition"].endswith(f"=UTF-8''removal-{ID[:8]}.docx")


def test_a_record_that_is_held_offers_no_record_of_removal() -> None:
    assert "removal.docx" not in signed_in(node()).get(f"/records/{ID}").body.decode()
