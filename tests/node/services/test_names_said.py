"""Whose names a call may bring (V11): one table, which no call with a name is missing from.

Covers node/services/handlers.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message
from huxin.v1 import (
    access_pb2,
    accounts_pb2,
    admin_pb2,
    campaigns_pb2,
    cases_pb2,
    catalogs_pb2,
    certificates_pb2,
    imports_pb2,
    letters_pb2,
    notices_pb2,
    platforms_pb2,
    quality_pb2,
    queries_pb2,
    recognition_pb2,
    registry_pb2,
    repairs_pb2,
    requests_pb2,
    screening_pb2,
    watches_pb2,
)

from federation.errors import RefusedError
from federation.screening.roles import Asker, Role
from node.services.doors import METHODS
from node.services.names_said import NAMES, NOT_ASKED, NamesCheck

FILES = (
    access_pb2,
    accounts_pb2,
    admin_pb2,
    campaigns_pb2,
    cases_pb2,
    catalogs_pb2,
    certificates_pb2,
    imports_pb2,
    letters_pb2,
    notices_pb2,
    platforms_pb2,
    quality_pb2,
    queries_pb2,
    recognition_pb2,
    registry_pb2,
    repairs_pb2,
    requests_pb2,
    screening_pb2,
    watches_pb2,
)
FIELDS = {"by", "person", "persons", "approved_by", "decided_by", "prepared"}
DECIDE, SAY = "/huxin.v1.Cases/DecideCase", "/huxin.v1.Imports/SayWord"


def test_v11_every_call_with_a_name_is_in_the_table() -> None:
    found = {
        (f"/{service.full_name}/{method.name}", field.name)
        for file in FILES
        for service in file.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        for field in method.input_type.fields
        if field.name in FIELDS
    }
    assert found == {*NAMES.items(), *NOT_ASKED}
    assert {method for method, _ in found} <= METHODS.keys()


def checked(*, keys: tuple[str, ...] = ()) -> NamesCheck:
    unused: Any = None
    return NamesCheck(
        askers=unused,
        account=lambda one: {"aa": "张某"}.get(one, ""),
        accounts=lambda: ["张某", "李某"],
        keys=keys,
        readers=unused,
    )


def asked(credential: str, method: str, request: Message) -> str:
    """The code with which a request is refused; empty for none."""
    asker = Asker(credential=credential, department="", roles=frozenset({Role.REVIEWER}))
    try:
        checked(keys=("王某",)).check(asker, method, request)
    except RefusedError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("credential", "person", "verdict", "code"),
    [
        ("aa", "张某", "use", ""),
        ("aa", " 张 某", "reject", ""),
        ("aa", "李某", "reject", "person.account"),
        ("aa", "示例人丙", "reject", "person.account"),
        ("bb", "示例人丙", "reject", ""),
        ("bb", "示例人丙", "use", "person.unsigned"),
        ("bb", "张某", "reject", "person.account"),
        ("bb", "李\u3000某", "reject", "person.account"),
        ("bb", "王某", "reject", "person.account"),
    ],
)
def test_v11_a_name_is_the_callers(credential: str, person: str, verdict: str, code: str) -> None:
    request = cases_pb2.DecideCaseRequest(person=person, verdict=verdict)
    assert asked(credential, DECIDE, request) == code


@pytest.mark.parametrize(
    ("credential", "by", "code"),
    [
        ("aa", ["张某"], ""),
        ("aa", ["张某", "示例人丙"], "person.account"),
        ("bb", ["示例人丙"], ""),
        ("bb", ["示例人丙", "示例人丁"], "person.unsigned"),
        ("bb", [], ""),
    ],
)
def test_v11_names_that_one_caller_types_are_not_several_persons(
    credential: str, by: list[str], code: str
) -> None:
    request = platforms_pb2.ReleaseRowsRequest(by=by)
    assert asked(credential, "/huxin.v1.Platforms/ReleaseRows", request) == code


def test_v11_what_is_signed_is_heard_where_it_is_checked_and_nowhere_else() -> None:
    say, ask = imports_pb2.SayWordRequest, queries_pb2.ListQueriesRequest
    heard, nobody = checked(keys=("王某",))._is_heard, checked()._is_heard
    assert heard(DECIDE, cases_pb2.DecideCaseRequest(note="n"))
    assert not nobody(DECIDE, cases_pb2.DecideCaseRequest(note="n"))
    assert heard(SAY, say())
    assert not heard(SAY, say(note="n", refusal="不是本人所列"))
    assert not heard("/huxin.v1.Queries/ListQueries", ask(note="n", department="财政局"))
    kept = repairs_pb2.KeepRecheckRequest(note="n")
    assert not heard("/huxin.v1.Repairs/KeepRecheck", kept)
