"""Generate the Python code of the exchange specification into `protos/gen/`, and `openapi.json`.

Run by `make protos`; `make check` runs it with `--check` into a scratch folder and compares.

`buf/validate/validate.proto` (the vocabulary of the protovalidate rules) is not copied into this
repository: its descriptor is taken from the installed protovalidate distribution, so that rules
and validator are always of one version. The description of the HTTP interface is made from the
program's own tables (`node/web/openapi.py`).
"""

from __future__ import annotations

import filecmp
import json
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    timestamp_pb2,
)
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb  # no public accessor exists

HERE = Path(__file__).parent
GEN = HERE / "gen"
OPENAPI = HERE / "openapi.json"
VALIDATE = "buf/validate/validate.proto"


def _descriptor_set() -> bytes:
    """Return a FileDescriptorSet with validate.proto and what it imports."""
    result = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        module.DESCRIPTOR.CopyToProto(result.file.add())
    result.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    return result.SerializeToString()


def generate(out: Path) -> None:
    """Write the generated modules for all files below `protos/huxin` into `out`.

    Raises:
        SystemExit: protoc refused a file; its message is on standard error.
    """
    sources = sorted(str(p.relative_to(HERE)) for p in (HERE / "huxin").rglob("*.proto"))
    with tempfile.NamedTemporaryFile(suffix=".binpb") as descriptors:
        descriptors.write(_descriptor_set())
        descriptors.flush()
        code = protoc.main(
            [
                "protoc",
                f"--descriptor_set_in={descriptors.name}",
                f"-I{HERE}",
                f"-I{files('grpc_tools') / '_proto'}",
                f"--python_out={out}",
                f"--mypy_out=quiet:{out}",
                f"--grpc_python_out={out}",
                f"--mypy_grpc_out=quiet:{out}",
                VALIDATE,
                *sources,
            ]
        )
    if code != 0:
        raise SystemExit(code)
    for package in sorted({p.parent for p in out.rglob("*_pb2.py")}):
        for grpc_file in package.glob("*_pb2_grpc.py*"):
            if "Stub" not in grpc_file.read_text(encoding="utf-8"):
                grpc_file.unlink()


def openapi() -> str:
    """Return the description of the HTTP interface, as text."""
    from node.web.openapi import document  # noqa: PLC0415 - needs the code generated above

    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _differences(fresh: Path, committed: Path) -> list[str]:
    names = {p.relative_to(fresh) for p in fresh.rglob("*.py*")} | {
        p.relative_to(committed) for p in committed.rglob("*.py*") if "__pycache__" not in p.parts
    }
    return [
        str(name)
        for name in sorted(names)
        if not (fresh / name).is_file()
        or not (committed / name).is_file()
        or not filecmp.cmp(fresh / name, committed / name, shallow=False)
    ]


def main() -> None:
    """Generate, or with `--check` compare and exit 1 where the committed code is stale."""
    if "--check" not in sys.argv[1:]:
        GEN.mkdir(exist_ok=True)
        generate(GEN)
        OPENAPI.write_text(openapi(), encoding="utf-8")
        return
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        stale = _differences(Path(scratch), GEN)
    if not OPENAPI.is_file() or OPENAPI.read_text(encoding="utf-8") != openapi():
        stale.append(OPENAPI.name)
    if stale:
        sys.exit(f"generated code is stale: {', '.join(stale)}; run `make protos` and commit")


if __name__ == "__main__":
    main()
