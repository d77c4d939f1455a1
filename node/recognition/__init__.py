"""Scenarios, recognitions and the trustworthy in a running node; who may have a benefit here."""
