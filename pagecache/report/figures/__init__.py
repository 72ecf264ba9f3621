"""Plots of results, by matplotlib (the extra `plot`): as PNG, as SVG, or inside an HTML page.

style       colours that colour-blind readers can tell apart, sizes, units, the caption
svg         a figure inside a page
inputs      the plot of each input of a run: events, or threads
events      lookup and insertion by design, each with its interval
threads     throughput by number of threads, each with its interval
memory      index bytes against the size of the file
ladder      what scattered memory costs, rung by rung
strip       folio orders over a file

Knows nothing of how anything is measured: a plot is made of `Results` alone.
"""
