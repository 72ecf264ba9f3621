import json
import pickle

import numpy as np
import pytest

from pagecache.inputs import Folios, Input, UniformPages, from_spec, generate, runs_input
from pagecache.inputs.traces import bundled_path, read_trace

SOURCES = (
    generate("zipf", 5000, folio_order=2),
    generate("sparse", 1 << 20, folio_order=4, seed=7),
    read_trace(bundled_path("lmdb_stat_random")).input(),
    runs_input(["a", "b"], [[(0, 7)], [(3, 2), (64, 512)]], ["a doubt."]),
)


def same(one, other):
    assert (one.name, one.spec, one.doubts) == (other.name, other.spec, other.doubts)
    assert one.folios.files == other.folios.files
    for array in ("file", "index", "order"):
        assert np.array_equal(getattr(one.folios, array), getattr(other.folios, array))
    draws = [source.draw(np.random.default_rng(9), 1000) for source in (one, other)]
    assert np.array_equal(draws[0], draws[1])


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize(
    "change",
    [
        lambda source: source,
        lambda source: source.at_order(4),
        lambda source: source.largest(9).limited({0, 3}),
    ],
    ids=["as it is", "at order 4", "largest, limited"],
)
def test_input_is_made_again_from_json_and_from_pickle(source, change):
    changed = change(source)
    same(changed, from_spec(json.loads(json.dumps(changed.spec))))
    same(changed, pickle.loads(pickle.dumps(changed)))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_forced_order_keeps_the_accesses_and_holds_their_pages(source):
    forced = source.at_order(9)
    assert forced.name == f"{source.name} at order 9"
    assert forced.folios.order_set() == {9}
    file, index = forced.draw(np.random.default_rng(2), 1000)
    assert np.array_equal((file, index), source.draw(np.random.default_rng(2), 1000))
    assert forced.folios.holds(file, index).all()


def test_input_with_other_folios_has_no_spec():
    source = generate("uniform", 512)
    changed = source.with_folios(Folios.filled("other", 512, 0), name="other")
    assert (changed.name, changed.spec) == ("other", {})
    with pytest.raises(ValueError, match="not the spec of an input"):
        from_spec(changed.spec)


@pytest.mark.parametrize("spec", [{"kind": "nothing"}, {"kind": "files", "steps": [["eval", "1"]]}])
def test_spec_of_something_else_is_refused(spec):
    with pytest.raises(ValueError, match="not the spec of an input"):
        from_spec(spec)


def test_uniform_draw_treats_pages_alike_whatever_their_folio():
    order = np.array([3, 0, 0, 1], np.uint8)
    folios = Folios.one_file("a", np.array([8, 3, 5, 16], np.uint64), order)
    source = Input("mixed", folios, UniformPages(folios))
    _, index = source.draw(np.random.default_rng(4), 24_000)
    pages, counts = np.unique(index, return_counts=True)
    assert pages.tolist() == [3, 5, *range(8, 18)]
    # Pearson's chi-square of 11 degrees of freedom exceeds 31.3 once in 1000 seeds.
    assert ((counts - 2000) ** 2 / 2000).sum() < 31.3
