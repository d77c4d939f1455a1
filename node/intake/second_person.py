"""Whether what lists somebody waits for a second person (F58), by `[files]` of huxin.toml.

    no       one person publishes; so it is where nothing is said
    auto     as `by-hand` where `[persons]` names two persons or more, else as `no`
    by-hand  what a person brings waits: imports, `huxin publish`, files and drafts over gRPC and
             HTTP; what the systems of departments lay into drop folders and inboxes does not
    all      that waits, too

`second_person_lists` says it of single lists. Reliefs, annotations and what ends rows are never
asked, nor is praise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from federation.errors import RefusedError
from federation.intake.feed import SECOND_PERSON
from federation.payloads import Listing, Payload, Penalty, content_of
from node.directory.config import FilesSection
from node.persons.roster import TWO


class SecondPerson:
    """Says it of a list; any thread."""

    def __init__(self, files: FilesSection, persons: Callable[[], int]) -> None:
        """Wire it; `persons` is how many `[persons]` names."""
        self._files = files
        self._persons = persons

    def asks(self, list_type: str, *, by_hand: bool) -> bool:
        """Whether rows of a list wait.

        Args:
            list_type: of the list; of penalties that of `PENALTY_LIST_TYPE`.
            by_hand: a person brings them, and no department's system.
        """
        mode = self._files.second_person_lists.get(list_type, self._files.second_person)
        if mode == "auto":
            mode = "by-hand" if self._persons() >= TWO else "no"
        return mode == "all" or (mode == "by-hand" and by_hand)

    def check_drafts(self, payloads: Sequence[Payload]) -> None:
        """Refuse drafts that list or correct somebody, where a second person is asked for.

        Raises:
            RefusedError: `feed.second-person`.
        """
        for payload in payloads:
            listed = content_of(payload)
            if not isinstance(listed, Listing | Penalty):
                continue
            if self.asks(listed.key.list_type, by_hand=True):
                message = (
                    "列入须两人确认后发布，请作为文件导入，或用 huxin publish FILE --confirmed；"
                    "见 files.second_person / what lists somebody is published here by two "
                    "persons: expected an import, or huxin publish FILE --confirmed, got a draft; "
                    "see files.second_person"
                )
                raise RefusedError(SECOND_PERSON, message)
