"""A mapping compiled for one header: a function from the cells of a row to its listing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from adapters.files._authorities import Authorities
from adapters.files._awards import AwardFields
from adapters.files._cell_error import CellError
from adapters.files._cells import are_plain, broken, missing, natural_person, read_code, read_text
from adapters.files._columns import ABSENT, TEXTS, Columns, Titles
from adapters.files._dates import DateReader
from adapters.files._listing_faults import (
    Faults,
    future,
    implausible,
    into,
    listed_before,
    row_fault,
    told,
)
from adapters.files._listing_rows import FeedContext, ListingRow, RemovedRow
from adapters.files._parties import PartyWords
from adapters.files._penalties import PenaltyFields, not_exchanged
from adapters.files._terms import Terms
from adapters.files._told_texts import none_told
from adapters.files.faults import RowFault, shown
from adapters.files.mapping import Mapping
from adapters.files.mapping_parts import Grade
from adapters.files.relief_row import ReliefRow
from adapters.files.standing import NOT_YET, REMOVED
from federation.ids import Date
from federation.names import PENALTY_GRADES
from federation.payloads import (
    PENALTY_LIST_TYPE,
    Commendation,
    Listed,
    Listing,
    NoticeAttestation,
    Penalty,
    PenaltyGrade,
    Source,
    Subject,
    TermQuality,
)
from federation.reconcile.plausibility import (
    in_future,
)
from federation.record_key import RecordKey

_NO_DATE: Final = Date(0)
_KEY_FIELDS: Final = ("code", "name", "authority", "document", "decided_on")
"""Of which a mapping may make the key of a row."""
_DAYS_MAX: Final = 20_000


class Conversion:
    """Converts the rows of one file; not for use by two threads at once."""

    def __init__(
        self,
        header: Sequence[str],
        mapping: Mapping,
        context: FeedContext,
        *,
        titles: Titles = (),
        whole: bool = True,
    ) -> None:
        """Compile; `whole` says that the rows are one file, which F17 stops whole.

        Raises:
            MappingError: `header.missing`.
        """
        self._mapping = mapping
        self._whole = whole
        self._context = context
        self.columns = columns = Columns(header, mapping, titles)
        self._code, self._name, self._document, self._own_key = map(
            columns.position, ("code", "name", "document", "key")
        )
        self._authority, self._authority_name = map(
            columns.position, ("authority", "authority_name")
        )
        self._decided, self._listed, self._noticed, self._published = map(
            columns.position, ("decided_on", "listed_on", "prior_notice_on", "publish_until")
        )
        self._party, self._graded = map(columns.position, ("party", "grade"))
        self._authorities = Authorities(context.authorities)
        self._parties = PartyWords(mapping.party)
        self.passed: Counter[str] = Counter()
        """Rows that are none of the list, by the code of the notice, empty for nothing."""
        self._registration = "注册号" in columns.header_of("code")
        self._dates = DateReader(mapping.dates)
        self._terms = Terms(columns, context, self._dates)
        self._notice, self._served_on = map(columns.position, ("notice_number", "notice_served_on"))
        penal = mapping.list_type == PENALTY_LIST_TYPE
        self._penalties = PenaltyFields(columns, mapping, self._dates) if penal else None
        self._awards = AwardFields(columns) if mapping.commends else None
        self._ungraded = Grade(
            grade=_stated_grade(mapping),
            shortest_months=mapping.shortest_months,
            longest_months=mapping.longest_months,
            exchanged=True,
        )
        self._texts = [
            (field, columns.position(field), mapping.defaults.get(field, "")) for field in TEXTS
        ]
        self._stated_texts = (
            [default for _, _, default in self._texts]
            if all(at == ABSENT for _, at, _ in self._texts)
            else []
        )
        """Those that the mapping alone states, where no row has any of its own."""
        self._key_places = [_KEY_FIELDS.index(field) for field in mapping.key_fields]
        self._days: dict[str, Date] = {}
        """Texts of days, as of decisions, of which there is nothing to tell."""

    def convert(
        self, number: int, cells: Sequence[str]
    ) -> ListingRow | RemovedRow | list[RowFault] | None:
        """Convert a row, or tell everything that is wrong with it; None for no row of the list.

        Raises:
            MappingError: `header.unread` (F17).
        """
        row = self.columns.prepare(cells)
        if (passed := self.columns.passed(row, row[self._code], whole=self._whole)) is not None:
            self.passed[passed] += 1
            return None
        return self._converted(number, row, self.columns.contradictions(cells))

    def _converted(
        self, number: int, row: list[str], faults: Faults
    ) -> ListingRow | RemovedRow | list[RowFault]:
        self.columns.fill(row, faults)
        if (stopped := self._stopped(number, row, faults)) is not None:
            return stopped
        notices: list[str] = []
        name, document, own_key = row[self._name], row[self._document], row[self._own_key]
        plain = bool(name and document) and are_plain(name, document, own_key)
        subject = self._subject(row, faults, notices, plain=plain)
        authority, authority_name = self._authority_of(row, faults)
        if not plain:
            document = self._text("document", document, faults)
            own_key = self._text("key", own_key, faults)
        decided_on = self._date("decided_on", row[self._decided], faults, notices)
        listed_on = self._date("listed_on", row[self._listed], faults, notices) or decided_on
        noticed_on = self._date("prior_notice_on", row[self._noticed], faults, notices)
        until = self._date("publish_until", row[self._published], faults, notices)
        stated = until
        grade = self._grade(row, faults)
        if decided_on and not self._terms.without_ground(decided_on, faults):
            stated = self._terms.stated(row, decided_on, until, faults)
            until = self._terms.until(decided_on, stated, grade.longest_months, faults, notices)
        document_type, basis, exit_path, remedy = self._stated_texts or [
            (self._text(field, row[at], faults) if at != ABSENT else "") or default
            for field, at, default in self._texts
        ]
        faults += listed_before(listed_on, decided_on)
        faults += implausible(basis, noticed_on, decided_on)
        reason = self._reason(row, faults)
        served = self._served(row, faults, notices)
        penalty = self._penalties.read(row, into(faults)) if self._penalties else {}
        awarded = self._awards.read(row, faults) if self._awards else None
        faults += none_told(name, "" if self._awards else document)
        if faults or subject is None:
            return [self._fault(number, *fault) for fault in told(faults)]
        mapping, context = self._mapping, self._context
        by_fields = self._key(subject, authority, document, decided_on)
        key = own_key or by_fields
        former = [by_fields, *[row[at] for at in self.columns.former]]
        source = Source(department=context.department, batch=context.batch, row=number, key=key)
        term = TermQuality.STATED if until == stated else TermQuality.BY_CATALOG
        listing: Listed
        if awarded is not None:
            listing = Commendation(
                audience=context.audience,
                subject=subject,
                list_type=mapping.list_type,
                grade=awarded.grade,
                authority=authority,
                authority_name=authority_name,
                document=document,
                basis=basis,
                decided_on=decided_on,
                valid_until=until,
                source=source,
                grade_method=awarded.method,
                grade_edition=awarded.edition,
            )
        elif self._penalties:
            listing = Penalty(
                audience=context.audience,
                subject=subject,
                authority=authority,
                authority_name=authority_name,
                document=document,
                basis=basis,
                decided_on=decided_on,
                publish_until=until,
                term=term,
                grade=grade.grade,
                source=source,
                **penalty,
            )
        else:
            listing = Listing(
                audience=context.audience,
                subject=subject,
                list_type=mapping.list_type,
                tier=mapping.tier,
                authority=authority,
                authority_name=authority_name,
                document=document,
                document_type=document_type,
                decided_on=decided_on,
                listed_on=listed_on,
                prior_notice_on=noticed_on,
                prior_notice_attested=None
                if noticed_on
                else self._notice_of(authority, decided_on),
                basis=basis,
                reason=reason,
                exit_path=exit_path,
                remedy=remedy,
                publish_shortest_months=grade.shortest_months,
                publish_longest_months=grade.longest_months,
                publish_until=until,
                exits=mapping.exits,
                term=term,
                notice_number=served[0],
                notice_served_on=served[1],
                source=source,
            )
        return ListingRow(
            row=number,
            listing=listing,
            row_key=key,
            notices=tuple(notices),
            former=tuple(dict.fromkeys([one for one in former if one and one != key])),
        )

    def _stopped(
        self, number: int, row: list[str], faults: Faults
    ) -> RemovedRow | list[RowFault] | None:
        """Tell why a row lists nothing, whatever else stands in it; None where it may."""
        if row[self._party] and self._is_person(row[self._party], faults):
            return [self._fault(number, "party", "", natural_person())]
        if (at := self.columns.broken(row)) != ABSENT:
            return [self._cell_fault(number, at, row[at], broken(row[at]))]
        if (stops := self.columns.standing.unread(row)) is not None:
            if self._whole:
                raise stops
            return [row_fault(number, stops.code, str(stops))]
        if (judged := self.columns.standing.judge(row, self._context.called)) is not None:
            return self._not_standing(number, row, *judged)
        return None

    def _key(self, subject: Subject, authority: str, document: str, decided_on: Date) -> str:
        """Return the key of a row where its source has none."""
        values = (subject.code, subject.name, authority, document, decided_on)
        return "#".join([str(values[at]) for at in self._key_places])

    def _not_standing(
        self, number: int, row: Sequence[str], at: int, error: CellError
    ) -> RemovedRow | list[RowFault]:
        """Tell why a row lists nothing, and which record no longer stands by it."""
        fault = self._cell_fault(number, at, row[at], error)
        if error.code not in (REMOVED, NOT_YET):
            return [fault]
        aside: Faults = []
        subject = self._subject(row, aside, [])
        authority, _ = self._authority_of(row, aside)
        document = self._text("document", row[self._document], aside)
        persons = [one for one in aside if one[2].code == "subject.natural-person"]
        if persons:
            return [self._fault(number, *one) for one in persons]
        if subject is None or aside:
            return RemovedRow(fault=fault, record=None, row_key="", relief=None)
        decided_on = self._date("decided_on", row[self._decided], aside, [])
        own_key = row[self._own_key]
        record = RecordKey(
            scheme=subject.scheme,
            code=subject.code,
            list_type=self._mapping.list_type,
            authority=authority,
            document=document,
        )
        relief = None
        if error.code == REMOVED:
            relief = self._relief(number, row, record, subject.name)
        return RemovedRow(
            fault=fault,
            record=record,
            row_key=own_key or self._key(subject, authority, document, decided_on),
            relief=relief,
        )

    def _relief(
        self, number: int, row: Sequence[str], record: RecordKey, name: str
    ) -> ReliefRow | None:
        """Return what a removed row says as relief; None where that is not all there."""
        removal = self._mapping.removal
        if removal is None or not removal.kind:
            return None
        columns = (removal.document, removal.reason, removal.decided_on)
        document, reason, date = (self.columns.first(row, one) for one in columns)
        try:
            decided_on, _ = self._dates.read(date)
            if not document or in_future(decided_on, self._context.today):
                return None
            return ReliefRow(
                row=number,
                record=record,
                statement_id=None,
                subject_name=name,
                document=read_text("document", document),
                decided_on=decided_on,
                reason=read_text("exit_path", reason),
            )
        except CellError:
            return None

    def _is_person(self, word: str, faults: Faults) -> bool:
        natural = self._parties.is_person(word)
        if natural is not None:
            return natural
        expected = "、".join(self._parties.organisation)
        message = "主体类型未知 / expected a word that tells organisations from persons"
        faults.append(("party", word, CellError("field.value", expected, message)))
        return False

    def _subject(
        self, row: Sequence[str], faults: Faults, notices: list[str], *, plain: bool = False
    ) -> Subject | None:
        """Return whom a row names; `plain` says that its name was looked at."""
        name, text = row[self._name], row[self._code]
        if not plain:
            name = self._text("name", name, faults)
        if not text:
            faults.append(("code", "", missing()))
            return None
        try:
            scheme, code, kind = read_code(
                text, self._mapping.schemes, registration=self._registration
            )
        except CellError as error:
            faults.append(("code", text, error))
            return None
        if code != text:
            notices.append("code.normalised")
        return Subject(scheme=scheme, code=code, name=name, kind=kind)

    def _authority_of(self, row: Sequence[str], faults: Faults) -> tuple[str, str]:
        code, name = row[self._authority], row[self._authority_name]
        try:
            return self._authorities.find(code, name)
        except CellError as error:
            field = "authority" if self._authority_name == ABSENT else "authority_name"
            faults.append((field, name or code, error))
            return ("", "")

    def _text(self, field: str, text: str, faults: Faults) -> str:
        if text:
            try:
                return read_text(field, text)
            except CellError as error:
                faults.append((field, text, error))
        elif field in self._mapping.required:
            faults.append((field, "", missing()))
        return ""

    def _date(self, field: str, text: str, faults: Faults, notices: list[str]) -> Date:
        if (known := self._days.get(text)) is not None:
            return known
        if not text:
            if field in self._mapping.required:
                faults.append((field, "", missing()))
            return _NO_DATE
        try:
            date, wide = self._dates.read(text)
            if field != "publish_until" and in_future(date, self._context.today):
                raise future(self._context.today)
        except CellError as error:
            faults.append((field, text, error))
            return _NO_DATE
        if wide:
            notices.append("date.normalised")
        elif field != "publish_until" and len(self._days) < _DAYS_MAX:
            self._days[text] = date
        return date

    def _grade(self, row: Sequence[str], faults: Faults) -> Grade:
        """Return what goes by how grave the row is; without grades it is the mapping's."""
        grades = self._mapping.grades
        if grades is None:
            return self._ungraded
        word = row[self._graded]
        found = grades.words.get(word)
        if found is None:
            expected = "、".join(grades.words)
            message = "失信程度未知 / expected one of the words of the mapping's `grades`"
            wrong = CellError("field.value", expected, message) if word else missing()
            faults.append(("grade", word, wrong))
            return self._ungraded
        if not found.exchanged:
            faults.append(("grade", word, not_exchanged(word)))
        return found

    def _notice_of(self, authority: str, decided_on: Date) -> NoticeAttestation | None:
        notice = self._mapping.notice
        return None if notice is None else notice.attested(authority, decided_on)

    def _served(self, row: Sequence[str], faults: Faults, notices: list[str]) -> tuple[str, Date]:
        """Return number and day of the 信用修复告知书 served with the decision."""
        if self._notice == self._served_on == ABSENT or self._penalties:
            return "", _NO_DATE
        number = self._text("notice_number", row[self._notice], faults)
        return number, self._date("notice_served_on", row[self._served_on], faults, notices)

    def _reason(self, row: Sequence[str], faults: Faults) -> str:
        parts = [label + row[at] for label, at in self.columns.reason if row[at]]
        return self._text("reason", "；".join(parts), faults)

    def _cell_fault(self, number: int, at: int, value: str, error: CellError) -> RowFault:
        return RowFault(
            row=number,
            column=self.columns.header[at],
            code=error.code,
            value=shown(value),
            expected=error.expected,
            message=error.message,
        )

    def _fault(self, number: int, field: str, value: str, error: CellError) -> RowFault:
        return RowFault(
            row=number,
            column=self.columns.header_of(field),
            code=error.code,
            value="" if error.secret else shown(value),
            expected=error.expected,
            message=error.message,
        )


def _stated_grade(mapping: Mapping) -> PenaltyGrade:
    word = "" if mapping.commends else mapping.defaults.get("grade", "")
    return PenaltyGrade(PENALTY_GRADES.code(word)) if word else PenaltyGrade.UNSPECIFIED
