"""Figures of data quality 数据质量, and the calendar they count in."""
