"""The proof of one statement, as `huxin proof` and HTTP give it."""

from __future__ import annotations

from typing import Any

from huxin.v1 import admin_pb2 as pb

from crypto.cosignature import verify_cosignatures
from crypto.keys import VerifierKey
from crypto.proof import Disclosure, parse_proof, verify_disclosure, verify_proof
from crypto.strict import b64


def proof_document(response: pb.GetProofResponse, statement_id: bytes) -> dict[str, Any]:
    """Verify a proof as a stranger would, before anything of it is handed out.

    Raises:
        CryptoError: leaf, proof, opening and keys do not fit each other; the node's fault.
    """
    keys = response.vkey.splitlines()
    log_key = VerifierKey.parse(keys[0])
    parsed = parse_proof(response.proof)
    signed = verify_proof(parsed, entry=response.leaf, log_key=log_key)
    if response.salt:
        disclosure = Disclosure(proof=parsed, salt=response.salt, payload=response.payload)
        verify_disclosure(disclosure, entry=response.leaf, log_key=log_key)
    first = response.first_cosigned_at
    signed_at = verify_cosignatures(signed.note, [VerifierKey.parse(key) for key in keys[1:]])
    if first and all(first != cosignature.timestamp for cosignature in signed_at):
        first = 0  # no listed key says so
    return {
        "statement_id": statement_id.hex(),
        "origin": response.origin,
        "index": response.index,
        "size": signed.checkpoint.size,
        "first_cosigned": first,
        "root": b64(signed.checkpoint.root),
        "leaf": response.leaf.hex(),
        "proof": response.proof.decode(),
        "vkey": keys,
        "opening": bool(response.salt),
    }
