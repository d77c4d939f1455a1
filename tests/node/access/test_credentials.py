"""`node.access.credentials`: tokens, certificates, how long they count, rows as made (AC6-AC8)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from federation.errors import RefusedError
from federation.ids import Date
from federation.screening.roles import Role
from node.access import credentials
from tests.support.admitted import Admitting, admitting

DER = b"0\x82certificate"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Admitting]:
    made = admitting(tmp_path)
    yield made
    made.close()


def refused(call: object, *args: object) -> RefusedError:
    assert callable(call)
    with pytest.raises(RefusedError) as error:
        call(*args)
    return error.value


def test_a_token_is_shown_once_and_kept_as_a_keyed_hash(here: Admitting) -> None:
    made, token = here.new()
    assert token.startswith(credentials.PREFIX)
    assert len(token) == 47
    assert here.access.asker_of_token(token) == made.asker
    assert here.again().asker_of_token(token) == made.asker
    with here.store.read() as reads:
        rows = reads.connection.execute(text("SELECT * FROM credentials")).all()
    assert token not in repr(rows)
    assert token[4:].encode() not in b"".join(
        c for row in rows for c in row if isinstance(c, bytes)
    )
    assert token not in repr(made)


def test_another_token_is_nobody_s(here: Admitting) -> None:
    _, token = here.new()
    for other in (token[:-1], token[:-1] + "%", "", token.upper(), token + "A", token[4:]):
        error = refused(here.access.asker_of_token, other)
        assert error.code == "access.unknown"
        assert not other or other not in str(error)


def test_one_character_differs(here: Admitting) -> None:
    _, token = here.new()
    for at in range(4, 46):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert refused(here.access.asker_of_token, other).code == "access.unknown"


def test_the_hash_is_compared_whole_also_where_a_table_would_find_it(here: Admitting) -> None:
    made, token = here.new()
    book = here.access.credentials
    other = credentials.PREFIX + "A" * 43
    book._by_token[book._token_mac(other)] = made
    assert refused(here.access.asker_of_token, other).code == "access.unknown"
    assert here.access.asker_of_token(token) == made.asker


def test_a_certificate_is_known_byte_for_byte(here: Admitting) -> None:
    made, token = here.new(certificate=DER)
    assert token == ""
    assert here.again().asker_of_certificate(DER) == made.asker
    assert here.access.credentials.certificates() == (DER,)
    assert refused(here.access.asker_of_certificate, DER + b"\0").code == "access.unknown"
    here.access.credentials._by_digest[sha256(b"other").digest()] = made
    assert refused(here.access.asker_of_certificate, b"other").code == "access.unknown"
    with pytest.raises(RefusedError) as again:
        here.new(certificate=DER)
    assert again.value.code == "access.certificate"


def test_what_is_erased_with_it_goes_by_the_day_that_is_said_and_by_revocation(
    here: Admitting,
) -> None:
    """A clock that is ahead ends nothing that does not come back."""
    made, _ = here.new(expires_on=here.clock.today())
    today = here.clock.today()
    here.clock.at += 86_400
    assert not here.access.counts(made.asker.credential)
    assert here.access.counts(made.asker.credential, today)
    assert not here.access.counts(made.asker.credential, here.clock.today())
    assert not here.access.counts("nobody's", today)
    here.access.credentials.revoke(made.asker.credential, "x", lambda *_: None)
    assert not here.access.counts(made.asker.credential, today)


def test_it_ends_on_its_day(here: Admitting) -> None:
    _, token = here.new(expires_on=here.clock.today(), certificate=b"")
    here.new(expires_on=here.clock.today(), certificate=DER)
    asker = here.access.asker_of_token(token)
    here.clock.at += 86_400
    assert refused(here.access.asker_of_token, token).code == "access.expired"
    assert refused(here.access.asker_of_certificate, DER).code == "access.expired"
    assert here.access.credentials.certificates() == ()
    assert refused(here.ask, asker, "x").code == "access.expired"
    with pytest.raises(RefusedError, match="not over"):
        here.new(expires_on=Date(20200101))


def test_what_is_revoked_is_over_at_once_and_for_ever(here: Admitting) -> None:
    made, token = here.new(certificate=DER)[0], here.new()[1]
    asker = here.access.asker_of_token(token)
    for one in (made.id, asker.credential):
        here.access.revoked(here.access.local(), one, "李某")
    for access in (here.access, here.again()):
        assert refused(access.asker_of_token, token).code == "access.revoked"
        assert refused(access.asker_of_certificate, DER).code == "access.revoked"
    assert here.access.credentials.certificates() == ()
    assert refused(here.ask, asker, "x").code == "access.revoked"
    again = refused(here.access.revoked, here.access.local(), made.id, "李某")
    assert again.code == "access.ended"
    nobody = refused(here.access.revoked, here.access.local(), "nobody", "李某")
    assert nobody.code == "access.no-credential"


def test_a_row_that_was_changed_is_nobody_s(here: Admitting) -> None:
    changes = (
        "roles = '[\"security\"]'",
        'matters = \'["procurement", "tax"]\'',
        "budget = 100000000",
        "expires_on = 20991231",
        "token = NULL, certificate = X'3082', digest = X'00'",
        "mac = X''",
    )
    for change in changes:
        _, token = here.new()
        kept = here.again().credentials.all()[-1].id
        with here.store.write() as writes:
            writes.connection.execute(text(f"UPDATE credentials SET {change} WHERE id = '{kept}'"))
        assert here.again().credentials.all() == ()
        assert refused(here.access.asker_of_token, token).code == "access.unknown"


def test_what_a_credential_may_not_be(here: Admitting) -> None:
    cases: tuple[dict[str, object], ...] = (
        {"roles": frozenset()},
        {"roles": frozenset({Role.SYSTEM, Role.AUDIT})},
        {"department": ""},
        {"department": "a\nb"},
        {"by": ""},
        {"by": "x" * 101},
        {"matters": frozenset({""})},
        {"purposes": frozenset({"joint-punishment", "curiosity"})},
        {"budget": 0},
        {"budget": credentials.BUDGET_MAX + 1},
        {"case_subjects": 0},
        {"case_subjects": credentials.CASE_SUBJECTS_MAX + 1},
    )
    for changed in cases:
        with pytest.raises(RefusedError) as error:
            here.new(**changed)
        assert error.value.code in {"access.roles", "access.value"}
    assert here.access.credentials.all() == ()
