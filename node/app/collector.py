"""Where traces go: to the collector of `[observe] otlp`; without one nothing is even imported.

The library is an extra of the package (docs/adr/0049). Spans that the collector does not take are
lost; the node waits for none, but for two seconds when it stops.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from node.directory.config import Config, ConfigError


@contextmanager
def traced(config: Config) -> Iterator[None]:
    """Record this process's traces, where a collector is configured.

    Raises:
        ConfigError: the library is not installed.
    """
    if not config.observe.otlp:
        yield
        return
    try:
        from node.app.otlp import exporter_to, recording  # noqa: PLC0415 - an extra, and slow
    except ImportError as error:
        message = (
            "observe.otlp：没有安装 OpenTelemetry，请执行 pip install 'huxin[otel]'，"
            "或将 otlp 置空 / "
            "expected OpenTelemetry to be installed: pip install 'huxin[otel]', or leave otlp "
            f"empty; got no module {error.name}"
        )
        raise ConfigError(message) from error
    with recording(exporter_to(config.observe.otlp), config.node_name):
        yield
