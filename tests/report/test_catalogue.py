import io

import pytest

from pagecache import designs
from pagecache.report.catalogue import print_catalogue


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
    for policy in designs.registry.BUDDY_POLICIES + designs.registry.POOL_POLICIES:
        assert f"{policy} (" in text
