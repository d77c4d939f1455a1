"""Files of the sources 数据源 on their way to our log: folders, rows, lists, reliefs."""
