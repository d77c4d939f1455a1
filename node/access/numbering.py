"""Under which number an answer is kept: the same question under the same request id has the same.

    CK14 a request id names one question of one credential: asked again it is judged anew under the
         number of before; another question under it is refused (`request.reused`), and nothing of
         it is kept

Only tags stand in the clear: what was asked is sealed (`Numbering.check`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from adapters.sql.checks import StoredCheck, checks_of
from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.screening.query_log import Promise
from federation.screening.roles import Asker
from node.access.query_keys import QueryKeys


class Question(Protocol):
    """What is asked, as far as it matters here."""

    @property
    def request_id(self) -> str:
        """The caller's."""
        ...

    @property
    def case_no(self) -> str:
        """Number of the case 办件编号."""
        ...

    @property
    def purpose(self) -> str:
        """Code of the purpose."""
        ...

    @property
    def scheme(self) -> str:
        """Of the code."""
        ...

    @property
    def code(self) -> str:
        """The subject's."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def subject(self) -> tuple[str, ...]:
        """All that makes it this question and no other."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """An answer that wants its number."""

    asker: Asker
    question: Question
    number: str
    """That it has, where nothing was answered before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An answer under the number that it is kept under."""

    number: str
    request_key: bytes
    question_tag: bytes
    again: bool
    """Whether something was answered under it before."""


class Numbering:
    """Gives numbers, and makes the row of an answer; on the query writer's thread."""

    def __init__(self, keys: QueryKeys) -> None:
        """Take what forms tags and seals."""
        self._keys = keys

    def numbered(
        self, writes: QueryWrites, answers: Sequence[Answering]
    ) -> Sequence[Numbered | RefusedError]:
        """Give each answer its number: that of the first answer to the same request (CK14).

        Two of one unit under one request id conflict in the store, and are kept one by one.
        """
        keys = [self.tag("request", a.asker.credential, a.question.request_id) for a in answers]
        known = {
            key: (check.number, check.question_tag)
            for key, check in checks_of(writes, keys).items()
        }
        numbered: list[Numbered | RefusedError] = []
        for key, one in zip(keys, answers, strict=True):
            question_tag = self.tag("question", *one.question.subject)
            before = known.get(key)
            if before is not None and before[1] != question_tag:
                message = (
                    "请求编号须每次查询各用一个 / expected a new request id for another question; "
                    "what was asked first stands"
                )
                numbered.append(RefusedError("request.reused", message))
                continue
            numbered.append(
                Numbered(
                    number=one.number if before is None else before[0],
                    request_key=key,
                    question_tag=question_tag,
                    again=before is not None,
                )
            )
        return numbered

    def check(
        self,
        asker: Asker,
        question: Question,
        numbered: Numbered,
        *,
        matter: str,
        at: Timestamp,
        result: str,
        complete: bool,
        promise: Promise,
    ) -> StoredCheck:
        """The row of an answer; what was asked stands sealed in it."""
        sealed = self._keys.seal(_sealed(question), place=numbered.number.encode())
        return StoredCheck(
            number=numbered.number,
            asker=asker.credential,
            request_key=numbered.request_key,
            question_tag=numbered.question_tag,
            department=asker.department,
            matter=matter,
            case_tag=self.tag("case", question.case_no),
            at=at,
            result=result,
            complete=complete,
            query_id=promise.query_id,
            key=sealed.key,
            sealed=sealed.data,
        )

    def tag(self, word: str, *values: str) -> bytes:
        """A keyed tag of some values, for this use alone."""
        return self._keys.tag(to_json([word, *values]).encode())


def _sealed(question: Question) -> bytes:
    return to_json(
        {
            "request_id": question.request_id,
            "case_no": question.case_no,
            "purpose": question.purpose,
            "scheme": question.scheme,
            "code": question.code,
            "name": question.name,
        }
    ).encode()


to_json: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""JSON as it is kept and tagged: keys sorted, no blanks."""
