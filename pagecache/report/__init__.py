"""Shows results, and never measures: tables, sentences and doubts, as text and as HTML.

render       a panel an input: the table, and what is said of it
table        rows, columns and their one unit; numbers: how a number is written
sentences    what a table of bare indexes shows; mappings, threads: the same of those
versus       two results side by side; gate: whether a change made anything slower
comparison   results that show themselves
catalogue, live, experiment, readahead    the designs; the running kernel; a kernel's readahead
figures, page, history    plots, one HTML page of them, and one of asv's results: folders
verdicts     what the words of a verdict mean, event by event
counts, evidence    what was counted; a mail and the rounds it follows from: a folder
screen       a terminal, or plain ASCII

Knows nothing of how a number was measured: all that is shown stands in the results.
"""
