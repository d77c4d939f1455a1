"""Screening 核查 on a node: questions answered, outcomes reported and told to origins."""
