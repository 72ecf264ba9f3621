import io

import pytest

from pagecache import designs
from pagecache.designs.matrix import references_unfit
from pagecache.inputs import BUNDLED, read_trace
from pagecache.inputs.formats import FORMATS
from pagecache.page.protocols import PROTOCOLS
from pagecache.report.catalogue import print_catalogue, print_traces


@pytest.fixture
def text() -> str:
    file = io.StringIO()
    print_catalogue(file)
    return file.getvalue()


def test_every_design_stands_with_its_sentence_limits_and_policies(text: str) -> None:
    flat = " ".join(text.split())
    for name in designs.names():
        design = designs.find(name)
        policies = f"Goes with: {', '.join(design.policies)}."
        assert f"{name} {design.summary} {design.limits} {policies}" in flat


def test_catalogue_keeps_to_100_columns_of_ascii(text: str) -> None:
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 100


def test_every_policy_is_explained(text: str) -> None:
    for policy in designs.POLICIES:
        assert f"{policy} (" in text


def test_every_protocol_of_references_is_explained_with_what_it_goes_with(text: str) -> None:
    flat = " ".join(text.split())
    for name, protocol in PROTOCOLS.items():
        assert f"{name} ({protocol.summary})" in flat
    assert "striped goes with folios of order 7 or more." in flat
    beside = flat.partition("Beside a writer: ")[2].rstrip(".").split(", ")
    for name in designs.names():
        design = designs.find(name)
        assert (name in beside) == ("concurrent" in design.provides)
        usual = references_unfit(design, "locked-bit", 9) is not None
        assert (name in flat.partition("With ")[2].partition(":")[0].split(", ")) == usual


def test_every_bundled_trace_stands_with_its_program_and_what_it_holds() -> None:
    file = io.StringIO()
    print_traces(file)
    text = file.getvalue()
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 100
    flat = " ".join(text.split())
    for name, program in BUNDLED.items():
        trace = read_trace(name)
        folios = trace.final_folios()
        assert f"{name} {program}. {len(trace):,} events of {len(trace.files)} files; " in flat
        assert f" cached at its end in {len(folios):,} folios of order 0 to " in flat
    for form in FORMATS:
        assert f"{form.name} ({form.holds})" in flat
