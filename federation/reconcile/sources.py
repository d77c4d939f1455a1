"""How well an entry of a catalog is supported, and by what sort of text."""

from __future__ import annotations

from enum import StrEnum


class Certainty(StrEnum):
    """How well an entry is supported."""

    CONFIRMED = "C"
    """Read in the text."""
    PART = "P"
    """Read in part."""
    MEMORY = "M"
    """Not read: configuration until a person confirms it."""


class BasisRank(StrEnum):
    """Rank of the text on which an entry stands 效力层级."""

    LAW = "law"
    """法律"""
    INTERPRETATION = "judicial-interpretation"
    """司法解释"""
    REGULATION = "administrative-regulation"
    """行政法规"""
    CENTRAL = "central-document"
    """党中央、国务院文件"""
    LOCAL = "local-regulation"
    """地方性法规"""
    RULE = "department-rule"
    """部门规章"""
    DOCUMENT = "normative-document"
    """规范性文件"""
