"""Texts of the page of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("账号", "Accounts"),
    "lead": (
        "谁可以登录本控制台。角色、事项、用途和最后一日随账号，改变时另开一个。",
        "Who signs in here. What one may, and its last day, stay: to change them make another.",
    ),
    "name.field": ("用户名，如姓名", "Name to sign in by"),
    "person": ("姓名", "Name"),
    "unit": ("单位全称", "Full name of the unit"),
    "post": ("岗位", "Post"),
    "state": ("状态", "State"),
    "initial": ("待本人首次登录", "not yet signed in"),
    "roles": ("角色", "Roles"),
    "purposes": ("用途", "Purposes"),
    "matters": ("可查的事项代码，用逗号隔开", "Codes of matters, by commas"),
    "budget": ("每日查询上限", "Questions a day"),
    "expires": ("最后一日", "Last day"),
    "subject": ("{name}的标识（选填）", "At {name}, the identifier (where wanted)"),
    "subject.hint": (
        "填了就用它登录，没有口令和动态码。本人先试登录一次，页面会显示自己的标识。",
        "With it the person signs in there, without password and code. Trying once shows it.",
    ),
    "subject.short": ("统一身份认证标识", "At the identity provider"),
    "elsewhere": ("统一身份认证", "identity provider"),
    "look": ("办理", "Look"),
    "new": ("开设账号", "New account"),
    "new.lead": (
        "系统、安全、审计三员各自独立，经办与复核分开，一个账号只给一人。",
        "The three administrators stand alone; one account is one person's.",
    ),
    "make": ("开设", "Make it"),
    "made": ("账号已开设", "The account is made"),
    "again": ("口令已重置", "The password is another one"),
    "once": (
        (
            "下面的内容只显示这一次，本节点不留存：请本人当面用认证器扫码，记下初始口令。"
            "首次登录时须设置自己的口令。"
        ),
        (
            "This is shown once and kept nowhere: its person scans the code now and notes the "
            "first password. At the first signing in they choose their own."
        ),
    ),
    "code": ("认证器扫这个码", "For the authenticator"),
    "code.described": ("动态码密钥的二维码", "QR code of the secret"),
    "secret": ("不能扫码时，录入密钥", "Or type the secret"),
    "first-password": ("初始口令", "First password"),
    "reset": ("重置口令和动态码", "Another password and secret"),
    "reset.lead": (
        "忘记口令或更换手机时用。其会话立即结束，原来的口令和动态码作废。",
        "For a forgotten password or another telephone. Sessions end; what was before is void.",
    ),
    "revoke": ("吊销账号", "Revoke the account"),
    "revoke.lead": (
        "会话立即结束，不可恢复；同一用户名不能再开。",
        "Sessions end at once and for ever; its name is not given again.",
    ),
    "revoke.only": (
        "系统管理员只能吊销，不能开设和查看；用户名由安全管理员告知。",
        "Who runs the node may revoke, not make or list: the security officer names it.",
    ),
    "done.bound": (
        "账号已开设，本人从现在起可以用统一身份认证登录。",
        "The account is made: its person signs in by the identity provider from now on.",
    ),
    "done.revoked": ("账号已吊销。", "The account is revoked."),
    "done.unknown": ("没有此账号。", "There is no such account."),
    "back": ("返回账号", "Back to the accounts"),
}
