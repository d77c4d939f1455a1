"""Accounts and signing in (AC19–AC24), over a store in memory and clocks that stand.

Covers node/access/passwords.py, node/access/sessions.py, node/access/totp.py,
node/access/signing_in.py, node/web/openapi_sessions.py, adapters/sql/accounts.py.
"""

from __future__ import annotations

from base64 import b32decode
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from adapters.sql.accounts import failures_in_all
from federation.errors import RefusedError
from federation.screening.roles import Role
from node.access import signing_in, totp
from node.access.passwords import Cost, check_password, hashed
from node.access.sessions import IDLE_SECONDS, OF_ONE_MAX, WHOLE_SECONDS
from node.access.signing_in import FAILURES_MAX, FAILURES_SECONDS, UNKNOWN_KEPT
from tests.support.signed_in import NEW, SignedIn, signing


@pytest.fixture
def here(tmp_path: Path) -> Iterator[SignedIn]:
    made = signing(tmp_path)
    yield made
    made.close()


def refused(call: Any, *args: Any, **more: Any) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        call(*args, **more)
    return error.value


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
    ],
)
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    assert totp.code_at(b"12345678901234567890", totp.step_of(at), digits=8) == code


def test_a_code_counts_one_step_before_and_after_its_own() -> None:
    secret, at = b"s" * 20, 1_795_000_000
    for drift in range(-3, 4):
        shown = totp.code_at(secret, totp.step_of(at) + drift)
        assert bool(totp.step_shown(secret, shown, at)) == (abs(drift) <= 1)
    assert not any(totp.step_shown(secret, bad, at) for bad in ("", "abc", "１２３４５６"))


def test_what_a_password_must_be() -> None:
    check_password("一二三四五六七八九十甲乙", "王五")
    for bad in (
        "short-Aa1",
        "1" * 20,
        "abcabcabcabcabc",
        "x" * 64 + "wangwu-abc",
        "a\x00bcdefghijklmn",
    ):
        assert refused(check_password, bad, "wangwu").code == "access.password"


def test_ac19_a_password_is_kept_as_a_hash_that_the_database_does_not_show(here: SignedIn) -> None:
    once = here.made("王五")
    with here.store.read() as reads:
        rows = repr(reads.connection.execute(text("SELECT * FROM accounts")).all())
    assert once["password"] not in rows
    assert "verifier" not in rows
    stored = here.stored("王五")
    secrets = here.rows.secrets(stored)
    assert secrets is not None
    assert hashed(once["password"], secrets.salt, secrets.cost) == secrets.verifier
    assert hashed(once["password"], b"s" * 16, secrets.cost) != secrets.verifier
    with here.store.write() as writes:
        writes.connection.execute(text("UPDATE accounts SET credential = 'x'"))
    assert here.rows.secrets(here.stored("王五")) is None


