"""Benchmarks over commits, from the files that asv writes: one page that asks no network.

asv         asv's folder of results, read
steps       where a value changed and stayed changed
graph       a benchmark over the commits, as SVG
page        the page: what changed most first

Knows nothing of how anything is measured, nor of asv itself, which need not be installed.
"""
