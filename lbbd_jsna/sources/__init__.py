"""Readers of raw extracts: one module a publisher, tidy observations out."""
