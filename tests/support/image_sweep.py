"""The container image, built and run without an engine: `python -m tests.support.image_sweep`.

No registry of images is asked and no engine is needed. The steps of `deploy/image/Containerfile`
are carried out one by one, as the file says them, over the root of a Debian 12 from debootstrap:
its base, `debian:12-slim`, is such a root with fewer documents. An instruction that is not known
here ends the sweep; none is passed over. Then a node lives in what was built, closed as the service
`x-node` of `compose.yaml` says: namespaces of its own without a network but the loopback, the root
read-only, its directory and a small /tmp the only places to write, the image's user, no
capabilities. `huxin init`, the image's own command, its health check and its stop signal are what
an engine would run; between them it is tried to write where nothing may be written.

It needs root, debootstrap, unshare and a mirror (`MIRROR`, else Debian's), and the package registry
for the wheels. The last line is JSON, as `soak/kinds.py` wants it.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support import bare_sweep, installed

ROOT: Final = Path(__file__).parents[2]
IMAGE: Final = ROOT / "deploy" / "image"
BASE: Final = "debian:12-slim"
"""What the root of debootstrap stands for."""
TOOLS: Final = (*bare_sweep.TOOLS, "ip", "setpriv")
SECONDS: Final = 60
"""For the node to answer, and for it to stop."""


@dataclass
class Image:
    """What a definition says, in its order."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    """RUN and COPY."""
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""
    volume: str = ""
    from_: str = ""
    stopsignal: str = ""
    entrypoint: list[str] = field(default_factory=list)
    cmd: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def read(text: str) -> Image:
    """Read a definition.

    Raises:
        ValueError: an instruction that is not known here.
    """
    image, arguments = Image(), dict[str, str]()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        name, rest = [*line.split(maxsplit=1), "", ""][:2]
        for key, value in arguments.items():
            rest = rest.replace(f"${{{key}}}", value)
        if name == "ARG":
            key, _, value = rest.partition("=")
            arguments[key] = value
        elif name in ("RUN", "COPY"):
            image.steps.append((name, rest))
        elif name == "ENV":
            image.environment |= dict(word.split("=", 1) for word in shlex.split(rest))
        elif name == "HEALTHCHECK":
            image.health = json.loads(rest.partition("CMD ")[2])
        elif name in ("ENTRYPOINT", "CMD"):
            setattr(image, name.lower(), json.loads(rest))
        elif name in ("FROM", "USER", "VOLUME", "STOPSIGNAL"):
            setattr(image, {"FROM": "from_"}.get(name, name.lower()), rest)
        elif name not in ("", "EXPOSE"):
            message = f"expected an instruction that is carried out here, got {name}"
            raise ValueError(message)
    return image


def closing() -> dict[str, Any]:
    """How a node's container is closed, by the compose file."""
    composed = yaml.safe_load((IMAGE / "compose.yaml").read_text("utf-8"))
    node: dict[str, Any] = composed["x-node"]
    return node


def main() -> int:
    """Build the image and let a node live in it; the last line is JSON."""
    image = read((IMAGE / "Containerfile").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="huxin-image-") as name:
        folder = Path(name)
        try:
            root = bare_sweep.bare_root(folder, (), TOOLS)
        except bare_sweep.NotHereError as error:
            print(error)
            return bare_sweep.REFUSED
        installed.packed(folder)
        build(image, root, folder)
        failed = live(image, root, folder)
    said = {"seeds": 1, "failed_seeds": [0] if failed else [], "steps": len(image.steps)}
    print(json.dumps(said))
    return 0


def build(image: Image, root: Path, context: Path) -> None:
    """Carry out the steps over a root; a step that fails ends the sweep."""
    assert image.from_ == BASE, f"expected {BASE}, got {image.from_}"
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    for kind, text in image.steps:
        print(f"{kind} {text}", flush=True)
        if kind == "COPY":
            source, target = text.split()
            shutil.copytree(context / source, root / target.lstrip("/"), dirs_exist_ok=True)
            continue
        environment = [
            "env",
            "-i",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ]
        mounts = 'mount --rbind /dev "$0/dev"; mount -t proc proc "$0/proc"; exec chroot "$0" "$@"'
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", mounts]
        command = [*apart, str(root), *environment, "/bin/sh", "-c", text]
        subprocess.run(command, check=True, stderr=subprocess.STDOUT)


