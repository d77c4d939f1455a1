"""The console of a demo that stays up: where it is, and who signs in with what is told.

Covers node/demo/console.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huxin.v1 import accounts_pb2 as pb

from adapters.catalog.editions import read_edition, starter_editions
from federation.errors import RefusedError
from federation.screening.roles import Role
from node.access import totp
from node.access.accounts import AccountRows
from node.cli.client import services
from node.cli.language import Language
from node.demo import console
from node.demo.console import PARTS, Login, make_logins, open_console, told
from node.demo.furnishing import CATALOGS
from node.demo.members import DATA, YIBIN
from node.demo.words import Words
from node.directory.config import load_config
from node.system.clock import SystemClock
from tests.support.federation_dirs import found
from tests.support.signed_in import CHEAP

AT = 1_795_000_000


def test_who_looks_signs_in_with_what_is_told_and_chooses_no_other_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "MATTERS", ())  # this node has no catalog that names them
    monkeypatch.setattr(AccountRows.__init__, "__defaults__", (CHEAP,))
    found(tmp_path, (YIBIN,))
    open_console(tmp_path, 17480)
    http = load_config(tmp_path / YIBIN.region).http
    assert (http.listen, http.console) == ("127.0.0.1:17480", True)
    with pytest.raises(RefusedError, match="listen"):
        open_console(tmp_path, 17481)

    roles = {}
    with services(tmp_path / YIBIN.region) as node:
        logins = make_logins(node)
        for one in logins:
            code = one.code(SystemClock().now())
            asked = pb.OpenSessionRequest(name=one.part.name, password=one.password, code=code)
            account = json.loads(node.accounts.OpenSession(asked).json)["account"]
            roles[account["name"]] = account["roles"]
    assert roles == {
        "jia": [Role.OPERATOR],
        "yi": [Role.REVIEWER],
        "wu": [Role.REVIEWER],
        "ren": [Role.DEPARTMENT],
        "xin": [Role.SYSTEM],
        "ji": [Role.AUDIT],
        "geng": [Role.SECURITY],
    }
    assert set(Role) - {part.role for part in PARTS} == {Role.THIRD_PARTY}, "it has no page"


@pytest.mark.parametrize("language", list(Language))
def test_each_line_says_what_to_type_now(language: Language) -> None:
    logins = [
        Login(part=part, password=f"password-{part.name}", secret=bytes([at]) * 20)
        for at, part in enumerate(PARTS)
    ]
    where, words = "http://127.0.0.1:17480/", Words(language)
    first = told(where, logins, AT, words, terminal=True)
    later = told(where, logins, AT + totp.STEP_SECONDS, words, terminal=True)
    unasked = told(where, logins, AT, words, terminal=False)
    pressed = "回车" if language is Language.ZH else "Enter"
    assert (pressed in first[0], pressed in unasked[0]) == (True, False)
    assert unasked[1:] == first[1:]
    assert "http://127.0.0.1:17480/" in first[1]
    for one, now, then in zip(logins, first[2:], later[2:], strict=True):
        assert one.part.name in now
        assert one.password in now
        assert totp.code_at(one.secret, totp.step_of(AT)) in now
        assert now != then


def test_the_catalog_of_the_demo_has_the_matters_that_may_be_asked_about() -> None:
    (path,) = (DATA / CATALOGS / YIBIN.region).glob("*.yaml")
    texts = (*starter_editions().values(), path.read_text("utf-8"))
    known = {matter for text in texts for matter in read_edition(text).matters}
    assert set(console.MATTERS) <= known
