"""Designs that somebody else wrote, and that may end the process that runs them.

trial   each is tried alone before the run, and left out if it fails

Knows nothing of how results look.
"""
