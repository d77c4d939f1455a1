"""Signing in by the identity provider (OI1–OI9), against a provider that lies as it is told.

Covers node/access/identity_provider.py, node/access/id_tokens.py,
node/access/provider_sessions.py, adapters/identity/errors.py.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jws
from structlog.testing import capture_logs

from adapters.identity.errors import ProviderError
from adapters.identity.provider import allowed
from federation.errors import RefusedError
from federation.screening.roles import Role
from node.access import identity_provider, provider_sessions
from node.access.credentials import Credential
from node.access.id_tokens import LEEWAY_SECONDS, is_subject, keys_of
from node.access.identity_provider import Client, IdentityProvider
from node.access.provider_sessions import TICKET_SECONDS, CameBack, ProviderSignIn
from node.system.entropy import token
from tests.support.identity_provider import (
    BACK,
    CLIENT,
    ISSUER,
    SECRET,
    SUBJECT,
    SmallProvider,
    key,
    rsa_signed,
)
from tests.support.signed_in import NEW, signing

NAME: Final = "王五（演示）"


class World:
    """A node with accounts, and a provider beside it."""

    def __init__(self, folder: Path) -> None:
        self.node = signing(folder)
        self.node.provider = ISSUER
        self.node.again()
        self.client: dict[str, Any] = {"secret": SECRET}
        self.anew()

    def anew(self) -> None:
        """Another provider of that name, which does not lie yet, and a node that knows nothing."""
        self.small = SmallProvider(now=lambda: self.node.clock.at)
        self.again()

    def again(self, **client: Any) -> None:
        """As after a restart, with another configuration."""
        self.client |= client
        self.asking = IdentityProvider(
            client=Client(
                issuer=self.client.get("issuer", ISSUER),
                client_id=CLIENT,
                redirect_uri=BACK,
                **{name: value for name, value in self.client.items() if name != "issuer"},
            ),
            http=self.small,
            allowed=partial(allowed, plain=False),
            clock=self.node.clock,
            monotonic=lambda: self.node.clock.seconds,
            token=token,
        )
        self.signing = self.signing_by(self.asking)

    def signing_by(self, provider: IdentityProvider | None) -> ProviderSignIn:
        node = self.node
        return ProviderSignIn(
            provider=lambda: provider,
            credentials=node.access.credentials,
            rows=node.rows,
            store=node.store,
            writer=node.writer,
            log=node.log,
            keys=node.keys,
            clock=node.clock,
            monotonic=lambda: node.clock.seconds,
            token=token,
        )

    def bound(self, name: str = NAME, subject: str = SUBJECT, **changed: Any) -> dict[str, Any]:
        """Make an account of somebody there."""
        node = self.node
        found, once = node.accounts.made(
            node.access.local(), node.wanted(**changed), name, "科员", subject
        )
        assert once == {}
        return found

    def back(self, **otherwise: str) -> CameBack:
        """A browser that set out, signed in there, and came back with what it was given."""
        begun = self.signing.begun()
        said = self.small.sent(begun["address"]) | otherwise
        return CameBack(
            ticket=said.get("ticket", begun["ticket"]),
            state=said["state"],
            code=said.get("code", ""),
            issuer=said.get("iss", ""),
            error=said.get("error", ""),
        )

    def signed_in(self, **otherwise: str) -> dict[str, Any]:
        return self.signing.opened(self.back(**otherwise))

    def refused(self, **otherwise: str) -> str:
        with pytest.raises(RefusedError) as error:
            self.signed_in(**otherwise)
        return error.value.code

    def results(self) -> list[tuple[str, tuple[str, ...]]]:
        """What the query log has of sign-ins, the oldest first."""
        found = [(one.result, one.persons) for one in self.node.entries()]
        return [one for one in found if one[0].startswith("session")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.node.close()


def code_of(call: Callable[..., Any], *args: Any, **more: Any) -> str:
    with pytest.raises(RefusedError) as error:
        call(*args, **more)
    return error.value.code


def test_who_signs_in_there_has_the_roles_of_the_account(world: World) -> None:
    made = world.bound(roles=frozenset({Role.REVIEWER}))
    assert (made["subject"], made["initial"]) == (SUBJECT, False)
    opened = world.signed_in()
    asker = world.node.access.asker_of_token(opened["token"])
    assert asker.roles == {Role.REVIEWER}
    assert asker.credential == made["credential"]
    assert opened["account"]["name"] == NAME
    assert opened["end_address"] == f"{ISSUER}/end?client_id={CLIENT}"
    assert world.results() == [("session opened", (NAME,))]
    world.node.access.credentials.close_session(opened["token"])
    assert code_of(world.node.access.asker_of_token, opened["token"]) == "access.unknown"


def test_each_algorithm_of_the_list_counts(world: World) -> None:
    world.bound()
    for algorithm, kind in (
        ("RS256", "RSA"),
        ("PS256", "RSA"),
        ("ES256", "EC"),
        ("EdDSA", "OKP"),
        ("Ed25519", "OKP"),
    ):
        world.small.algorithm, world.small.signing = algorithm, key(kind)
        assert world.signed_in()["token"], algorithm


def test_a_provider_that_asks_for_less(world: World) -> None:
    world.bound()
    world.small.discovery = {
        "authorization_response_iss_parameter_supported": False,
        "end_session_endpoint": None,
        "authorization_endpoint": f"{ISSUER}/authorize?tenant=lz",
    }
    world.small.auth = ("client_secret_post",)
    world.small.header = {"kid": None}
    world.again(acr="", max_age=0)
    assert world.signed_in(iss="")["end_address"] == ""
    address = world.signing.begun()["address"]
    assert dict(parse_qsl(urlsplit(address).query))["tenant"] == "lz"


def test_the_node_proves_itself_by_its_key(world: World) -> None:
    world.bound()
    world.small.auth, world.small.client_key = ("private_key_jwt",), key("EC", "client")
    world.again(secret="", key=key("EC", "client"))
    for _ in range(2):
        assert world.signed_in()["token"]
    first, second = world.small.assertions
    assert (first["iss"], first["sub"], first["aud"]) == (CLIENT, CLIENT, ISSUER)
    assert first["jti"] != second["jti"]
    assert first["exp"] - first["iat"] <= 60


# ---------------------------------------------------------------------- lies about the provider


DISCOVERED: Final[tuple[dict[str, Any], ...]] = (
    {"issuer": "https://evil.example"},
    {"issuer": ISSUER + "/"},
    {"token_endpoint": "http://127.0.0.1:5432/token"},
    {"jwks_uri": "http://sso.luzhou.example/keys"},
    {"authorization_endpoint": "https://user@sso.luzhou.example/"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": None},
    {"token_endpoint_auth_methods_supported": ["none"]},
    {"token_endpoint_auth_methods_supported": "client_secret_basic"},
)


def test_oi1_a_provider_that_says_otherwise_is_not_asked(world: World) -> None:
    for lie in DISCOVERED:
        world.anew()
        world.small.discovery = lie
        assert (lie, code_of(world.signing.begun)) == (lie, "access.provider-silent")
        assert world.small.asked == ["/.well-known/openid-configuration"]


def test_oi1_what_it_says_of_itself_is_kept_for_an_hour(world: World) -> None:
    world.bound()
    for _ in range(3):
        world.signed_in()
    assert world.small.asked.count("/.well-known/openid-configuration") == 1
    assert world.small.asked.count("/keys") == 1
    world.node.clock.seconds += identity_provider.KEPT_SECONDS + 1
    world.signed_in()
    assert world.small.asked.count("/.well-known/openid-configuration") == 2
    assert world.small.asked.count("/keys") == 2


def test_oi2_what_goes_out_is_hashed_random_and_leads_back_here(world: World) -> None:
    first, second = (
        dict(parse_qsl(urlsplit(world.signing.begun()["address"]).query)) for _ in "12"
    )
    assert first["redirect_uri"] == BACK
    assert (first["response_type"], first["scope"]) == ("code", "openid")
    assert first["code_challenge_method"] == "S256"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) == 43
        assert first[name] != second[name]
    assert {"max_age", "acr_values", "client_secret", "code_verifier"}.isdisjoint(first)
    world.again(max_age=600, acr="loa3")
    asked = dict(parse_qsl(urlsplit(world.signing.begun()["address"]).query))
    assert (asked["max_age"], asked["acr_values"]) == ("600", "loa3")


def test_oi2_a_code_without_the_proof_of_who_began_opens_nothing(world: World) -> None:
    """A code that was stolen on its way: another browser began, and has another proof."""
    world.bound()
    theirs = world.small.sent(world.signing.begun()["address"])
    assert world.refused(code=theirs["code"]) == "access.provider-refused"


def test_oi3_what_another_provider_answered_is_not_taken_there(world: World) -> None:
    world.bound()
    for said in ("https://evil.example", "", ISSUER + "/"):
        assert (said, world.refused(iss=said)) == (said, "access.provider-token")
    assert "/token" not in world.small.asked
    world.small.discovery = {"authorization_response_iss_parameter_supported": False}
    world.again()
    assert world.refused(iss="https://evil.example") == "access.provider-token"
    assert world.signed_in(iss="")["token"]


def test_oi4_a_code_is_exchanged_once(world: World) -> None:
    world.bound()
    came = world.back()
    assert world.signing.opened(came)["token"]
    assert code_of(world.signing.opened, came) == "access.provider-stale"
    assert world.small.asked.count("/token") == 1


def test_oi4_where_the_provider_gives_no_token_nobody_is_let_in(world: World) -> None:
    world.bound()
    for status, answer in (
        (400, {"error": "invalid_grant"}),
        (200, {"error": "temporarily_unavailable"}),
        (200, {"id_token": None}),
        (200, {"id_token": 7}),
        (500, {"error": "<script>" * 100}),
    ):
        world.small.status, world.small.answered = status, answer
        with pytest.raises(RefusedError) as error:
            world.signed_in()
        assert error.value.code == "access.provider-refused", answer
        assert "script" not in str(error.value)


def test_oi4_a_key_that_is_new_there_is_read_at_most_once_a_minute(world: World) -> None:
    world.bound()
    world.signed_in()
    world.small.signing = key("RSA", "2")
    world.small.published.append(world.small.signing)
    assert world.refused() == "access.provider-token"
    assert world.small.asked.count("/keys") == 1
    world.node.clock.seconds += identity_provider.AGAIN_SECONDS
    assert world.signed_in()["token"]
    world.small.signing = key("RSA", "3")
    for _ in range(3):
        assert world.refused() == "access.provider-token"
    assert world.small.asked.count("/keys") == 2


# ---------------------------------------------------------------------- lies of a token


def hmac_by_the_public_key(world: World) -> None:
    """The old confusion: an HMAC whose secret is the published key, as PEM."""
    public = key("RSA").as_pem(private=False)
    world.small.header = {"alg": "HS256"}
    world.small.by_hand = lambda said: hmac.digest(public, said, "sha256")


def unsigned(world: World) -> None:
    world.small.algorithm, world.small.header = "none", {"kid": key("RSA").kid}


def another_key_of_that_name(world: World) -> None:
    world.small.signing = key("RSA", "thief")
    world.small.header = {"kid": key("RSA").kid}


def its_own_key(world: World) -> None:
    thief = key("RSA", "thief")
    world.small.signing = thief
    world.small.header = {"kid": key("RSA").kid, "jwk": thief.as_dict(private=False)}


def small_key(world: World) -> None:
    world.small.signing = key("small")
    world.small.published = [key("small")]
    world.small.by_hand = partial(rsa_signed, key("small"))


def no_key_at_all(world: World) -> None:
    world.small.published = []


def which_of_two(world: World) -> None:
    world.small.published = [key("RSA"), key("RSA", "2")]
    world.small.header = {"kid": None}


def kind_of_another(world: World) -> None:
    world.small.algorithm, world.small.signing = "ES256", key("EC")
    world.small.header = {"kid": key("RSA").kid}


def critical(world: World) -> None:
    world.small.header = {"crit": ["exp"], "exp": 1}
    world.small.by_hand = partial(rsa_signed, key("RSA"))


def test_oi5_a_token_that_the_provider_did_not_sign_opens_nothing(world: World) -> None:
    world.bound()
    lies: tuple[Callable[[World], None], ...] = (
        hmac_by_the_public_key,
        unsigned,
        another_key_of_that_name,
        its_own_key,
        small_key,
        no_key_at_all,
        which_of_two,
        kind_of_another,
        critical,
    )
    for lie in lies:
        world.anew()
        lie(world)
        assert (lie, world.refused()) == (lie, "access.provider-token")
    assert world.results() == [("session refused", ())] * len(lies)


def test_oi5_what_is_no_token_opens_nothing(world: World) -> None:
    world.bound()
    for said in ("", "a", "a.b.c", "e30.e30.", "é.é.é", "e30." * 5, "[]"):
        world.small.answered = {"id_token": said}
        assert (said, world.refused()) == (said, "access.provider-token")


def test_oi5_claims_are_an_object(world: World) -> None:
    world.bound()
    signed = jws.serialize_compact(
        {"alg": "RS256", "kid": key("RSA").kid}, b"[1]", key("RSA"), ["RS256"]
    )
    world.small.answered = {"id_token": signed}
    assert world.refused() == "access.provider-token"


def test_oi5_keys_for_sealing_and_private_ones_are_not_looked_at() -> None:
    one: dict[str, Any] = {"kty": "RSA", "kid": "a"}
    said = {"keys": [one, one | {"use": "enc"}, one | {"d": "x"}, "x", one | {"use": "sig"}]}
    assert keys_of(said) == (one, one | {"use": "sig"})
    assert keys_of({"keys": {}}) == keys_of({}) == ()
    assert len(keys_of({"keys": [one] * 1000})) == 64


CLAIMED: Final[tuple[dict[str, Any], ...]] = (
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": "another"},
    {"aud": None},
    {"aud": []},
    {"aud": [CLIENT, "another"]},
    {"aud": [CLIENT, "another"], "azp": "another"},
    {"azp": "another"},
    {"nonce": "another"},
    {"nonce": None},
    {"sub": None},
    {"sub": ""},
    {"sub": 417},
    {"sub": "x" * 256},
    {"sub": "泸州"},
    {"exp": None},
    {"exp": "soon"},
    {"exp": True},
    {"iat": None},
)


def test_oi6_a_token_for_another_opens_nothing(world: World) -> None:
    world.bound()
    for claims in CLAIMED:
        world.small.claims = claims
        assert (claims, world.refused()) == (claims, "access.provider-token")


def test_oi6_several_audiences_count_where_this_node_is_the_party(world: World) -> None:
    world.bound()
    world.small.claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert world.signed_in()["token"]


def test_oi7_a_token_counts_at_its_time(world: World) -> None:
    world.bound()
    now = world.node.clock.at
    claims: dict[str, Any]
    for claims in (
        {"exp": now - LEEWAY_SECONDS},
        {"iat": now + LEEWAY_SECONDS + 1},
        {"iat": now - LEEWAY_SECONDS - 1},
    ):
        world.small.claims = claims
        assert world.refused() == "access.provider-clock"
    for claims in (
        {"exp": now - LEEWAY_SECONDS + 1},
        {"iat": now + LEEWAY_SECONDS},
        {"iat": now - LEEWAY_SECONDS},
        {"exp": now + 0.5},
    ):
        world.small.claims = claims
        assert world.signed_in()["token"]


def test_oi7_who_signed_in_there_long_ago_or_otherwise_signs_in_anew(world: World) -> None:
    world.bound()
    now = world.node.clock.at
    world.again(max_age=600)
    world.small.claims = {"auth_time": now - 600 - LEEWAY_SECONDS}
    assert world.signed_in()["token"]
    world.small.claims = {"auth_time": now - 601 - LEEWAY_SECONDS}
    assert world.refused() == "access.provider-acr"
    world.small.claims = {"auth_time": None}
    assert world.refused() == "access.provider-token"
    world.again(max_age=0, acr="loa3")
    for acr in ("loa2", None, ["loa3"]):
        world.small.claims = {"acr": acr}
        assert world.refused() == "access.provider-acr"
    world.small.claims = {"acr": "loa3"}
    assert world.signed_in()["token"]


# ---------------------------------------------------------------------- who is let in


def test_oi8_for_whom_no_account_was_bound_is_told_so_and_not_let_in(world: World) -> None:
    world.bound(subject="another")
    with pytest.raises(RefusedError) as error:
        world.signed_in()
    assert error.value.code == "access.provider-unbound"
    assert SUBJECT in str(error.value)
    assert world.results() == [("session refused", ())]


def test_oi8_an_account_is_bound_to_one_issuer(world: World) -> None:
    world.bound()
    world.small.issuer = "https://new.example"
    world.again(issuer="https://new.example")
    assert world.refused() == "access.provider-unbound"


def test_oi8_an_account_is_of_one_kind(world: World) -> None:
    world.bound()
    world.node.ready("赵六")
    local = world.node.access.local()
    assert code_of(world.node.sign_in, NAME, NEW) == "access.sign-in"
    assert code_of(world.node.sign_in, NAME, "", code="") == "access.sign-in"
    assert code_of(world.node.accounts.reset, local, NAME, "张某") == "access.account"
    world.small.subject = "赵六".encode().hex()
    assert world.refused() == "access.provider-unbound"
    kinds = {one["name"]: one["subject"] for one in world.node.accounts.listed(local)}
    assert kinds == {NAME: SUBJECT, "赵六": ""}


def test_oi8_a_revoked_and_an_expired_account_open_nothing(world: World) -> None:
    world.bound()
    opened = world.signed_in()
    world.node.accounts.revoked(world.node.access.local(), NAME, "张某")
    assert code_of(world.node.access.asker_of_token, opened["token"]) in (
        "access.revoked",
        "access.unknown",
    )
    assert world.refused() == "access.revoked"
    assert world.results()[-1] == ("session refused", (NAME,))
    again = world.bound("王五二（演示）")
    assert world.signed_in()["account"]["credential"] == again["credential"]
    world.node.clock.at += 10 * 366 * 86_400
    assert world.refused() in ("access.expired", "access.revoked")


def test_oi8_nobody_has_two_accounts_that_count(world: World) -> None:
    world.bound()
    assert code_of(world.bound, "另一个") == "access.account"
    names = [one["name"] for one in world.node.accounts.listed(world.node.access.local())]
    assert names == [NAME]
    for bad in ("泸州", "x" * 256, "a\nb"):
        assert not is_subject(bad)
        assert code_of(world.bound, "另一个", bad) == "access.account"
    world.node.provider = ""
    world.node.again()
    assert code_of(world.bound, "另一个", "another") == "access.account"


def test_oi8_an_account_revoked_while_its_person_signs_in_opens_nothing(world: World) -> None:
    world.bound()
    came, asked = world.back(), world.small.post

    def meanwhile(*args: Any) -> Any:
        world.node.accounts.revoked(world.node.access.local(), NAME, "张某")
        return asked(*args)

    world.small.post = meanwhile  # type: ignore[method-assign, assignment] # between asking and the answer
    assert code_of(world.signing.opened, came) == "access.revoked"


def test_oi8_an_account_revoked_after_it_was_looked_at_opens_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bound()
    credentials = world.node.access.credentials
    counting = credentials.counting

    def meanwhile(credential: str) -> Credential:
        found = counting(credential)
        monkeypatch.undo()
        world.node.accounts.revoked(world.node.access.local(), NAME, "张某")
        return found

    monkeypatch.setattr(credentials, "counting", meanwhile)
    assert world.refused() == "access.revoked"
    assert world.results()[-1] == ("session refused", (NAME,))


# ---------------------------------------------------------------------- one browser, once, in time


def test_oi9_what_was_begun_elsewhere_is_not_finished_here(world: World) -> None:
    """Signing a victim in as the attacker: its browser has no ticket of that sign-in."""
    world.bound()
    theirs = world.back()
    mine = world.signing.begun()["ticket"]
    for ticket in ("", "x", mine, mine[:-2], "é", theirs.ticket[:-4] + "AAAA"):
        came = CameBack(ticket=ticket, state=theirs.state, code=theirs.code, issuer=ISSUER)
        assert code_of(world.signing.opened, came) == "access.provider-stale"
    assert "/token" not in world.small.asked
    assert world.results() == []
    assert world.signing.opened(theirs)["token"]


def test_oi9_a_ticket_counts_ten_minutes_and_until_a_restart(world: World) -> None:
    world.bound()
    late = world.back()
    world.node.clock.seconds += TICKET_SECONDS + 1
    assert code_of(world.signing.opened, late) == "access.provider-stale"
    before = world.back()
    world.again()
    assert code_of(world.signing.opened, before) == "access.provider-stale"
    in_time = world.back()
    world.node.clock.seconds += TICKET_SECONDS
    assert world.signing.opened(in_time)["token"]


def test_oi9_a_ticket_says_nothing_and_what_is_used_is_remembered_in_bounds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bound()
    begun = world.signing.begun()
    asked = dict(parse_qsl(urlsplit(begun["address"]).query))
    assert asked["state"] not in begun["ticket"]
    monkeypatch.setattr(provider_sessions, "USED_MAX", 2)
    for _ in range(2):
        world.signed_in()
    assert world.refused() == "access.busy"
    world.node.clock.seconds += TICKET_SECONDS + 1
    assert world.signed_in()["token"]


def test_oi9_refusals_of_strangers_fill_no_log_and_say_nothing_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_sessions, "UNKNOWN_KEPT", 3)
    world.bound(subject="another")
    everybody = [world.back() for _ in range(5)]
    with capture_logs() as logs:
        for came in everybody:
            assert code_of(world.signing.opened, came) == "access.provider-unbound"
    assert len(world.results()) == 3
    said = json.dumps(logs, default=str) + repr(world.node.entries())
    last = everybody[-1]
    for secret in (SUBJECT, last.code, last.state, last.ticket, SECRET):
        assert secret not in said


def test_an_error_of_the_provider_is_told_and_its_words_only_where_they_are_a_code(
    world: World,
) -> None:
    for said, shown in (("access_denied", True), ("<b>evil</b>", False), ("x" * 200, False)):
        came = world.back(error=said, code="")
        with pytest.raises(RefusedError) as error:
            world.signing.opened(came)
        assert error.value.code == "access.provider-refused"
        assert (said in str(error.value)) == shown
    assert world.refused(code="") == "access.provider-refused"
    assert world.small.asked.count("/token") == 0


def test_a_provider_that_is_silent_is_left_in_peace_for_a_while(world: World) -> None:
    world.small.failing = ProviderError("sso: no answer")
    assert code_of(world.signing.begun) == "access.provider-silent"
    world.small.failing = None
    assert code_of(world.signing.begun) == "access.provider-silent"
    world.node.clock.seconds += identity_provider.QUIET_SECONDS
    world.bound()
    came = world.back()
    world.small.failing = ProviderError("sso: no answer")
    assert code_of(world.signing.opened, came) == "access.provider-silent"
    assert world.results() == []


def test_where_no_provider_is_configured_nobody_is_sent_anywhere(world: World) -> None:
    off = world.signing_by(None)
    assert code_of(off.begun) == "access.provider-off"
    assert code_of(off.opened, CameBack(ticket="", state="")) == "access.provider-off"


def test_two_at_a_time_wait_for_the_provider(world: World) -> None:
    """The third is told to come again, and what waits is let in all the same."""
    world.bound()
    codes: list[str] = []
    last, asked = world.back(), world.small.get
    nested = [world.back()]

    def waiting(url: str) -> dict[str, Any]:
        if url.endswith("/keys"):
            if nested:
                world.signing.opened(nested.pop())
            else:
                codes.append(code_of(world.signing.begun))
        return asked(url)

    world.small.get = waiting  # type: ignore[method-assign] # while it is asked
    assert world.signing.opened(last)["token"]
    assert set(codes) == {"access.busy"}
    assert world.signing.begun()
