"""A question about benefits as it is asked, read by the rules of every question (CK1 to CK4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.regions import lies_within
from federation.screening.questions import REQUEST_FIELD, SUBJECT_FIELDS, Field, read_fields
from federation.subject_names import normal_name

SCENARIO: Final = re.compile(r"[0-9a-f]{4,32}").fullmatch
_SIX: Final = re.compile(r"[0-9]{6}").fullmatch
_SCENARIO_FIELD: Final = Field(
    expected="场景编号，见 huxin scenarios list / the id of a scenario, or the first 4 digits or "
    "more of it",
    changes=(lambda text: (text.strip().lower(), ""),),
    right=lambda text: SCENARIO(text) is not None,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitQuestion:
    """What is asked: about one subject, at one place, of one scenario or of all."""

    request_id: str
    case_no: str
    purpose: str
    scheme: str
    code: str
    name: str
    place: str
    """Six digits, in this region."""
    scenario: str = ""
    """Digits of an id; empty: all that are honoured here."""
    normalised: tuple[str, ...] = ()

    @property
    def subject(self) -> tuple[str, ...]:
        """All that makes it this question and no other."""
        return (
            "benefit",
            self.scenario,
            self.place,
            self.case_no,
            self.purpose,
            self.scheme,
            self.code,
            normal_name(self.name),
        )


def read_benefit(raw: Mapping[str, Any], region: str) -> BenefitQuestion:
    """Read a question about one scenario.

    Args:
        raw: fields by name; `scheme` and `place` may be left out.
        region: six digits; where no place is named.

    Raises:
        QuestionError: `question.…`.
    """
    fields = {**_fields(region), "scenario": _SCENARIO_FIELD}
    texts, normalised = read_fields(raw, fields)
    return BenefitQuestion(**texts, normalised=normalised)


def read_benefits(raw: Mapping[str, Any], region: str) -> BenefitQuestion:
    """Read a question about all scenarios; otherwise as `read_benefit`."""
    texts, normalised = read_fields(raw, _fields(region))
    return BenefitQuestion(**texts, normalised=normalised)


def _fields(region: str) -> Mapping[str, Field]:
    place = Field(
        expected=f"应为本市（{region}）以内的六位行政区划代码 / expected six digits within this "
        f"region, {region}: each region decides for itself",
        changes=(lambda text: (text.strip(), ""),),
        right=lambda text: _SIX(text) is not None and lies_within(text, region),
        empty=region,
    )
    return {"request_id": REQUEST_FIELD, "place": place, **SUBJECT_FIELDS}
