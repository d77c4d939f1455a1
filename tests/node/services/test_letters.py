"""Who prepared a letter is who asks for its number, where that is an account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from huxin.v1 import letters_pb2 as pb

from federation.screening.roles import Asker, Role
from node.letters.desk import Issuing
from node.services.letters import LettersService


class Desk:
    """Takes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Issuing] = []

    def issue(self, asked: Issuing) -> dict[str, Any]:
        self.asked.append(asked)
        return {}


@pytest.mark.parametrize(
    ("credential", "local", "prepared"),
    [("aa", False, "王五"), ("bb", False, "赵六"), ("", True, "赵六")],
)
def test_an_account_is_not_another_person(credential: str, prepared: str, *, local: bool) -> None:
    desk: Any = Desk()
    unused: Any = None
    with ThreadPoolExecutor(1) as readers:
        service = LettersService(
            desk=desk,
            askers=unused,
            account=lambda one: "王五" if one == "aa" else "",
            readers=readers,
        )
        asker = Asker(
            credential=credential, department="", roles=frozenset({Role.OPERATOR}), local=local
        )
        request = pb.IssueLetterRequest(kind="notice", about="ab", person="张某", prepared="赵六 ")
        service._issue(request, asker)
    assert [(one.prepared, one.person) for one in desk.asked] == [(prepared, "张某")]
