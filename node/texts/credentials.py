"""What credentials are called: roles, states, how their holder says who it is."""

from __future__ import annotations

from typing import Final

from federation.screening.roles import Role
from node.texts.fields import Pair

ROLES: Final[dict[str, Pair]] = {
    Role.SYSTEM: ("系统管理员", "system"),
    Role.SECURITY: ("安全管理员", "security"),
    Role.AUDIT: ("审计员", "audit"),
    Role.OPERATOR: ("业务操作员", "operator"),
    Role.REVIEWER: ("复核员", "reviewer"),
    Role.DEPARTMENT: ("部门", "department"),
    Role.THIRD_PARTY: ("第三方", "third party"),
}
STATES: Final[dict[str, Pair]] = {
    "valid": ("有效", "valid"),
    "stopped": ("已暂停", "stopped"),
    "expired": ("已到期", "expired"),
    "revoked": ("已吊销", "revoked"),
}
WAYS: Final[dict[str, Pair]] = {
    "token": ("令牌", "token"),
    "certificate": ("客户端证书", "certificate"),
    "account": ("控制台账号", "account"),
}
