"""A platform's service that is down, slow, refusing or false."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.files.outbox import OutboxRow
from adapters.platform.errors import PlatformError
from adapters.platform.service import ServicePlatform
from federation.ids import Origin
from federation.statements import Kind
from node.directory.config import ConfigError, PlatformSection
from node.platform.platforms import open_platform
from tests.support.outlets import Told
from tests.support.platform_service import PlatformService
from tests.support.tls import holder

ORIGIN = Origin("510500.huxin.example/1")
NAME = "泸州示例（演示）"
ROW = OutboxRow(
    index=3, kind=Kind.LISTING, statement_id="00" * 16, state="active", subject_name=NAME
)


@pytest.fixture
def service() -> Iterator[PlatformService]:
    with PlatformService() as running:
        yield running


def platform(service: PlatformService, **changes: str) -> ServicePlatform:
    token = changes.pop("token", service.token)
    return ServicePlatform(service.url, token=token, first_pause=0.0, **changes)


def test_nothing_of_a_subject_stands_outside_the_body(service: PlatformService) -> None:
    platform(service).tell(ORIGIN, [ROW], 7)
    assert service.keys == [f"{ORIGIN}:3-3:7"]
    assert service.paths == ["/huxin"]
    assert NAME not in str(service.headers).encode("latin-1", "replace").decode("latin-1")
    assert service.newest()[ORIGIN, 3]["subject_name"] == NAME


@pytest.mark.parametrize("first", [[503], [429, 500], [0], [0, 0]])
def test_what_may_pass_is_tried_again_and_told_once(
    service: PlatformService, first: list[int]
) -> None:
    service.statuses = list(first)
    platform(service).tell(ORIGIN, [ROW], 1)
    assert len(service.told) == 1
    assert len(service.headers) == len(first) + 1
    assert {headers["Idempotency-Key"] for headers in service.headers} == {f"{ORIGIN}:3-3:1"}


@pytest.mark.parametrize(
    ("status", "code", "attempts"),
    [
        (500, "platform.unreachable", 3),
        (429, "platform.unreachable", 3),
        (507, "platform.full", 1),
        (400, "platform.refused", 1),
        (403, "platform.refused", 1),
        (307, "platform.refused", 1),
    ],
)
def test_each_status_has_its_meaning(
    service: PlatformService, status: int, code: str, attempts: int
) -> None:
    service.statuses = [status] * 9
    with pytest.raises(PlatformError) as caught:
        platform(service).tell(ORIGIN, [ROW], 1)
    assert caught.value.code == code
    assert len(service.headers) == attempts  # and no redirect was followed
    assert NAME not in str(caught.value)


def test_nobody_listens(service: PlatformService) -> None:
    away = ServicePlatform("http://127.0.0.1:1/x", token=service.token, first_pause=0.0)
    with pytest.raises(PlatformError) as caught:
        away.tell(ORIGIN, [ROW], 1)
    assert caught.value.code == "platform.unreachable"
    assert service.token not in str(caught.value)


def test_a_wrong_token_is_refused(service: PlatformService) -> None:
    with pytest.raises(PlatformError, match="401") as caught:
        platform(service, token="other").tell(ORIGIN, [ROW], 1)
    assert caught.value.code == "platform.refused"


def test_a_certificate_counts_only_by_an_authority_that_is_named(tmp_path: Path) -> None:
    made = holder("localhost")
    pem = tmp_path / "service.pem"
    pem.write_bytes(made.identity.key_pem + made.identity.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with PlatformService(context) as service:
        by_address = service.url
        service.url = by_address.replace("127.0.0.1", "localhost")
        with pytest.raises(PlatformError) as caught:
            platform(service).tell(ORIGIN, [ROW], 1)
        assert caught.value.code == "platform.refused"
        assert not service.headers
        platform(service, ca_file=str(pem)).tell(ORIGIN, [ROW], 1)
        service.url = by_address  # a name that the certificate does not have
        with pytest.raises(PlatformError, match="TLS"):
            platform(service, ca_file=str(pem)).tell(ORIGIN, [ROW], 2)


def test_what_waits_goes_when_the_service_is_back(service: PlatformService) -> None:
    said = Told()
    job = said.delivery(platform(service))
    said.say({0: "active"})
    service.statuses = [400]
    assert (job.run(), job.report()["fault"]) == (0, "platform.refused")
    assert (job.run(), job.report()["fault"]) == (1, "")
    assert len(service.told) == 1


def test_token_and_authorities_come_from_files(tmp_path: Path) -> None:
    section = PlatformSection(url="https://city.example/x", password_file="token")
    with pytest.raises(ConfigError, match="readable file"):
        open_platform(tmp_path, "city", section, {})
    assert isinstance(
        open_platform(tmp_path, "city", section, {"city": SecretStr("abc")}), ServicePlatform
    )
    with pytest.raises(ConfigError, match="printable ASCII"):
        open_platform(tmp_path, "city", section, {"city": SecretStr("a\r\nX: y")})
    section = PlatformSection(url="https://city.example/x", ca_file="none.pem")
    with pytest.raises(ConfigError, match="ca_file"):
        open_platform(tmp_path, "city", section, {})
