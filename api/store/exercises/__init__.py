"""Exercises in the store: read, written whole, and kept as rows."""
