"""Pure rules about duties to report and to protect: rows of law as data, clocks, and what a page says of both."""
