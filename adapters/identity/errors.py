"""Errors of the identity provider, each with a stable code."""

from __future__ import annotations

from adapters.errors import AdapterError


class ProviderError(AdapterError):
    """The provider's or the network's; nothing was changed, and trying again later may help.

    `code` is `access.provider-silent`. The message names the host and what was expected, and
    nothing of what was sent or answered: that may be a code or a token.
    """

    code = "access.provider-silent"
