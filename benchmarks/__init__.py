"""Speed on one core, by one command: ``python -m benchmarks``.

Everything is measured in one run on one pinned processor, in blocks that take turns, and given as medians: what counts
are the ratios. The ceiling is what the processor's multiply-adds can do with all operands in registers (`ceiling.c`).
"""
