"""`huxin access account new|list|password|revoke` over a node that does not run.

Covers node/cli/accounts.py, node/services/accounts.py, node/access/accounts.py.
"""

from __future__ import annotations

import time
from base64 import b32decode
from pathlib import Path

from huxin.v1 import accounts_pb2 as pb

from federation.ids import Timestamp
from node.access import totp
from node.cli.client import services
from node.directory.config import NodeSection
from node.directory.creation import NewNode, create_node
from node.system.entropy import token
from tests.support.commands import Ran, run

NEW = "四条腿的凳子放在院子里 4"
USUAL = ("--unit", "信用办（演示）", "--post", "科员", "--by", "张某", "--expires", "2099-12-31")


def account(directory: Path, *words: object) -> Ran:
    return run("access", "account", *words, "--dir", directory)


def test_accounts_from_the_first_password_to_the_last_day(tmp_path: Path) -> None:
    directory = tmp_path / "a"
    identity = NodeSection(region="510500", name="泸州", role="city", origin="a.example/1")
    new = NewNode(identity=identity, listen="127.0.0.1:0", advertise="", charter_key=None)
    create_node(directory, new, now=Timestamp(1_795_000_000), token=token)

    made = account(directory, "new", "王五", *USUAL, "--role", "operator", "-o", "json").json
    assert (made["name"], made["state"], made["initial"]) == ("王五", "valid", True)
    code = totp.code_at(b32decode(made["secret"]), totp.step_of(int(time.time())))
    asked = pb.OpenSessionRequest(
        name="王五", password=made["password"], code=code, new_password=NEW
    )
    with services(directory) as node:
        opened = node.accounts.OpenSession(asked).json
        session = opened.partition('"token": "')[2].partition('"')[0]
        own = (("authorization", f"Bearer {session}"),)
        node.accounts.CloseSession(pb.CloseSessionRequest(), metadata=own)
    assert made["password"] not in opened
    (listed,) = account(directory, "list", "-o", "json").json
    assert (listed["name"], listed["roles"], listed["initial"]) == ("王五", ["operator"], False)
    assert "信用办（演示）" in account(directory, "list").out
    assert "控制台账号" in run("access", "list", "--dir", directory).out

    shown = account(directory, "password", "王五", "--by", "张某")
    assert shown.code == 0
    assert all(word in shown.out for word in ("初始口令", "otpauth://totp/a.example:"))
    assert "revoked" in account(directory, "revoke", "王五", "--by", "张某", "-o", "json").out

    again = account(directory, "new", "王五", *USUAL, "--role", "operator")
    assert (again.code, "access.account" in again.err) == (3, True)
    bound = account(directory, "new", "赵六", *USUAL, "--role", "operator", "--oidc", "lz-1")
    assert (bound.code, "没有接入统一身份认证" in bound.err) == (3, True)
    bad = account(directory, "new", "赵六", *USUAL, "--role", "operator", "--matter", "no-such")
    assert (bad.code, "access.value" in bad.err) == (3, True)
