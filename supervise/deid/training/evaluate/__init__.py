"""``make deid-eval``: the engine beside Presidio and Philter on the same texts, in one run.

Every system runs in a process of its own (``own``, ``peers``) behind ``worker``, which needs nothing but Python; here
``systems`` asks them, ``scoring`` and ``names`` judge, ``load`` weighs, ``report`` writes.
"""
