"""Between protobuf and values: the only place, beside the services, that knows the wire messages.

Payloads are read and written through `ProtobufPayloads`; the pairs `x_to_proto` and `x_from_proto`
stand in `parts`, `listed`, `open_kinds` and `cases`, the rules in `checks`.
"""

from node.codec.as_json import payload_to_json, record_to_json
from node.codec.drafts import (
    DraftStatement,
    draft_from_proto,
    draft_payload_from_proto,
)
from node.codec.from_json import draft_from_json, listing_from_json
from node.codec.reader import ProtobufPayloads
from node.codec.records import record_from_proto, record_to_proto

__all__ = [
    "DraftStatement",
    "ProtobufPayloads",
    "draft_from_json",
    "draft_from_proto",
    "draft_payload_from_proto",
    "listing_from_json",
    "payload_to_json",
    "record_from_proto",
    "record_to_json",
    "record_to_proto",
]
