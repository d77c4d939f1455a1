"""huxin.toml: safe defaults, strict keys, messages that say what to mend.

Covers node/directory/config_file.py.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from federation.errors import RefusedError
from federation.ids import CharterId, Origin
from node.directory.config import (
    Config,
    ConfigError,
    Environment,
    NodeSection,
    SourceSection,
    load_config,
    parse_config,
)
from node.directory.config_file import add_pin, default_config

NODE = """
[node]
region = "510500"
name = "泸州（演示）"
origin = "510500.huxin.example/1"
"""
PIN = CharterId(bytes(range(32)))


def parse(extra: str = "", tmp_path: Path = Path("/n")) -> Config:
    return parse_config(NODE + extra, tmp_path)


def written(directory: Path) -> Config:
    text = default_config(
        directory,
        region="510500",
        name='泸州 "一号" \\ \x7f',
        role="hub",
        origin=Origin("510500.huxin.example/1"),
        listen="0.0.0.0:0",
        advertise="node.example:7443",
    )
    (directory / "huxin.toml").write_text(text, "utf-8")
    return load_config(directory)


def test_everything_but_the_node_has_a_default() -> None:
    config = parse()
    assert config.timing.stale_after_seconds == 86_400
    assert 1 <= config.timing.head_seconds <= 60  # at least every minute (SPEC §3.5)
    assert config.database_url == "sqlite:////n/huxin.db"
    assert config.pins == ()
    assert (config.node_name, config.origin) == ("510500.huxin.example", "510500.huxin.example/1")
    assert config.keys_directory == Path("/n/keys")
    assert config.charters_directory == Path("/n/charters")
    assert config.state_directory == Path("/n/state")
    assert (config.inbox, config.outbox) == (Path("/n/inbox"), Path("/n/outbox"))


def test_the_written_file_holds_every_setting_with_its_default(tmp_path: Path) -> None:
    config = written(tmp_path)
    assert load_config(tmp_path) == config
    node = NodeSection(
        region="510500",
        name='泸州 "一号" \\ \x7f',
        role="hub",
        origin="510500.huxin.example/1",
    )
    assert config.node == node
    defaults = Config(directory=tmp_path, node=node)
    listen = defaults.listen.model_copy(
        update={"exchange": "0.0.0.0:0", "advertise": "node.example:7443"}
    )
    assert config == defaults.model_copy(update={"listen": listen})
    text = (tmp_path / "huxin.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    for name, section in Config.model_fields.items():
        if isinstance(section.annotation, type) and issubclass(section.annotation, BaseModel):
            settings = set(section.annotation.model_fields) - {"sources", "codes", "oidc"}  # tables
            assert settings == set(tables[name]), name


def test_every_setting_of_the_written_file_has_a_comment(tmp_path: Path) -> None:
    written(tmp_path)
    text = (tmp_path / "huxin.toml").read_text("utf-8")
    for block in re.split(r"\n(?=\[|#)", text):
        if re.search(r"^\w+ = ", block, re.MULTILINE):
            assert block.startswith(("#", "[")), block
    for section in re.split(r"^(?=\[)", text, flags=re.MULTILINE)[1:]:
        assert section.splitlines()[1].startswith("#"), section


def test_sources() -> None:
    config = parse(
        '[files.sources.court]\nauthorities = { "法院" = "a" }\n'
        'list_types = ["b"]\nmapping = "m.toml"\n'
    )
    assert config.files.sources["court"].authorities == {"法院": "a"}


@pytest.mark.parametrize(
    ("extra", "key"),
    [
        ("[timing]\nhed_seconds = 3\n", "timing.hed_seconds: expected no such key"),
        ("[surprise]\n", "surprise: expected no such key"),
        ("[timing]\nhead_seconds = 61\n", "timing.head_seconds: expected"),
        ("[timing]\nhead_seconds = 0\n", "timing.head_seconds: expected"),
        ('[timing]\nhead_seconds = "6"\n', "timing.head_seconds: expected"),
        ("[timing]\nhead_seconds = true\n", "timing.head_seconds: expected"),
        ('[listen]\nexchange = "host"\n', "listen.exchange: expected host:port"),
        ('[listen]\nexchange = "host:65536"\n', "listen.exchange: expected host:port"),
        ('[database]\nurl = "mysql://x"\n', "database.url: expected sqlite"),
        ('[alliance]\npins = ["ab"]\n', "alliance.pins.0: expected"),
        (
            '[files.sources.court]\nauthorities = { "法院" = "a" }\n',
            "files.sources.court: expected authorities and list_types",
        ),
    ],
)
def test_a_bad_setting_is_named(extra: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(extra)
    assert str(caught.value).startswith(f"/n/huxin.toml: {key}")
    assert "got" in str(caught.value)


@pytest.mark.parametrize("endpoint", ["", "0.0.0.0:0", "[::]:7443", "node.example:1"])
def test_endpoints(endpoint: str) -> None:
    assert parse(f'[listen]\nexchange = "{endpoint}"\n').listen.exchange == endpoint


@pytest.mark.parametrize(
    "host", ["0.0.0.1", "10.0.0.1", "[::]", "127.0.0.1.example", "city.example"]
)
def test_http_without_tls_is_for_this_machine_alone(host: str) -> None:
    assert parse('[http]\nlisten = "127.0.0.1:7480"').http.listen == "127.0.0.1:7480"
    assert parse(f'[http]\nlisten = "{host}:7480"\ncert = "a"\nkey = "b"').http.cert == "a"
    with pytest.raises(ConfigError, match="without TLS only"):
        parse(f'[http]\nlisten = "{host}:7480"')
    with pytest.raises(ConfigError, match="cert and key"):
        parse('[http]\ncert = "a"')


OIDC = """
[http]
console = true
origin = "https://credit.example"

