"""Supervise: clinical supervision that de-identifies first."""

import os

# numpy's linear algebra starts threads when it is imported; a web server that loads it before it forks must have none.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
