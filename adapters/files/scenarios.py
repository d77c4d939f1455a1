"""Scenario files 场景 and recognition files 互认: YAML or JSON, one object or a list of them.

Scenarios may also be a table (`_incentive_table`). The keys:

    kind: scenario                       kind: recognition
    action: opened|amended|closed        action: accepted|declined|suspended|ended
    about: STATEMENT_ID (amended, closed) scenario: {origin, index} or {statement_id}
    scenario_type, title, provider       authority and/or authority_name
    incentives: [text, …]                conditions, reason
    subject_kinds: [enterprise, …]       decided_on, valid_until, effective_on
    conditions, basis                    further: as `condition`
    condition: `_conditions`             equivalences: `_scenario_parts`
    scales, windows: `_scenario_parts`   services: [text, …]
    places: [region, …]                  charters: [id in hex, …]
    valid_from, valid_until
    charters: [id in hex, …]

Keys and words may also be the Chinese ones of `_scenario_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from adapters.files._authorities import Authorities
from adapters.files._cell_error import CellError
from adapters.files._conditions import read_condition, read_region
from adapters.files._dates import FORMATS, DateReader
from adapters.files._documents import Document, read_document
from adapters.files._fields import Fields
from adapters.files._incentive_table import incentive_items
from adapters.files._scenario_parts import (
    read_benefits,
    read_equivalences,
    read_scales,
    read_windows,
)
from adapters.files._scenario_words import (
    KEYS,
    NAMES,
    OPEN_END,
    SUBJECT_KINDS,
    WORD_NAMES,
    WORDS,
)
from adapters.files.errors import MappingError
from adapters.files.faults import RowFault, shown
from adapters.files.personal_ids import holds_personal_id
from federation.conditions import Condition
from federation.errors import StatementError
from federation.ids import CharterId, Date, Origin, StatementId, statement_id_from_hex
from federation.payloads import Equivalence, Scenario
from federation.statements import RecognitionAction, ScenarioAction

_T = TypeVar("_T")

_Reference = tuple[Origin | None, int | None, StatementId | None]

_SCENARIO_ACTIONS: Final = {action.name.lower(): action for action in ScenarioAction}
_RECOGNITION_ACTIONS: Final = {action.name.lower(): action for action in RecognitionAction}
_PERIOD: Final = ("valid_from", "valid_until")
_DOCUMENTS: Final = frozenset({".yaml", ".yml", ".json"})
_PLACES_MAX: Final = 64
_SERVICES_MAX: Final = 32
_INDEX_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioContext:
    """What the node knows: authorities bound to the source, alliances, and the day."""

    authorities: Mapping[str, str]
    charters: tuple[CharterId, ...]
    """Alliances to which a scenario is offered unless the file names some of them."""
    today: Date
    regions: Mapping[str, str] = field(default_factory=dict)
    """Codes of regions by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioDraft:
    """A SCENARIO to publish; `about` names the earlier version, None when it is opened."""

    row: int
    action: ScenarioAction
    about: StatementId | None
    scenario: Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionDraft:
    """A RECOGNITION to publish, once the caller has found the leaf of the scenario.

    Either `origin` and `index` are set or `statement_id`.
    """

    row: int
    action: RecognitionAction
    origin: Origin | None
    index: int | None
    statement_id: StatementId | None
    authority: str
    authority_name: str
    conditions: str
    reason: str
    decided_on: Date
    valid_until: Date
    effective_on: Date
    further: Condition | None
    equivalences: tuple[Equivalence, ...]
    services: tuple[str, ...]
    charters: tuple[CharterId, ...]


def read_scenarios(
    path: Path, context: ScenarioContext
) -> list[ScenarioDraft | RecognitionDraft | RowFault]:
    """Read a scenario or recognition file; rows of a document are counted from 1.

    What is neither YAML nor JSON by its name is a table of scenarios (F44).

    Raises:
        TableError: the file is not valid YAML or JSON (`file.format`), too large (`file.size`), or
            no table of scenarios.
    """
    found: list[ScenarioDraft | RecognitionDraft | RowFault] = []
    if path.suffix.lower() not in _DOCUMENTS:
        for row in incentive_items(path, context.authorities):
            if isinstance(row, RowFault):
                found.append(row)
            else:
                number, document, called = row
                found += _Item(number, document, context, called).read()
        return found
    document = read_document(path)
    items = document if isinstance(document, list) else [document]
    for number, item in enumerate(items, 1):
        found += _Item(number, item, context, _called(item)).read()
    return found


def _called(item: Document) -> dict[str, str]:
    """What the keys are called in messages: as in the file, or in its language."""
    if not isinstance(item, dict):
        return NAMES
    own = {KEYS[key]: key for key in item if key in KEYS}
    return NAMES | own if own else {}


