"""Measurements of what is shipped, on the machine at hand: `python -m benchmarks.score_engine`."""
