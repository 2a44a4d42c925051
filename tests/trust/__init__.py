"""Long proofs. `make test` runs them short, `make trust` runs them long and writes docs/trust.md."""
