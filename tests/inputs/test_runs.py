import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pagecache.inputs.runs import as_runs, gaps, overlap, pages_of, runs_of

masks = st.lists(st.booleans(), max_size=40).map(lambda bits: np.array(bits, np.bool_))


@given(masks)
def test_runs_and_gaps_divide_the_file(mask):
    runs = as_runs(runs_of(mask))
    assert pages_of(runs).tolist() == np.flatnonzero(mask).tolist()
    assert pages_of(gaps(runs, len(mask))).tolist() == np.flatnonzero(~mask).tolist()


@given(masks, masks)
def test_overlap_counts_the_common_pages(one, other):
    common = set(np.flatnonzero(one)) & set(np.flatnonzero(other))
    assert overlap(as_runs(runs_of(one)), as_runs(runs_of(other))) == len(common)


def test_run_within_another_adds_nothing():
    assert as_runs([(0, 10), (2, 3), (10, 1)]).tolist() == [[0, 11]]
