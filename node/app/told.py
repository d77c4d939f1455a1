"""What a node tells of itself, and what it was told by its configuration, as values of the app."""

from __future__ import annotations

from importlib.metadata import version

from federation.reconcile.attestation import FEATURE
from node.app.parts import Settings
from node.directory.config import Config
from node.directory.opened import Opened
from node.services.exchange import NodeInfo


def info_of(opened: Opened) -> NodeInfo:
    """What peers are told of this node."""
    return NodeInfo(
        region=opened.config.node.region,
        name=opened.config.node.name,
        origin=opened.config.origin,
        version=version("huxin"),
        features=() if opened.keys.document is None else (FEATURE,),
    )


def settings_of(config: Config) -> Settings:
    """What the configuration says to the servers and the dialer."""
    return Settings(
        directory=config.directory,
        listen=config.listen.exchange,
        metrics=config.listen.metrics,
        http=config.http,
        logs=config.logs,
        departments=config.access.listen,
        department_tokens=config.access.listen_tokens,
        pull_seconds=config.timing.pull_seconds,
        head_seconds=config.timing.head_seconds,
        connect_seconds=config.peers.connect_seconds,
        retry_longest_seconds=config.peers.retry_longest_seconds,
        streams=config.limits.streams,
    )