def live(image: Image, root: Path, folder: Path) -> bool:
    """Let a node live in the image, closed as the compose file says; whether something failed."""
    data = folder / "node"
    data.mkdir(mode=0o700)
    user, _, group = image.user.partition(":")
    shutil.chown(data, int(user), int(group))
    (root / "script").write_text(script(image), "utf-8")
    (tmpfs,) = closing()["tmpfs"]
    place, _, options = tmpfs.partition(":")
    closed = (
        "ip link set lo up; "
        'mount --rbind "$0" "$0"; mount --bind "$1" "$0$2"; '
        'mount -t tmpfs -o "$4" tmpfs "$0$3"; '
        'mount -t tmpfs -o size=1m,mode=755 tmpfs "$0/dev"; '
        'for one in null zero full random urandom tty; do : > "$0/dev/$one"; '
        'mount --bind "/dev/$one" "$0/dev/$one"; done; '
        'ln -s /proc/self/fd "$0/dev/fd"; mkdir "$0/dev/shm"; '
        'mount -t tmpfs -o size=64m,mode=1777 tmpfs "$0/dev/shm"; '
        'mount -t proc -o nosuid,nodev,noexec proc "$0/proc"; '
        'mount -o remount,bind,ro "$0"; cd "$0"; pivot_root . mnt; umount -l /mnt; '
        "exec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh /script"
    )
    apart = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
    paths = [str(root), str(data), image.volume, place, options]
    done = subprocess.run([*apart, "sh", "-ec", closed, *paths], check=False, timeout=20 * SECONDS)
    return done.returncode != 0


def script(image: Image) -> str:
    """What is run within, as its init; it ends with the first thing that is not as expected."""
    user, _, group = image.user.partition(":")
    node = closing()
    assert node["read_only"]
    assert node["user"] == image.user
    assert node["cap_drop"] == ["ALL"]
    assert node["security_opt"] == ["no-new-privileges:true"]
    as_user = shlex.join(
        [
            *("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"),
            *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "env", "-i"),
            *(f"{name}={value}" for name, value in image.environment.items()),
            "PATH=/usr/local/bin:/usr/bin:/bin",
        ]
    )
    init = ["init", image.volume, "--region", "510500", "--name", "泸州"]
    init += ["--listen", "127.0.0.1:7443", "--advertise", "luzhou.example:7443"]
    signal = image.stopsignal.removeprefix("SIG")
    return f"""set -eu
say() {{ echo "> $*"; }}
fail() {{ echo "failed: $*"; cat /tmp/serve.log || true; exit 1; }}

say huxin {init[0]}
{as_user} {shlex.join([*image.entrypoint, *init])} </dev/null

say "{" ".join(image.cmd)}"
{as_user} {shlex.join([*image.entrypoint, *image.cmd])} >/tmp/serve.log 2>&1 </dev/null &
node=$!

say health
for second in $(seq {SECONDS}); do
  if {as_user} {shlex.join(image.health)} >/tmp/health.json 2>/tmp/health.log; then break; fi
  kill -0 $node || fail "the node has ended"
  sleep 1
done
[ -s /tmp/health.json ] || fail "no health in {SECONDS} s: $(cat /tmp/health.log)"

say who it is
for pid in $(ls /proc | grep '^[0-9][0-9]*$'); do
  grep -q '/opt/huxin/bin/huxin' /proc/$pid/cmdline 2>/dev/null || continue
  grep -q '^Uid:.{user}.{user}.{user}.{user}$' /proc/$pid/status || fail "another user"
  grep -q '^CapEff:.0000000000000000$' /proc/$pid/status || fail "capabilities"
  grep -q '^CapBnd:.0000000000000000$' /proc/$pid/status || fail "capabilities to be had"
  grep -q '^NoNewPrivs:.1$' /proc/$pid/status || fail "new privileges"
done

say where it may write
for place in / /opt /opt/huxin/bin /etc /usr/bin /var/log /var/lib /srv/huxin /dev; do
  if {as_user} /bin/sh -c ": > $place/written" 2>/dev/null; then fail "$place may be written"; fi
done
{as_user} /bin/sh -c ': > /tmp/written' || fail "/tmp"
[ ! -e /opt/packed ] || fail "the wheels are still there"
command -v gcc && fail "a compiler" || true

say stop by {image.stopsignal}
kill -{signal} $node
for second in $(seq {SECONDS}); do kill -0 $node 2>/dev/null || break; sleep 1; done
code=0; wait $node || code=$?
[ $code -eq 0 ] || fail "stopped with $code"
grep -q '"node stops"' /tmp/serve.log || fail "not an orderly end"
ls -ld {image.volume} {image.volume}/keys
echo "> done"
"""


if __name__ == "__main__":
    sys.exit(main())
