"""A request to join handed over by HTTPS, to exactly the node that the invitation names (§7.6)."""

from __future__ import annotations

import http.client
import ssl
from typing import Final

from federation.errors import RefusedError
from node.network.errors import UnavailableError
from node.web.join_app import PATH

SECONDS: Final = 30.0
_CODE_MAX: Final = 80


def send(endpoint: str, certificate: bytes, secret: bytes, data: bytes) -> None:
    """Hand a request over.

    Args:
        endpoint: `host:port`.
        certificate: DER; nothing is said to a server that shows another.
        secret: of the invitation.
        data: the envelope.

    Raises:
        RefusedError: the code that the inviter answers, or `invitation.certificate`.
        UnavailableError: `join.unsent`: it was not reached, or answers otherwise.
    """
    host, _, port = endpoint.rpartition(":")
    # Not by an authority: the invitation names the one certificate, compared below.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    line = http.client.HTTPSConnection(
        host.strip("[]"), int(port), timeout=SECONDS, context=context
    )
    try:
        line.connect()
        if not isinstance(line.sock, ssl.SSLSocket) or (
            line.sock.getpeercert(binary_form=True) != certificate
        ):
            message = f"{endpoint}: expected the certificate of the invitation; nothing was sent"
            raise RefusedError("invitation.certificate", message)
        headers = {
            "Authorization": f"Bearer {secret.hex()}",
            "Content-Type": "application/json",
        }
        line.request("POST", PATH, body=data, headers=headers)
        answer = line.getresponse()
        said = answer.read(_CODE_MAX).decode("ascii", "replace")
    except (OSError, http.client.HTTPException) as error:
        message = f"{endpoint}: {type(error).__name__}: carry the file by hand, or try again"
        raise UnavailableError("join.unsent", message) from error
    finally:
        line.close()
    _judge(endpoint, answer.status, said)


def _judge(endpoint: str, status: int, said: str) -> None:
    if status == http.client.ACCEPTED:
        return
    if status == http.client.UNAUTHORIZED:
        raise RefusedError("invitation.unknown", f"{endpoint} gave out no such invitation")
    if status == http.client.UNPROCESSABLE_ENTITY and said.isascii() and "." in said:
        raise RefusedError(said, f"{endpoint} takes it not: {said}")
    message = f"{endpoint}: expected 202, got {status}: carry the file by hand, or try again"
    raise UnavailableError("join.unsent", message)
