"""Operations about accounts 账号 of the console: made, listed, given another password, ended.

Names of people stand in bodies alone, never in an address (HT2). What a person needs to sign in for
the first time is shown in one answer, as on the socket, and kept nowhere.
"""

from __future__ import annotations

from typing import Any, Final

from huxin.v1 import accounts_pb2 as pb

from federation.charters.values import PURPOSES
from federation.screening.roles import Role
from node.documents import answers
from node.web.bodies import Field
from node.web.messages import BY, message
from node.web.operations import Ask, Operation, Said
from node.web.schemas import Schema, array, boolean, number, record, text

BUDGET: Final = 1000
_NAME: Final = Field(name="name", zh="用户名", en="name of the account", example="王五（演示）")
_ACCOUNT: Final[dict[str, Schema]] = {
    "name": text("用户名", "name"),
    "unit": text("单位", "unit"),
    "post": text("岗位", "post"),
    "roles": array({"type": "string"}, "角色", "roles"),
    "credential": text("凭据编号", "its credential"),
    "state": text("状态", "state"),
    "expires_on": number("最后一日 YYYYMMDD", "its last day, YYYYMMDD"),
    "initial": boolean("尚未设置自己的口令", "whether its person has not signed in yet"),
    "subject": text(
        "统一身份认证标识；用口令登录的为空",
        "at the identity provider; empty of who has a password",
    ),
}
_ONCE: Final[dict[str, Schema]] = {
    "password": text(
        "初始口令，只显示这一次；用统一身份认证登录的为空", "first password, shown this once"
    ),
    "secret": text("动态码密钥（Base32），只显示这一次", "secret of the codes, shown this once"),
    "uri": text("认证器地址，可制成二维码", "for an authenticator, as a QR code"),
}


def _once(answer: Any) -> object:  # noqa: ANN401 - of either call
    once = {name: getattr(answer, name) for name in _ONCE}
    return answers.document(answer) | once


def _list(ask: Ask, _said: Said) -> object:
    found = ask.many("Accounts/ListAccounts", pb.ListAccountsRequest())
    return {"accounts": answers.each(found)}


def _new(ask: Ask, said: Said) -> object:
    given = {"budget": BUDGET, **said}
    return _once(ask.one("Accounts/NewAccount", message(pb.NewAccountRequest, **given)))


def _password(ask: Ask, said: Said) -> object:
    return _once(ask.one("Accounts/ResetAccount", message(pb.ResetAccountRequest, **said)))


def _revoke(ask: Ask, said: Said) -> object:
    asked = message(pb.RevokeAccountRequest, **said)
    return answers.document(ask.one("Accounts/RevokeAccount", asked))


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/accounts",
        name="listAccounts",
        zh="全部控制台账号",
        en="All accounts of the console",
        rpcs=("Accounts/ListAccounts",),
        serve=_list,
        answer=record(
            {"accounts": array(record(_ACCOUNT, *_ACCOUNT), "账号", "accounts")}, "accounts"
        ),
    ),
    Operation(
        method="POST",
        path="/v1/accounts",
        name="newAccount",
        zh="开设账号；初始口令和动态码密钥只在答复中出现这一次",
        en="Make an account; its first password and secret are shown this once",
        rpcs=("Accounts/NewAccount",),
        serve=_new,
        answer=record(_ACCOUNT | _ONCE, *_ACCOUNT, *_ONCE),
        body=(
            _NAME,
            Field(name="unit", zh="单位全称", en="full name of unit", example="信用办（演示）"),
            Field(name="post", zh="岗位", en="post", example="科员"),
            Field(
                name="roles",
                kind="array",
                each="string",
                zh=f"角色：{'、'.join(Role)}",
                en="what it may do",
                example=["operator"],
            ),
            Field(
                name="matters",
                kind="array",
                each="string",
                zh="可查的事项代码",
                en="codes of matters that it may ask for",
                required=False,
                example=["procurement"],
            ),
            Field(
                name="purposes",
                kind="array",
                each="string",
                zh=f"用途代码：{'、'.join(PURPOSES)}",
                en=f"for what: {', '.join(PURPOSES)}",
                required=False,
                example=["joint-punishment"],
            ),
            Field(
                name="budget",
                kind="integer",
                zh=f"每日查询上限，缺省 {BUDGET}",
                en=f"questions a day; {BUDGET} where absent",
                required=False,
                example=BUDGET,
            ),
            Field(
                name="expires_on",
                kind="integer",
                zh="最后一日 YYYYMMDD",
                en="its last day, YYYYMMDD",
                example=20271231,
            ),
            Field(
                name="subject",
                zh="统一身份认证标识（sub）：此账号用统一身份认证登录，没有口令",
                en="`sub` at the identity provider: its person signs in there, without a password",
                required=False,
                example="lz-000417",
                longest=255,
            ),
            BY,
        ),
    ),
    Operation(
        method="POST",
        path="/v1/accounts:password",
        name="resetAccount",
        zh="重置口令和动态码密钥，会话立即结束；新的只在答复中出现这一次",
        en="Another first password and secret, shown this once; its sessions end",
        rpcs=("Accounts/ResetAccount",),
        serve=_password,
        answer=record(_ACCOUNT | _ONCE, *_ACCOUNT, *_ONCE),
        body=(_NAME, BY),
    ),
    Operation(
        method="POST",
        path="/v1/accounts:revoke",
        name="revokeAccount",
        zh="吊销账号，会话立即结束，不可恢复",
        en="End an account and its sessions at once and for ever",
        rpcs=("Accounts/RevokeAccount",),
        serve=_revoke,
        answer=record(_ACCOUNT, *_ACCOUNT),
        body=(_NAME, BY),
    ),
)
