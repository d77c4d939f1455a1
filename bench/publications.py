"""Publishing and relieving at a node's socket, as a department's software does."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import grpc
from huxin.v1 import payload_pb2, registry_pb2
from huxin.v1.registry_pb2_grpc import RegistryStub

from federation.payloads import Listing
from node.codec import ProtobufPayloads
from node.directory.presence import read_node_file
from node.system.entropy import token

SOURCE = "court"
RELIEVED_ON = 20261121


@contextmanager
def registry(directory: Path) -> Iterator[RegistryStub]:
    """The service on the socket of a node that runs."""
    with grpc.insecure_channel(f"unix:{read_node_file(directory).socket}") as channel:
        yield RegistryStub(channel)


def publication(listing: Listing) -> registry_pb2.PublishRequest:
    """The request that publishes one listing."""
    message = payload_pb2.Listing.FromString(ProtobufPayloads().encode(listing))
    return registry_pb2.PublishRequest(
        request_id=token(16).hex(), drafts=[registry_pb2.Draft(listing=message)], source=SOURCE
    )


def repair(statement_id: bytes) -> registry_pb2.RelieveRequest:
    """The request that repairs one listing."""
    return registry_pb2.RelieveRequest(
        request_id=token(16).hex(),
        kind=registry_pb2.RELIEF_KIND_REPAIR,
        statement_id=statement_id,
        document="信用修复决定书",
        decided_on=RELIEVED_ON,
        reason="已履行",
    )


@contextmanager
def publishing(directory: Path, rows: Iterable[Listing], every: float) -> Iterator[list[float]]:
    """Publish one listing after the other while the block runs; milliseconds of each call."""
    took: list[float] = []
    failed: list[Exception] = []
    ended = threading.Event()

    def publish() -> None:
        try:
            with registry(directory) as stub:
                for listing in rows:
                    began = perf_counter()
                    stub.Publish(publication(listing))
                    took.append((perf_counter() - began) * 1000)
                    if ended.wait(every):
                        return
        except grpc.RpcError as error:
            failed.append(error)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield took
    finally:
        ended.set()
        thread.join()
    if failed:
        raise failed[0]
