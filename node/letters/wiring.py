"""The register of letters 发文登记簿, wired."""

from __future__ import annotations

from node.access.accounts import Accounts
from node.directory.config import Config
from node.directory.opened import Opened
from node.letters.desk import LetterDesk, Office
from node.log.writer import Writer
from node.persons.posts import Post, Posts
from node.persons.roster import Persons
from node.system.clock import Clock


def wire_posts(config: Config, accounts: Accounts) -> Posts:
    """Where persons work: of the configuration, else of their account."""
    configured = {name: Post(one.unit, one.post) for name, one in config.posts.items()}

    def account(name: str) -> Post | None:
        found = accounts.post_of(name)
        return None if found is None else Post(*found)

    return Posts(configured, account)


def wire_letters(
    opened: Opened, persons: Persons, posts: Posts, writer: Writer, latest: Clock
) -> LetterDesk:
    """Build the desk; `latest` is never behind any clock that is believed."""
    section = opened.config.letters
    return LetterDesk(
        store=opened.store,
        writer=writer,
        persons=persons,
        posts=posts,
        office=Office(issuer=section.issuer, code=section.code, codes=section.codes),
        now=opened.clock.now,
        today=latest.today,
    )
