"""One subject, audience and listing for tests, and the listing's message with changes.

Subjects are invented: names end in （演示）, codes have an unallocated organisation code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from huxin.v1 import payload_pb2 as pb

from federation import payloads as p
from federation.errors import StatementError
from federation.ids import CharterId, Date
from node.codec.listed import listing_to_proto

AUDIENCE = p.Audience(charters=(CharterId(b"c" * 32),), purposes=("joint-punishment",))
SUBJECT = p.Subject(
    scheme="uscc",
    code="91510500ZZ00000018",
    name="泸州示例建筑工程有限公司（演示）",
    kind=p.SubjectKind.ENTERPRISE,
)
LISTING = p.Listing(
    audience=AUDIENCE,
    subject=SUBJECT,
    list_type="court-judgment-defaulter",
    tier=p.Tier.SEVERE,
    authority="11510500ZZ0000003X",
    authority_name="泸州市示例法院（演示）",
    document="（2026）川05执123号",
    document_type="执行决定书",
    decided_on=Date(20260105),
    listed_on=Date(20260106),
    prior_notice_on=Date(20251201),
    basis="民事诉讼法第二百六十六条",
    reason="有履行能力而拒不履行生效法律文书确定义务",
    publish_shortest_months=3,
    publish_longest_months=24,
    publish_until=Date(20280105),
    term=p.TermQuality.STATED,
    measures=("A01", "B02"),
    source=p.Source(department="court", batch="2026-01", row=3, key="k-1"),
)
RECORD = LISTING.key


def code_of(call: Callable[..., object], *args: object) -> str:
    """Code and first word of the message of the error that a call raises."""
    with pytest.raises(StatementError) as caught:
        call(*args)
    return f"{caught.value.code} {str(caught.value).split(':')[0]}"


def changed(**fields: object) -> pb.Listing:
    """The LISTING of these tests with fields of its message set otherwise; `a__b` is b of a."""
    message = listing_to_proto(LISTING)
    for name, value in fields.items():
        target: Any = message
        *outer, last = name.split("__")
        for part in outer:
            target = getattr(target, part)
        if value is None:
            target.ClearField(last)
        elif isinstance(value, list):
            target.ClearField(last)
            getattr(target, last).extend(value)
        else:
            setattr(target, last, value)
    return message
