"""Roles 角色: who may do what. One table; what does not stand in it is denied.

Administration is divided among three 三员分立: who runs the node (系统管理员), who says who may
ask (安全管理员), and who reads what was asked (审计员). Business is divided between who does it
(业务操作员) and who decides it as second person (复核员). A department 部门 asks, and reports what
it did. A third party 第三方 asks only what of its own display must go.

    AC1 `allowed` is the one table; a role, or an action, that does not stand in it is denied
    AC2 no role may both manage credentials and read what was asked, and none of the three does
        another's: nobody opens a door and erases who went through it
    AC3 a credential with a role of the three, or of a third party, has no other role; nor has one
        both who does and who decides
    AC4 a question is for a matter and a purpose that the credential names; where none is named,
        none is allowed. One about a benefit is for no matter, and bound by the purpose alone. The
        operator on the node's own socket is bound by neither
    AC29 outcomes are read and reported for every department by who works at the node, by whatever
        door; by a department for itself alone
    AC5 what is asked is an organisation. No charter of SPEC 1 allows a question about a natural
        person, and an ID number 公民身份号码 is refused as such
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from federation.errors import RefusedError


class Role(StrEnum):
    """What somebody is here."""

    SYSTEM = "system"
    """系统管理员: runs the node."""
    SECURITY = "security"
    """安全管理员: says who may ask."""
    AUDIT = "audit"
    """审计员: reads what was asked and by whom."""
    OPERATOR = "operator"
    """业务操作员: publishes, imports, sends."""
    REVIEWER = "reviewer"
    """复核员: decides as second person."""
    DEPARTMENT = "department"
    """部门: asks before it acts."""
    THIRD_PARTY = "third-party"
    """第三方: shows what was published elsewhere, and asks what of it must go."""


class Action(StrEnum):
    """What may be asked of a node; each call and each route is one of them."""

    CHECK = "check"
    WATCH = "watch"
    """Be told of changed answers about the subjects of a case."""
    MATTERS = "matters"
    SCENARIOS = "scenarios"
    REPORT_OUTCOME = "report-outcome"
    LIST_OUTCOMES = "list-outcomes"
    BENEFIT = "benefit"
    """Whether a subject may have a benefit, of one scenario or of all."""
    REPORT_USE = "report-use"
    DISPLAYS = "displays"
    """Hand in what is displayed, and acknowledge what was taken down."""
    STATUS = "status"
    RUN_NODE = "run-node"
    """Keys, charters, clock, recovery, packets, platforms' rows."""
    PUBLISH = "publish"
    VOUCH = "vouch"
    """See imports, and say as one of two persons that rows or a mapping are right."""
    READ_RECORDS = "read-records"
    REQUESTS = "requests"
    LETTERS = "letters"
    """Issue letters 公文: give them their numbers."""
    DECIDE = "decide"
    """Cases, editions, words of persons."""
    READ_CATALOG = "read-catalog"
    ACCESS_MANAGE = "access-manage"
    ACCESS_REVOKE = "access-revoke"
    """Only takes away: who runs the node may as well, and it stands in the query log."""
    ACCESS_LIST = "access-list"
    QUERIES_READ = "queries-read"
    QUERIES_VERIFY = "queries-verify"
    SESSION = "session"
    """Sign in to the console, and out."""


THREE: Final = frozenset({Role.SYSTEM, Role.SECURITY, Role.AUDIT})
"""The three of 三员分立."""
_ALONE: Final = THREE | {Role.THIRD_PARTY}
"""Roles that stand with no other (AC3)."""
_CITY_WIDE: Final = frozenset({Role.OPERATOR, Role.REVIEWER})
"""Roles of who works at the node."""

