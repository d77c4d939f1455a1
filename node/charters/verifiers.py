"""Which keys verify the newest note of a log, as far as this node knows them."""

from __future__ import annotations

from crypto.keys import VerifierKey
from federation.ids import Origin
from node.charters.view import TrustView
from node.directory.keys import NodeKeys


def verifiers(
    origin: Origin, own: Origin, keys: NodeKeys, trust: TrustView
) -> tuple[VerifierKey, ...]:
    """Key of a log, then those of all who may cosign it; none where no charter names the log.

    Args:
        origin: the log.
        own: our own log, whose keys are known without a charter.
        keys: ours.
        trust: the charters.
    """
    if origin == own:
        ours = (keys.log, keys.head, keys.witness, keys.mirror)
        known = (*(signer.verifier for signer in ours), *trust.cosigner_keys())
        return tuple(dict.fromkeys(known))
    if origin not in trust.trust.origins():
        return ()
    return (trust.log_key(origin), *trust.cosigner_keys())