def test_ac19_an_unknown_name_a_wrong_password_and_a_wrong_code_look_alike(
    here: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.ready("王五")
    work: list[Cost] = []

    def noted(password: str, salt: bytes, cost: Cost) -> bytes:
        work.append(cost)
        return hashed(password, salt, cost)

    monkeypatch.setattr(signing_in, "hashed", noted)
    seen = {
        str(refused(here.sign_in, "nobody", NEW)),
        str(refused(here.sign_in, "王五", "wrong-password")),
        str(refused(here.sign_in, "王五", NEW, code="000000")),
    }
    assert len(seen) == 1
    assert "nobody" not in seen.pop()
    assert work == [here.rows.cost] * 3


def test_who_signs_in_has_the_roles_of_the_account(here: SignedIn) -> None:
    here.ready("王五", roles=frozenset({Role.REVIEWER}))
    opened = here.sign_in("王五", NEW)
    asker = here.access.asker_of_token(opened["token"])
    assert asker.roles == {Role.REVIEWER}
    assert opened["account"]["unit"] == asker.department
    assert opened["account"]["credential"] == asker.credential
    (listed,) = here.accounts.listed(here.access.local())
    assert (listed["name"], listed["state"], listed["initial"]) == ("王五", "valid", False)
    (shown,) = here.access.listed(here.access.local())
    assert shown["by"] == "account"


def test_ac20_a_name_waits_after_five_failures_over_restarts(here: SignedIn) -> None:
    here.ready("王五")
    for name in ("nobody", "王五"):
        for _ in range(FAILURES_MAX):
            error = refused(here.sign_in, name, "wrong-password", later=1)
            assert error.code == "access.sign-in"
        assert refused(here.sign_in, name, NEW, later=0).code == "access.paused"
    last = here.clock.at
    here.again()
    assert refused(here.sign_in, "nobody", NEW).code == "access.paused"
    assert refused(here.sign_in, "王五", NEW).code == "access.paused"
    here.clock.at = last + FAILURES_SECONDS - 1
    error = refused(here.sign_in, "王五", NEW, later=0)
    assert (error.code, "ask again in 1 s" in str(error)) == ("access.paused", True)
    assert here.sign_in("王五", NEW, later=1)
    assert refused(here.sign_in, "王五", "wrong-password").code == "access.sign-in"


def test_ac20_failures_that_lie_apart_make_nobody_wait(here: SignedIn) -> None:
    here.ready("王五")
    for _ in range(3 * FAILURES_MAX):
        assert refused(here.sign_in, "王五", "wrong-password").code == "access.sign-in"
        here.clock.at += FAILURES_SECONDS // (FAILURES_MAX - 1) + 1
    with here.store.read() as reads:
        assert failures_in_all(reads) <= 2 * FAILURES_MAX


def test_ac20_strangers_who_try_a_name_keep_its_person_out_of_no_known_browser(
    here: SignedIn,
) -> None:
    device = here.ready("王五")["device"]
    for _ in range(FAILURES_MAX + 1):
        refused(here.sign_in, "王五", "wrong-password")
    assert refused(here.sign_in, "王五", NEW).code == "access.paused"
    forged = device[:-1] + ("0" if device[-1] != "0" else "1")
    assert refused(here.sign_in, "王五", NEW, device=forged).code == "access.paused"
    assert here.sign_in("王五", NEW, device=device)
    for _ in range(FAILURES_MAX):
        refused(here.sign_in, "王五", "wrong-password", device=device)
    assert refused(here.sign_in, "王五", NEW, device=device).code == "access.paused"
    here.ready("赵六")
    assert refused(here.sign_in, "赵六", "wrong-password", device=device).code == "access.sign-in"


def test_ac20_what_waits_is_bounded_and_each_lane_has_its_own(here: SignedIn) -> None:
    device = here.ready("王五")["device"]
    lane, said = here.signing._lanes[False], Queue[str]()
    with lane.place():
        waiting = Thread(target=lambda: said.put(refused(here.sign_in, "x", "y").code))
        waiting.start()
        while lane.places._value:
            pass
        assert refused(here.sign_in, "王五", NEW).code == "access.busy"
        assert here.sign_in("王五", NEW, device=device)
    assert said.get(timeout=30) == "access.sign-in"
    waiting.join()


def test_ac21_a_code_opens_once(here: SignedIn) -> None:
    here.ready("王五")
    here.clock.at += 60
    code = here.code("王五")
    assert here.sign_in("王五", NEW, code=code, later=0)
    assert refused(here.sign_in, "王五", NEW, code=code, later=0).code == "access.sign-in"


def test_ac21_two_browsers_do_not_open_with_one_code(here: SignedIn) -> None:
    here.ready("王五")
    here.clock.at += 60
    stored, code = here.stored("王五"), here.code("王五")
    step = totp.step_shown(here.secret("王五"), code, here.clock.at)
    secrets = here.rows.secrets(stored)
    assert secrets is not None
    here.signing._let_in(stored, secrets, step, b"w" * 16, changed=False)
    error = refused(here.signing._let_in, stored, secrets, step, b"w" * 16, changed=False)
    assert error.code == "access.sign-in"


def test_ac22_a_session_ends(here: SignedIn) -> None:
    here.ready("王五")

    def worked_on(token: str) -> None:
        for _ in range(WHOLE_SECONDS // 1700):
            here.tick(1700)
            here.access.asker_of_token(token)
        here.tick(1700)

    ends: tuple[Callable[[str], object], ...] = (
        lambda _: here.tick(IDLE_SECONDS + 1),
        worked_on,
        here.signing.closed,
        lambda _: here.sign_in("王五", NEW, new_password=NEW),
        lambda _: [here.sign_in("王五", NEW) for _ in range(OF_ONE_MAX)],
        lambda _: here.again(),
        lambda _: here.accounts.reset(here.access.local(), "王五", "李某"),
    )
    for end in ends:
        token = here.sign_in("王五", NEW)["token"]
        here.access.asker_of_token(token)
        end(token)
        assert refused(here.access.asker_of_token, token).code == "access.unknown"


def test_ac22_a_session_ends_with_its_account(here: SignedIn) -> None:
    here.ready("王五")
    token = here.sign_in("王五", NEW)["token"]
    assert here.accounts.revoked(here.access.local(), "王五", "李某")["state"] == "revoked"
    assert refused(here.access.asker_of_token, token).code == "access.unknown"
    assert refused(here.sign_in, "王五", NEW).code == "access.revoked"
    assert refused(here.sign_in, "王五", "wrong-password").code == "access.sign-in"


@pytest.mark.parametrize("where", ["before it is let in", "before its session begins"])
@pytest.mark.parametrize("new_password", ["", "又一条凳子放在院子里 5"])
def test_ac22_another_password_given_while_somebody_signs_in_with_the_old_one_stands(
    here: SignedIn, monkeypatch: pytest.MonkeyPatch, where: str, new_password: str
) -> None:
    """Who resets an account because its password is known elsewhere must have shut that one out."""
    here.ready("王五")
    given: list[dict[str, str]] = []

    def reset() -> None:
        given.append(here.accounts.reset(here.access.local(), "王五", "李某")[1])

    if where == "before it is let in":
        let_in = here.signing._let_in

        def late(*args: Any, **more: Any) -> None:
            reset()
            let_in(*args, **more)

        monkeypatch.setattr(here.signing, "_let_in", late)
    else:
        open_session = here.access.credentials.open_session

        def later(*args: Any, **more: Any) -> str:
            reset()
            return open_session(*args, **more)

        monkeypatch.setattr(here.access.credentials, "open_session", later)
    error = refused(here.sign_in, "王五", NEW, new_password=new_password)
    assert error.code == "access.sign-in"
    monkeypatch.undo()
    here.once["王五"] = given[0]
    opened = here.sign_in("王五", given[0]["password"], new_password=NEW)
    assert here.access.asker_of_token(opened["token"]).roles


def test_ac23_the_first_password_opens_nothing(here: SignedIn) -> None:
    first = here.made("王五")["password"]
    code = here.code("王五")
    error = refused(here.sign_in, "王五", first, code=code, later=0)
    assert error.code == "access.initial-password"
    weak = refused(here.sign_in, "王五", first, new_password="short", later=0)
    assert weak.code == "access.password"
    assert here.sign_in("王五", first, code=code, new_password=NEW, later=0)
    assert refused(here.sign_in, "王五", first).code == "access.sign-in"
    assert here.sign_in("王五", NEW)
    again = here.accounts.reset(here.access.local(), "王五", "李某")[1]
    assert again["secret"] != here.once["王五"]["secret"]
    assert refused(here.sign_in, "王五", NEW).code == "access.sign-in"


def test_ac24_each_opening_and_each_refusal_stands_in_the_query_log(here: SignedIn) -> None:
    here.ready("王五")
    refused(here.sign_in, "王五", "wrong-password")
    refused(here.sign_in, "typed-my-password-here", "x")
    told = [(one.action, one.result, one.persons) for one in here.entries()]
    assert told[-3:] == [
        ("session", "session opened", ("王五",)),
        ("session", "session refused", ("王五",)),
        ("session", "session refused", ()),
    ]
    assert here.entries()[-2].asker == here.stored("王五").credential


def test_ac24_refusals_of_unknown_names_do_not_fill_the_log(here: SignedIn) -> None:
    for number in range(UNKNOWN_KEPT + 5):
        refused(here.sign_in, f"nobody-{number}", "x")
    assert len(here.entries()) == UNKNOWN_KEPT
    here.ready("王五")
    before = len(here.entries())
    refused(here.sign_in, "王五", "wrong-password")
    assert len(here.entries()) == before + 1


def test_what_an_account_may_not_be(here: SignedIn) -> None:
    here.made("王五")
    for name, more, code in (
        ("王五", {}, "access.account"),
        ("", {}, "access.account"),
        ("a\n", {}, "access.account"),
        ("赵六", {"roles": frozenset({Role.THIRD_PARTY})}, "access.account"),
        ("赵六", {"roles": frozenset({Role.OPERATOR, Role.REVIEWER})}, "access.roles"),
    ):
        assert refused(here.made, name, **more).code == code
    for call in (here.accounts.reset, here.accounts.revoked):
        assert refused(call, here.access.local(), "nobody", "李某").code == "access.account"
    opened = here.ready("陈七", roles=frozenset({Role.OPERATOR}))
    operator = here.access.asker_of_token(opened["token"])
    for denied in (
        lambda: here.accounts.reset(operator, "王五", "李某"),
        lambda: here.accounts.revoked(operator, "王五", "李某"),
        lambda: here.accounts.listed(operator),
        lambda: here.accounts.made(operator, here.wanted(), "孙八", "岗"),
    ):
        assert refused(denied).code == "access.denied"


def test_a_secret_is_one_that_an_authenticator_reads(here: SignedIn) -> None:
    once = here.made("王 五:甲")
    assert b32decode(once["secret"]) == here.secret("王 五:甲")
    assert once["uri"].startswith(
        "otpauth://totp/a.example:%E7%8E%8B%20%E4%BA%94%3A%E7%94%B2?secret="
    )
    assert once["secret"].rstrip("=") in once["uri"]
    assert once["uri"].endswith("&issuer=a.example")
