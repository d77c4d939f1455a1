"""A listing in a file of YAML or JSON, with the field names of `huxin records show -o json`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import yaml
from huxin.v1 import payload_pb2

from federation.errors import StatementError
from node.codec import listing_from_json

MAX_BYTES: Final = 256 * 1024
_DATES: Final = (
    "decided_on",
    "listed_on",
    "prior_notice_on",
    "publish_until",
    "notice_served_on",
    "decided_from",
    "decided_to",
)


def read_listing(path: Path) -> payload_pb2.Listing:
    """Read a listing; the audience is left to the node.

    Takes the whole output of `records show -o json` as well, of which it uses `payload`.

    Raises:
        StatementError: `listing.malformed`: not YAML or JSON, or a field that a listing has not.
    """
    try:
        with path.open("rb") as file:
            document = yaml.safe_load(file.read(MAX_BYTES))
    except (yaml.YAMLError, ValueError) as error:  # also a number of thousands of digits
        message = f"{path}: expected YAML or JSON, got something else"
        raise StatementError("listing.malformed", message) from error
    if isinstance(document, dict) and isinstance(document.get("payload"), dict):
        document = document["payload"]
    if not isinstance(document, dict):
        message = f"{path}: expected the fields of a listing"
        raise StatementError("listing.malformed", message)
    fields = _dated({name: said for name, said in document.items() if name != "audience"})
    try:
        return listing_from_json(fields)
    except StatementError as error:
        raise StatementError("listing.malformed", f"{path}: {error}") from error


def _dated(fields: dict[str, Any]) -> dict[str, Any]:
    """Write dates as the message has them, also those within."""
    return {
        name: _dated(said) if isinstance(said, dict) else (_date(said) if name in _DATES else said)
        for name, said in fields.items()
    }


def _date(value: object) -> object:
    """Take 2026-11-20, which YAML makes a date of, as 20261120."""
    if isinstance(value, dt.date):
        return int(value.strftime("%Y%m%d"))
    if isinstance(value, str):
        digits = value.replace("-", "")
        return int(digits) if digits.isascii() and digits.isdecimal() else value
    return value
