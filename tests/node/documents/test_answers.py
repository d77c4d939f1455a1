"""What services answer, as documents: whole, in pieces, in rows, in pages.

Covers node/documents/answers.py, node/documents/certificates.py, node/documents/credentials.py,
node/documents/quality.py, node/documents/periods.py.
"""

from __future__ import annotations

import pytest
from huxin.v1.access_pb2 import NewCredentialResponse
from huxin.v1.certificates_pb2 import MakeCertificateResponse
from huxin.v1.quality_pb2 import GetQualityResponse
from huxin.v1.screening_pb2 import ListOutcomesResponse

from federation.errors import StatementError
from node.documents import answers, certificates, credentials, quality
from node.documents.periods import FIRST, LAST, named, period_of


def test_answers_are_read_whole_and_in_pieces() -> None:
    whole = GetQualityResponse(json='{"a": 1}')
    assert answers.document(whole) == {"a": 1}
    assert answers.each([whole, whole]) == [{"a": 1}] * 2
    pieces = [GetQualityResponse(json=part) for part in ('{"a"', ": [1", "]}")]
    assert answers.joined(pieces) == {"a": [1]}
    page = answers.page("cases", ['{"a": 1}'], "next")
    assert page == {"cases": [{"a": 1}], "next_page_token": "next"}


def test_a_period_of_quality_has_its_name() -> None:
    period = period_of("", "2026-10", "")
    pieces = [GetQualityResponse(json='{"period": {}}')]
    assert quality.figures(pieces, period) == {"period": {"name": "2026-10"}}
    assert (period.first, period.last) == (20261001, 20261031)
    assert period_of("", "", "")[2:] == (FIRST, LAST)
    units = [named(one).unit for one in ("2026-W42", "2026-10", "2026-Q3", "")]
    assert units == ["week", "month", "quarter", ""]
    for wrong in (("2026-W42", "2026-10", ""), ("2026-W54", "", ""), ("", "", "2026-Q5")):
        with pytest.raises(StatementError) as caught:
            period_of(*wrong)
        assert caught.value.code == "quality.period"


def test_outcomes_in_force_or_all() -> None:
    said = [ListOutcomesResponse(json='[{"in_force": true}, {"in_force": false}]')]
    assert quality.in_force(said, all_=False) == [{"in_force": True}]
    assert len(quality.in_force(said, all_=True)) == 2


def test_a_new_credential_has_its_token_and_a_certificate_its_files() -> None:
    made = credentials.made(NewCredentialResponse(json='{"id": "a"}', token="t"))
    assert made == {"id": "a", "token": "t"}
    pieces = [MakeCertificateResponse(number="1", pdf=b"%P"), MakeCertificateResponse(pdf=b"DF")]
    assert certificates.whole(pieces) == ("1", b"%PDF", b"")
