"""The console of a configuration."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp

from node.console.api import Api
from node.console.app import Console
from node.console.pages import PAGES
from node.console.sessions import Sessions
from node.directory.config import HttpSection
from node.system.clock import monotonic
from node.system.entropy import token


def wire_console(section: HttpSection, city: str) -> Callable[[ASGIApp], ASGIApp] | None:
    """Give what makes the console of an application; None where `[http] console` is not set.

    Args:
        section: of the configuration.
        city: whose console it is.
    """
    if not section.console:
        return None

    def made(application: ASGIApp) -> ASGIApp:
        return Console(
            api=Api(application),
            sessions=Sessions(token, monotonic),
            pages=PAGES,
            city=city,
            origin=section.origin,
            provider=section.oidc.name if section.oidc else "",
        )

    return made
