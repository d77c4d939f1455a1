"""What this package raises, and whose fault it is.

::

    CryptoError                 anything below; catch this where bytes of others come in
    ├── FormatError             bytes or text are not in the form that the specification fixes
    ├── ProofError              a Merkle proof does not lead to the root it claims
    ├── SignatureError          a signature is bad, missing, or by a key that may not sign this
    ├── CommitmentError         an opening does not belong to its leaf
    └── SealError               a ciphertext cannot be opened, or a key cannot seal

Nothing here carries secret bytes: messages give lengths, names, sizes and hashes, never
keys, salts or payloads, so that they may be logged.
"""


class CryptoError(Exception):
    """Root of the tree.

    Reject the input and keep the state as it was: no function of this package changes
    anything before it raises.
    """


class FormatError(CryptoError):
    """Bytes, text or a value break the rules of their format.

    The fault of whoever produced the bytes; of the caller, where the value was built here.
    Reject them whole and never repair: a second reading of the same bytes is how two
    verifiers come to disagree.
    """


class ProofError(CryptoError):
    """A Merkle proof does not verify, or cannot exist for the sizes given.

    The fault of whoever sent the proof, or of a damaged store if the proof was made here.
    Under a *verified* checkpoint it means that the sender shows a tree which is not the
    one that was signed: keep the bytes as evidence, apply nothing.
    """


class SignatureError(CryptoError):
    """A signature of a known key is bad, or no known key signed at all.

    The fault of the sender, or of a wrong key in the configuration or charter. Treat the
    signed text as never said; do not read any field out of it.
    """


class CommitmentError(CryptoError):
    """Salt, payload, origin or header are not those which the leaf commits to.

    The fault of whoever delivered the opening; the leaf itself stays valid. Drop the
    opening and ask another holder for it.
    """


class SealError(CryptoError):
    """A sealed value does not open, or was moved to another place than it was sealed for.

    A wrong or destroyed key, a changed ciphertext, or associated data of another record:
    which one is not told, because the cipher does not tell. Treat the content as missing.
    """
