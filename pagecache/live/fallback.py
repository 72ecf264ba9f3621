"""What is known of a file without a walk: cachestat, mincore and, as root, the flags of frames."""

import os

import numpy as np

from pagecache import designs
from pagecache.inputs import scan
from pagecache.inputs.runs import pages_of
from pagecache.live import kpageflags
from pagecache.live.answers import FileAnswer, by_file, models_refused
from pagecache.live.entries import Entries
from pagecache.live.filesystem import magic_of, name_of
from pagecache.live.prediction import folios_of, predict, predictable

REMEDY = "a walk of the index has them"
FLAGS_REMEDY = "root may read /proc/kpageflags, which tells folios apart"


def without_walk(name: str, fd: int, reason: str, *, flags: bool) -> FileAnswer:
    """What may be known of one file; `reason` says why there is no walk.

    With `flags`, folios come from the flags of frames.  Nodes and shadows are missing in any case.
    """
    missing = [f"nodes, their levels and shadow entries: {REMEDY}, but {reason}"]
    path = f"/proc/self/fd/{fd}"
    (found,) = scan([path])
    missing += [doubt.replace(path, name) for doubt in found.doubts]
    pages = found.resident_pages
    if pages is None and found.cachestat is not None:
        pages = found.cachestat.cached
    filesystem = name_of(magic_of(fd))
    way = "kpageflags" if flags else "residency"
    if found.resident is None:
        missing.append("folios and the models' nodes: which pages are resident is unknown")
        return FileAnswer(name, pages, way=way, filesystem=filesystem, missing=missing)
    entries = _single(pages_of(found.resident))
    orders, remedy = None, FLAGS_REMEDY
    if flags:
        try:
            entries = kpageflags.folios_of(fd, os.fstat(fd).st_size, found.resident)
            (orders,) = by_file(entries, 1)
        except (OSError, ValueError):  # its end has moved
            remedy = "the file became shorter meanwhile; look again when it is not in use"
    if orders is None:
        missing.append(f"folios and what depends on their orders: {remedy}")
    else:
        missing.append("predicted nodes leave shadow entries out, which keep nodes too")
    nodes = _nodes(name, entries, orders is not None)
    return FileAnswer(
        file=name,
        pages=pages,
        folios=None if orders is None else sum(orders.values()),
        orders=orders,
        predicted_nodes=nodes.get("thp-multi"),
        nodes_by_design=nodes,
        way=way,
        filesystem=filesystem,
        missing=missing,
    )


def _single(index: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> Entries:
    zeros = np.zeros(len(index), np.uint8)
    return Entries(zeros.astype(np.uint32), index, zeros)


def _nodes(name: str, entries: Entries, orders_known: bool) -> dict[str, int]:
    """Nodes by design: of all of them, or of those whose folios are all of one order."""
    if models_refused() is not None:
        return {}
    chosen = [
        design
        for design in predictable()
        if orders_known or len(designs.find(design).orders_for(9)) == 1
    ]
    found = predict(folios_of([name], entries), chosen)
    return {prediction.design: int(prediction.nodes[0]) for prediction in found}
