"""Trees and walks through them, as text and as SVG; needs nothing beyond Python itself.

nodes    nodes, slots and the reads of a walk, as plain data
text     a walk as the essays draw it
svg      boxes, lines and letters
drawing  a walk node by node, and a whole tree level by level, as SVG
walk     a walk that shows itself
telling  a walk that is told read by read, put together

Knows nothing of any structure: each says itself what its nodes and slots are called.
"""
