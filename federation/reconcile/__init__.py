"""Reconciliation 比对核验: catalog, identity, findings, copies of one record."""
