"""Erasing what relief 信用修复 or time has ended; that a copy ends is `federation.life.settling`."""