_TABLE: Final[dict[Role, frozenset[Action]]] = {
    Role.SYSTEM: frozenset({Action.SESSION, Action.STATUS, Action.RUN_NODE, Action.ACCESS_REVOKE}),
    Role.SECURITY: frozenset(
        {
            Action.SESSION,
            Action.STATUS,
            Action.ACCESS_MANAGE,
            Action.ACCESS_REVOKE,
            Action.ACCESS_LIST,
        }
    ),
    Role.AUDIT: frozenset(
        {
            Action.SESSION,
            Action.STATUS,
            Action.ACCESS_LIST,
            Action.QUERIES_READ,
            Action.QUERIES_VERIFY,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Action.SESSION,
            Action.CHECK,
            Action.WATCH,
            Action.MATTERS,
            Action.SCENARIOS,
            Action.REPORT_OUTCOME,
            Action.LIST_OUTCOMES,
            Action.BENEFIT,
            Action.REPORT_USE,
            Action.DISPLAYS,
            Action.STATUS,
            Action.PUBLISH,
            Action.VOUCH,
            Action.READ_RECORDS,
            Action.REQUESTS,
            Action.LETTERS,
            Action.READ_CATALOG,
        }
    ),
    Role.REVIEWER: frozenset(
        {
            Action.SESSION,
            Action.MATTERS,
            Action.SCENARIOS,
            Action.LIST_OUTCOMES,
            Action.STATUS,
            Action.VOUCH,
            Action.READ_RECORDS,
            Action.LETTERS,
            Action.DECIDE,
            Action.READ_CATALOG,
        }
    ),
    Role.DEPARTMENT: frozenset(
        {
            Action.SESSION,
            Action.CHECK,
            Action.WATCH,
            Action.MATTERS,
            Action.SCENARIOS,
            Action.REPORT_OUTCOME,
            Action.LIST_OUTCOMES,
            Action.BENEFIT,
            Action.REPORT_USE,
        }
    ),
    Role.THIRD_PARTY: frozenset({Action.DISPLAYS}),
}

_APART: Final = (frozenset({Role.OPERATOR, Role.REVIEWER}),)
"""Roles that do not stand together, beside the three (AC3)."""
_PERSON: Final = re.compile(r"[1-9][0-9]{5}(?:19|20)?[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9X]?")
"""An ID number of 18 characters, or of 15 (before 1999)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: a credential, or the operator on the node's own socket."""

    credential: str
    """Its id; empty for the operator."""
    department: str
    roles: frozenset[Role]
    matters: frozenset[str] | None = frozenset()
    """Codes of the matters for which it may ask; None for any (AC4)."""
    purposes: frozenset[str] | None = frozenset()
    local: bool = False
    """On the node's own socket, without a credential."""


def allowed(role: Role, action: Action) -> bool:
    """Whether a role may do this (AC1)."""
    return action in _TABLE.get(role, frozenset())


def check_together(roles: Collection[Role]) -> None:
    """Check the roles of one credential (AC3).

    Raises:
        RefusedError: `access.roles`: none, or some that may not stand together.
    """
    held = frozenset(roles)
    if not held or (held & _ALONE and len(held) > 1) or any(apart <= held for apart in _APART):
        got = ", ".join(sorted(held)) or "none"
        message = (
            "系统、安全、审计三员各自独立，第三方亦然，经办与复核分开 / expected one of system, "
            "security, audit, third-party alone, or roles without both operator and reviewer; "
            f"got {got}"
        )
        raise RefusedError("access.roles", message)


def for_every_department(asker: Asker) -> Asker:
    """Who reads and reports outcomes: who works at the node does so for every department (AC29).

    A question that the node itself asked has no department that could.
    """
    return replace(asker, local=True) if asker.roles & _CITY_WIDE else asker


def check_allowed(asker: Asker, action: Action) -> None:
    """Check that one of the asker's roles may do this (AC1).

    Raises:
        RefusedError: `access.denied`.
    """
    if not any(allowed(role, action) for role in asker.roles):
        got = ", ".join(sorted(asker.roles)) or "none"
        message = f"角色无此权限 / expected a role that may {action}, got {got}"
        raise RefusedError("access.denied", message)


def may_be_person(subject_code: str) -> bool:
    """Whether a code, as normalised, may be a natural person's (AC5)."""
    return _PERSON.fullmatch(subject_code) is not None


COUNTED: Final = frozenset({Action.CHECK, Action.BENEFIT})
"""Questions about subjects: they are for a purpose, count against the budget, and make a walk."""


def check_asked(asker: Asker, *, matter: str | None, purpose: str, subject_code: str) -> None:
    """Check what a question is for and about (AC4, AC5); messages never name the subject.

    Args:
        asker: whose role was checked.
        matter: code of the matter; None of a question that is for none.
        purpose: code of the purpose.
        subject_code: as normalised.

    Raises:
        RefusedError: `access.matter`, `access.purpose` or `access.person`.
    """
    if matter is not None and asker.matters is not None and matter not in asker.matters:
        message = "凭据不含此事项 / expected a matter that the credential names, got another"
        raise RefusedError("access.matter", message)
    if asker.purposes is not None and purpose not in asker.purposes:
        message = "凭据不含此用途 / expected a purpose that the credential names, got another"
        raise RefusedError("access.purpose", message)
    if may_be_person(subject_code):
        message = (
            "不受理自然人查询 / expected an organisation, got what may be a person's ID number"
        )
        raise RefusedError("access.person", message)