class _Item:
    """One object of the file; collects one fault for each bad field."""

    def __init__(
        self, number: int, item: Document, context: ScenarioContext, called: Mapping[str, str]
    ) -> None:
        self._number = number
        self._context = context
        self._called = called
        self._dates = DateReader(FORMATS)
        self._faults: list[RowFault] = []
        self._values: dict[str, Document] = {}
        self._fields = self._take("", lambda: self._of(item), Fields({}, ""))

    def _of(self, item: Document) -> Fields:
        self._values = _translated(item)
        return Fields(self._values, "")

    def read(self) -> list[ScenarioDraft | RecognitionDraft | RowFault]:
        if self._faults:
            return [*self._faults]
        kind = self._word("kind", {"scenario": "scenario", "recognition": "recognition"}, "")
        if not kind:
            return [*self._faults]
        draft = self._scenario() if kind == "scenario" else self._recognition()
        self._take("", self._fields.done, None)
        return [*self._faults] if self._faults else [draft]

    def _scenario(self) -> ScenarioDraft:
        action = self._word("action", _SCENARIO_ACTIONS, ScenarioAction.OPENED)
        about = None
        if action is not ScenarioAction.OPENED:
            about = self._take("about", lambda: self._statement_id(self._fields, "about"), None)
        provider, provider_name = self._authority("provider", "provider_name")
        valid_from, valid_until = self._date("valid_from"), self._date("valid_until")
        if 0 < valid_until < valid_from:
            self._fail("valid_until", "date.order", f"≥ {valid_from}", "止期早于起期 / ends first")
        if 0 < valid_until < self._context.today and action is not ScenarioAction.CLOSED:
            self._fail("valid_until", "date.over", f"≥ {self._context.today}", "已过期 / is over")
        names: list[str] = self._take(
            "subject_kinds",
            lambda: [WORDS.get(name, name) for name in self._fields.texts("subject_kinds")],
            [],
        )
        unknown = [name for name in names if name not in SUBJECT_KINDS]
        if unknown:
            words = WORD_NAMES if self._called else {}
            expected = "、".join(words.get(kind, kind) for kind in SUBJECT_KINDS)
            message = f"未知主体类别 / an unknown kind of subject, {unknown[0][:40]!r}"
            self._fail("subject_kinds", "field.value", expected, message)
        return ScenarioDraft(
            row=self._number,
            action=action,
            about=about,
            scenario=Scenario(
                scenario_type=self._text("scenario_type", 64),
                title=self._text("title", 256),
                provider=provider,
                provider_name=provider_name,
                benefits=self._part("incentives", read_benefits, (), needed=True),
                conditions_text=self._text("conditions", 2048, default=""),
                subject_kinds=tuple(SUBJECT_KINDS[name] for name in names if name not in unknown),
                basis=self._text("basis", 2048, default=""),
                valid_from=valid_from,
                valid_until=valid_until,
                charters=self._take("charters", self._charters, ()),
                places=self._take("places", self._places, ()),
                windows=self._part("windows", read_windows, ()),
                condition=self._part("condition", read_condition, None),
                scales=self._part("scales", read_scales, ()),
            ),
        )

    def _recognition(self) -> RecognitionDraft:
        authority, name = self._authority("authority", "authority_name")
        nothing: _Reference = (None, None, None)
        origin, index, statement_id = self._take("scenario", self._reference, nothing)
        decided_on = self._date("decided_on")
        if decided_on > self._context.today:
            self._fail("decided_on", "date.future", f"≤ {self._context.today}", "将来 / future")
        has_end = self._fields.has("valid_until")
        valid_until = self._date("valid_until") if has_end else Date(0)
        if 0 < valid_until < decided_on:
            self._fail("valid_until", "date.order", f"≥ {decided_on}", "止期过早 / ends too early")
        effective_on = Date(0)
        if self._fields.has("effective_on"):
            effective_on = self._date("effective_on")
            if 0 < effective_on < decided_on:
                expected = f"≥ {decided_on}"
                self._fail("effective_on", "date.order", expected, "生效过早 / before the decision")
        return RecognitionDraft(
            row=self._number,
            action=self._word("action", _RECOGNITION_ACTIONS, RecognitionAction.ACCEPTED),
            origin=origin,
            index=index,
            statement_id=statement_id,
            authority=authority,
            authority_name=name,
            conditions=self._text("conditions", 2048, default=""),
            reason=self._text("reason", 1024, default=""),
            decided_on=decided_on,
            valid_until=valid_until,
            effective_on=effective_on,
            further=self._part("further", read_condition, None),
            equivalences=self._part("equivalences", read_equivalences, ()),
            services=self._take("services", self._services, ()),
            charters=self._take("charters", self._named_charters, ()),
        )

    def _part(
        self, key: str, read: Callable[[Document, str], _T], default: _T, *, needed: bool = False
    ) -> _T:
        """Take a value that has a form of its own, where it is there or needed."""
        if not (needed or self._fields.has(key)):
            return default
        where = self._called.get(key, key)
        return self._take(key, lambda: read(self._fields.whatever(key), where), default)

    def _places(self) -> tuple[str, ...]:
        said = self._fields.texts("places", default=())
        if len(said) > _PLACES_MAX:
            raise self._fields.error("places", f"at most {_PLACES_MAX} regions")
        where = self._called.get("places", "places")
        return tuple(read_region(one, where, self._context.regions) for one in said)

    def _services(self) -> tuple[str, ...]:
        said = self._fields.texts("services", default=())
        if len(said) > _SERVICES_MAX or any(len(one) > 64 for one in said):
            raise self._fields.error("services", f"at most {_SERVICES_MAX} texts of 64 characters")
        if any(map(holds_personal_id, said)):
            raise self._fields.error("services", "no citizen's ID number")
        return said

    def _charters(self) -> tuple[CharterId, ...]:
        return self._named_charters() or self._context.charters

    def _named_charters(self) -> tuple[CharterId, ...]:
        ours = self._context.charters
        names = self._fields.texts("charters", default=())
        by_name = {charter.hex(): charter for charter in ours}
        for name in names:
            if name not in by_name:
                raise self._fields.error("charters", f"ids of our alliances, got {name[:80]!r}")
        return tuple(by_name[name] for name in names)

    def _reference(self) -> _Reference:
        inner = self._fields.inner("scenario")
        if inner.has("statement_id"):
            reference: _Reference = (None, None, self._statement_id(inner, "statement_id"))
        else:
            origin = Origin(inner.text("origin", 200))
            reference = (origin, inner.number("index", 0, _INDEX_MAX), None)
        inner.done()
        return reference

    def _statement_id(self, fields: Fields, key: str) -> StatementId:
        try:
            return statement_id_from_hex(fields.text(key, 64))
        except StatementError:
            message = "声明编号须写全，共 32 位 / a statement id has all its 32 hexadecimal digits"
            raise CellError("field.value", "statement-id", message) from None

    def _authority(self, code_key: str, name_key: str) -> tuple[str, str]:
        code, name = self._text(code_key, 64, default=""), self._text(name_key, 128, default="")
        authorities = Authorities(self._context.authorities)
        return self._take(name_key, lambda: authorities.find(code, name), ("", ""))

    def _word(self, key: str, words: Mapping[str, _T], default: _T) -> _T:
        def read() -> _T:
            word = self._fields.text(key, 64)
            word = WORDS.get(word, word)
            if word not in words:
                names = [self._named(one) for one in words]
                message = f"不是可用的词 / expected one of {', '.join(names)}, got {word[:40]!r}"
                raise CellError("field.value", "、".join(names), message)
            return words[word]

        return self._take(key, read, default)

    def _text(self, key: str, longest: int, default: str | None = None) -> str:
        def read() -> str:
            text = self._fields.text(key, longest, default)
            if holds_personal_id(text):
                message = (
                    "含公民身份号码 / holds what looks like a citizen's ID number; take it out"
                )
                raise CellError("field.personal-id", "", message)
            return text

        return self._take(key, read, "")

    def _date(self, key: str) -> Date:
        def read() -> Date:
            text = self._fields.text(key, 32)
            if key in _PERIOD and text in OPEN_END:
                return Date(0)
            return self._dates.read(text)[0]

        return self._take(key, read, Date(0))

    def _named(self, word: str) -> str:
        """A word in the language of the file."""
        return WORD_NAMES.get(word, word) if self._called else word

    def _take(self, key: str, read: Callable[[], _T], default: _T) -> _T:
        try:
            return read()
        except CellError as error:
            self._fail(key, error.code, error.expected, error.message)
        except MappingError as error:
            name = self._called.get(key, key)
            self._fail(
                key, "field.value", "", f"“{name}”缺少或不符 / {error}" if name else f"{error}"
            )
        return default

    def _fail(self, key: str, code: str, expected: str, message: str) -> None:
        self._faults.append(
            RowFault(
                row=self._number,
                column=self._called.get(key, key),
                code=code,
                value=shown(_as_text(self._values.get(key, ""))),
                expected=expected,
                message=message,
            )
        )


def _as_text(value: Document) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _translated(item: Document) -> dict[str, Document]:
    if not isinstance(item, dict):
        message = f"应为“键: 值” / expected keys with values, got {str(item)[:80]!r}"
        if isinstance(item, str) and "：" in item:
            message = (
                "冒号须为半角，其后加空格（键: 值） / write a half-width colon and a blank after "
                f"each key, got {item[:80]!r}"
            )
        raise MappingError("field.value", message)
    translated = {KEYS.get(key, key): value for key, value in item.items()}
    if len(translated) != len(item):
        message = "同一键只能写一次 / expected each key once, in one language"
        raise MappingError("field.value", message)
    return translated
