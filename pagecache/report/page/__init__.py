"""One self-contained HTML page from results: no network, light and dark, sortable, printable.

writer          what stands on the page, in which order; the file beside its place and renamed
tables          the tables of an input, whose cells have the number that they sort by
page.html.j2    the page, for Jinja (the extra `plot`)
page.css        colours for light and dark, for narrow screens and for paper
page.js         tables that sort by a click or by the keyboard
pivot           the page of a sweep: pivot.html, and pivot.js that draws what is chosen on it

Knows nothing of how anything is measured.
"""
