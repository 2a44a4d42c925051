"""Tests of backups, moves between databases, keys and checks."""
