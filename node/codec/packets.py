"""Packets as bytes: a line with the note's length, the signed header, the sealed body.

The body holds the frames of a stream, each as its message with a u32 length in front, all sealed
to the receiving member.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from google.protobuf.message import DecodeError
from huxin.v1 import exchange_pb2 as pb

from crypto.errors import FormatError
from crypto.notes import MAX_NOTE_SIZE, Note, parse_note
from federation.errors import ReplicationError
from federation.peers.frames import Frame
from federation.peers.packets import FORMAT, MAX_PACKET, malformed
from node.codec.frames import frame_from_request, frame_to_request

_LENGTH: Final = 4
_FIRST_LINE: Final = 32
"""Bytes in which the first line ends."""


def packet_to_bytes(header: Note, body: bytes) -> bytes:
    """Write one part."""
    note = header.to_bytes()
    return f"{FORMAT} {len(note)}\n".encode() + note + body


def packet_from_bytes(data: bytes) -> tuple[Note, bytes]:
    """Read header and sealed body of one part; nothing is verified.

    Raises:
        RefusedError: `packet.malformed`.
    """
    if len(data) > MAX_PACKET:
        raise malformed(f"it has {len(data)} bytes, more than {MAX_PACKET}")
    line, newline, _ = data[:_FIRST_LINE].partition(b"\n")
    word, _, digits = line.partition(b" ")
    length = int(digits) if digits.isdigit() and not digits.startswith(b"0") else 0
    if not newline or word != FORMAT.encode() or not 0 < length <= MAX_NOTE_SIZE:
        raise malformed("the first line is another")
    begin = len(line) + 1
    try:
        return parse_note(data[begin : begin + length]), data[begin + length :]
    except FormatError as error:
        raise malformed(f"its header is no signed note ({error})") from error


def frame_to_bytes(frame: Frame) -> bytes:
    """Write a frame as it stands in a body."""
    message = frame_to_request(frame).SerializeToString()
    return len(message).to_bytes(_LENGTH, "big") + message


def frames_from_bytes(body: bytes) -> list[Frame]:
    """Read an opened body; what a newer sender says besides is left out.

    Raises:
        RefusedError: `packet.malformed`.
    """
    frames: list[Frame | None] = []
    at = 0
    try:
        while at < len(body):
            begin = at + _LENGTH
            at = begin + int.from_bytes(body[at:begin], "big")
            if at > len(body):
                raise malformed("its last frame is cut short")
            frames.append(frame_from_request(pb.FollowRequest.FromString(body[begin:at])))
    except (DecodeError, ReplicationError) as error:
        raise malformed(f"a frame does not read ({error})") from error
    return _known(frames)


def _known(frames: Iterable[Frame | None]) -> list[Frame]:
    return [frame for frame in frames if frame is not None]
