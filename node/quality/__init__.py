"""Data quality 数据质量: figures of a period and the report of them."""
