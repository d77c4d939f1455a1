"""A listing in a file of YAML or JSON, with the field names of `huxin records show -o json`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from google.protobuf.json_format import ParseDict, ParseError
from huxin.v1 import payload_pb2

from federation.errors import StatementError

MAX_BYTES: Final = 256 * 1024
_ENUMS: Final = {"tier": "TIER", "term": "TERM_QUALITY"}
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
    try:
        return ParseDict(_wire_form(document), payload_pb2.Listing())
    except (ParseError, TypeError, ValueError) as error:
        message = f"{path}: {str(error)[:200]}"
        raise StatementError("listing.malformed", message) from error


def _wire_form(document: dict[str, Any]) -> dict[str, Any]:
    """Write enumerations and dates as the message has them."""
    fields = _part({name: said for name, said in document.items() if name != "audience"}, _ENUMS)
    if isinstance(fields.get("subject"), dict):
        fields["subject"] = _part(fields["subject"], {"kind": "SUBJECT_KIND"})
    if isinstance(fields.get("exits"), list):
        exits = fields["exits"]
        fields["exits"] = [
            _part(one, {"kind": "EXIT_KIND"}) if isinstance(one, dict) else one for one in exits
        ]
    if isinstance(fields.get("prior_notice_attested"), dict):
        fields["prior_notice_attested"] = _part(fields["prior_notice_attested"], {})
    fields.setdefault("min_reader", 1)
    return fields


def _part(fields: dict[str, Any], enums: Mapping[str, str]) -> dict[str, Any]:
    """Write the enumerations and dates of one message as it has them."""
    made = dict(fields)
    for name, prefix in enums.items():
        value = made.get(name)
        if isinstance(value, str) and not value.startswith(prefix):
            made[name] = f"{prefix}_{value.upper().replace('-', '_')}"
    for name in _DATES:
        if name in made:
            made[name] = _date(made[name])
    return made


def _date(value: object) -> object:
    """Take 2026-11-20, which YAML makes a date of, as 20261120."""
    if isinstance(value, dt.date):
        return int(value.strftime("%Y%m%d"))
    if isinstance(value, str):
        return int(value.replace("-", ""))
    return value
