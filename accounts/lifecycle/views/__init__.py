"""Where an account begins, is recovered and changes: one file for each use case."""
