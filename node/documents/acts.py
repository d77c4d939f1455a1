"""What was published, and whose listing it is about: repair, withdrawal, relisting, annotation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huxin.v1 import registry_pb2 as pb

from node.codec import record_from_proto, record_to_json

_ABOUT = ("statement_id", "subject", "list_type", "document", "state")


def published_document(published: pb.Published) -> dict[str, Any]:
    """Where a statement stands."""
    return {
        "statement_id": published.statement_id.hex(),
        "origin": published.origin,
        "index": published.index,
    }


def about_document(record: pb.Record) -> dict[str, Any]:
    """Whose listing a statement is about, on which list and by which document, as of now."""
    about: Mapping[str, Any] = record_to_json(record_from_proto(record))
    return {name: about[name] for name in _ABOUT}
