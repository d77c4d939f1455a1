"""Charters 章程: who is a member, which keys and lists count, from when to when."""
