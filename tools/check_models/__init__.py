"""``tools/check-models``: the models in models/, searched by spin and Relacy.

What there is to check (catalogue), one search by spin (search) and its story (story), many at once
(batch), the memory orders by Relacy (orders), and the tables of docs/concurrency.md (page).
"""
