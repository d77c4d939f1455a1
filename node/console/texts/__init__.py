"""Texts of the console: of the shell, and of each page a table of its own, Chinese and English."""
