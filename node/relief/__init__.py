"""Erasing what relief 信用修复 or time ended; that a copy ends is `federation.life.settling`."""