[http.oidc]
issuer = "https://sso.example/realms/lz"
client_id = "huxin"
"""


def test_an_identity_provider_has_an_address_a_name_and_one_proof() -> None:
    found = parse(OIDC + 'client_secret_file = "s"').http.oidc
    assert found is not None
    assert (found.name, found.max_age_seconds, found.acr) == ("统一身份认证", 28_800, "")
    local = OIDC.replace("https://sso.example", "http://127.0.0.1:8080")
    assert parse(local + 'client_key_file = "k"').http.oidc
    for origin in ("http://127.0.0.1:7480", "http://localhost"):
        assert parse(f'[http]\norigin = "{origin}"').http.origin == origin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OIDC, "client_secret_file or client_key_file"),
        (
            OIDC + 'client_secret_file = "s"\nclient_key_file = "k"',
            "client_secret_file or client_key_file",
        ),
        (OIDC.replace("console = true", "") + 'client_secret_file = "s"', "console = true and"),
        (OIDC.replace("origin =", "# =") + 'client_secret_file = "s"', "console = true and origin"),
        (OIDC.replace("https://sso", "http://sso"), "https://HOST/PATH"),
        (OIDC.replace("https://sso", "https://a@sso"), "https://HOST/PATH"),
        (OIDC.replace("/lz", "/lz?a=b"), "https://HOST/PATH"),
        (OIDC.replace("/lz", "/泸州"), "https://HOST/PATH"),
        (OIDC.replace('"huxin"', '""'), "client_id"),
        ('[http]\norigin = "http://credit.example"', "origin"),
    ],
)
def test_an_identity_provider_that_cannot_be_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert expected in str(caught.value)


def test_logs_without_tls_are_for_this_machine_alone() -> None:
    assert parse('[logs]\nlisten = "0.0.0.0:7490"').logs.listen == "0.0.0.0:7490"
    assert parse('[logs]\nlisten = "127.0.0.1:7490"\nplain = true').logs.plain
    with pytest.raises(ConfigError, match="without TLS only"):
        parse('[logs]\nlisten = "0.0.0.0:7490"\nplain = true')
    with pytest.raises(ConfigError, match="plain = true, or cert"):
        parse('[logs]\nplain = true\ncert = "a"\nkey = "b"')
    with pytest.raises(ConfigError, match="cert and key"):
        parse('[logs]\ncert = "a"')


def test_no_node_section() -> None:
    with pytest.raises(ConfigError, match=r"node: expected a value"):
        parse_config("", Path("/n"))


@pytest.mark.parametrize("content", [b"[", b"\xff"])
def test_not_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "huxin.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / "huxin.toml"))):
        load_config(tmp_path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="huxin init"):
        load_config(tmp_path)


def test_the_configuration_does_not_change() -> None:
    with pytest.raises(ValidationError):
        parse().node.region = "510300"


def test_a_bad_value_of_a_new_node_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        default_config(
            tmp_path,
            region="51",
            name="n",
            role="city",
            origin=Origin("a/1"),
            listen="127.0.0.1:0",
        )


def test_pins_are_added_in_order_and_nothing_else_changes(tmp_path: Path) -> None:
    before = written(tmp_path)
    path = tmp_path / "huxin.toml"
    path.write_text(path.read_text("utf-8") + "# the operator's own remark\n", "utf-8")
    add_pin(tmp_path, PIN)
    other = CharterId(bytes(32))
    config = add_pin(tmp_path, other)
    assert config.pins == (PIN, other)
    assert add_pin(tmp_path, PIN) == config == load_config(tmp_path)
    assert config.model_copy(update={"alliance": before.alliance}) == before
    assert "own remark" in path.read_text("utf-8")


@pytest.mark.parametrize("extra", ["", "[alliance]\n", "[alliance]\npins=[ ]\n[limits]\n"])
def test_pins_are_added_to_a_short_file(tmp_path: Path, extra: str) -> None:
    (tmp_path / "huxin.toml").write_text(NODE + extra, "utf-8")
    assert add_pin(tmp_path, PIN).pins == (PIN,)
    assert load_config(tmp_path).pins == (PIN,)


@pytest.mark.parametrize("extra", ["alliance = {}\n", "[alliance]\n[limits]\n"])
def test_another_form_is_left_to_the_operator(tmp_path: Path, extra: str) -> None:
    path = tmp_path / "huxin.toml"
    text = extra + NODE if extra.startswith("alliance") else NODE + extra
    path.write_text(text, "utf-8")
    with pytest.raises(RefusedError) as caught:
        add_pin(tmp_path, PIN)
    assert caught.value.code == "config.pins"
    assert PIN.hex() in str(caught.value)
    assert path.read_text("utf-8") == text


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUXIN_DIR", raising=False)
    monkeypatch.delenv("HUXIN_FAILPOINT", raising=False)
    assert (Environment().dir, Environment().failpoint) == (Path(), "")
    monkeypatch.setenv("HUXIN_DIR", "/n")
    monkeypatch.setenv("HUXIN_FAILPOINT", "publish.sign")
    assert (Environment().dir, Environment().failpoint) == (Path("/n"), "publish.sign")


@pytest.mark.parametrize(
    ("name", "authorities", "title"),
    [
        ("泸州市法院（演示）", {"a": "510500-a", "b": "510500-b"}, "泸州市法院（演示）"),
        ("", {"甲法院（演示）": "510500-a"}, "甲法院（演示）"),
        ("", {"甲（演示）": "510500-a", "乙（演示）": "510500-b"}, "甲（演示） 等 2 个单位"),
        ("", {}, "court"),
    ],
)
def test_a_source_is_called_by_its_name_or_for_whom_it_speaks(
    name: str, authorities: dict[str, str], title: str
) -> None:
    section = SourceSection(name=name, authorities=authorities, list_types=())
    assert section.title("court") == title
