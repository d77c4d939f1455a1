"""Switches TLS 1.2 off for this process, before any test module imports grpc."""

from __future__ import annotations

from node import tls12_off

__all__ = ["tls12_off"]
