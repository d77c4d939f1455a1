"""Audits 审计: exports of all that a node holds, and what they prove to a stranger."""
