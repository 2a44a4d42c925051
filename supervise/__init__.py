"""Supervise: clinical supervision that de-identifies first."""

__version__ = "0.1.0"
