"""Side-by-side measurements of Signet and its rivals; `python benchmarks/run.py` prints every ratio in one table."""
