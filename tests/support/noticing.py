"""A simulated node's notices 属地通报: its desk and its job, and who is registered where."""

from __future__ import annotations

from dataclasses import dataclass, replace

from federation.ids import Date
from federation.payloads import Listing
from federation.reconcile.identity import BaseSubject
from federation.uscc import make_uscc
from node.log.writer import WriteThread
from node.notices.desk import NoticeDesk, Wanted
from node.notices.documents import NoticeDocuments
from node.notices.job import NoticeJob
from node.records.judged_pages import JudgedPages
from node.records.local_subjects import LocalSubjects
from node.system.clock import date_of
from tests.support.catalogs import FixedLibrary
from tests.support.desks import records_of
from tests.support.invented import InlineWriter
from tests.support.simulation import SimNode, listing


class HomeLibrary(FixedLibrary):
    """A base library of a few subjects that says of what it was made."""

    def __init__(self, *subjects: BaseSubject) -> None:
        super().__init__(*subjects)
        self._about = (repr(subjects), len(subjects))

    def about(self) -> tuple[str, int]:
        """See `node.records.local_subjects.LocalLibrary.about`."""
        return self._about


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticing:
    """What a node has for notices."""

    desk: NoticeDesk
    job: NoticeJob
    local: LocalSubjects

    def run(self, node: SimNode) -> int:
        """Judge what has come, then tell of it."""
        node.reconcile()
        return self.job.run()

    def states(self) -> dict[str, str]:
        """State of each notice, by the code of its subject."""
        found, _, _ = self.desk.page(Wanted(), 1000, "")
        return {one["subject"]["code"]: one["state"] for one in found}


def noticing_of(
    node: SimNode, *subjects: BaseSubject, writer: WriteThread | None = None
) -> Noticing:
    """Wire it as the program does, with a base library of these subjects."""

    def today() -> Date:
        return date_of(node.clock.now())

    local = LocalSubjects(
        region=str(node.member),
        library=HomeLibrary(*subjects),
        catalog=lambda: node.catalog,
        today=today,
    )
    node.pages = JudgedPages(local)
    job = NoticeJob(
        store=node.store,
        writer=writer or InlineWriter(),
        keyring=node.keyring,
        payloads=node.payloads,
        trust=node.trust,
        pages=node.pages,
        now=node.clock.now,
        today=today,
        failpoints=node.failpoints,
    )
    documents = NoticeDocuments(
        records=records_of(node, today),
        local=local,
        catalog=lambda: node.catalog,
        today=today,
    )
    desk = NoticeDesk(
        store=node.store, writer=InlineWriter(), documents=documents, now=node.clock.now
    )
    return Noticing(desk=desk, job=job, local=local)


def known(node: SimNode) -> None:
    """Let a node's base library know the subjects of `of_region` in a district of 自贡."""
    node.library = FixedLibrary(
        *(
            BaseSubject(content.subject.code, content.subject.name)
            for content in (of_region("510304", n, audience=node.audience()) for n in range(9))
        )
    )
    node.restart()


def of_region(region: str, number: int, **said: object) -> Listing:
    """A listing whose subject's code names a region."""
    made = listing(number, **said)  # type: ignore[arg-type]
    code = make_uscc(f"91{region}", f"YX{number:06d}")
    return replace(made, subject=replace(made.subject, code=code))
