"""The tables of docs/xarray.md: what the XArray costs, beside memory's limits and its peers."""
