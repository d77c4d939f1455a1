"""What the soak `wheelhouse` runs: the page's commands, and a stand-in that knows every setting.

Covers docs/zh/operations/install.md, tests/support/installed.py and the stand-in for systemctl.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.support import installed

ROOT = Path(__file__).parents[2]


def test_the_page_has_commands_for_both_machines() -> None:
    here, there = installed.shown()
    assert here == ["deploy/wheelhouse/build --out wheels"]
    assert there[0] == "cd wheels && ./install --to /opt/huxin"
    assert any(line.startswith("systemctl enable --now huxin@") for line in there)
    assert " status " in there[-1]


def test_what_the_page_takes_from_the_folder_is_packed_into_it() -> None:
    """The machine without a network has no checkout: only what was carried over."""
    build = (ROOT / "deploy" / "wheelhouse" / "build").read_text("utf-8")
    (packed,) = re.findall(r"^for part in (.*); do$", build, re.MULTILINE)
    page = installed.PAGE.read_text("utf-8").partition("## 容器")[0]
    named = re.findall(r"(?<![\w./-])((?:systemd|nginx|monitoring|logrotate)/[\w@.-]+)", page)
    assert {"systemd/huxin@.service", "nginx/departments.conf"} <= set(named)
    for name in named:
        assert name.partition("/")[0] in packed.split()
        assert (ROOT / "deploy" / name).is_file(), name


def test_the_stand_in_knows_each_setting_of_the_unit() -> None:
    stand_in = (ROOT / "tests" / "support" / "stand_in_systemctl.py").read_text("utf-8")
    known = set(re.findall(r'"([A-Z]\w+)"', stand_in))
    text = (ROOT / "deploy" / "systemd" / "huxin@.service").read_text("utf-8")
    settings = set(re.findall(r"^(\w+)=", text, re.MULTILINE))
    assert settings - known == set()
