"""Which TLS key a node shows: one that every charter names, and the newest of those.

Covers node/cli/keys.py, node/services/keys_and_recovery.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import pytest

from federation.ids import Origin, Timestamp
from node.directory.keys import KeyFileError, create_keys
from node.network.tls_keys import in_order, load_tls_keys, new_tls_key

ORIGIN = Origin("510500.huxin.example/1")
NOW = Timestamp(1_790_000_000)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of a node with three certificates, and one half made."""
    path = tmp_path_factory.mktemp("node") / "keys"
    create_keys(path, ORIGIN, now=NOW, token=secrets.token_bytes)
    for _ in range(2):
        new_tls_key(path, ORIGIN, now=NOW, token=secrets.token_bytes)
    (path / "tls-4.key").write_bytes((path / "tls-3.key").read_bytes())
    (path / "tls-4.key").chmod(0o600)
    return path


def test_keys_are_made_one_beside_the_other(directory: Path) -> None:
    keys = load_tls_keys(directory)
    assert [key.number for key in keys] == [3, 2, 1]
    assert len({key.certificate for key in keys}) == 3
    assert str(keys[0].identity.key_pem) not in repr(keys[0])
    (directory / "tls-2.crt").chmod(0o644)
    with pytest.raises(KeyFileError, match="mode"):
        load_tls_keys(directory)
    (directory / "tls-2.crt").chmod(0o600)


@pytest.mark.parametrize(
    ("named", "order"),
    [
        ([], [1]),
        ([()], [1]),
        ([(1,)], [1]),
        ([(1, 2)], [2, 1]),
        ([(2, 3)], [3, 2]),
        ([(1, 2), (1,)], [1, 2]),
        ([(1, 2, 3), (1, 2)], [2, 1, 3]),
    ],
)
def test_which_is_shown(
    directory: Path, named: Sequence[Sequence[int]], order: Sequence[int]
) -> None:
    keys = load_tls_keys(directory)
    by_number = {key.number: key.certificate for key in keys}
    told = [{by_number[number] for number in one} for one in named]
    assert [key.number for key in in_order(keys, told)] == order
