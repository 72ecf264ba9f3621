import pytest

from pagecache.errors import InputError
from pagecache.inputs.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4096", 4096),
        (4096, 4096),
        ("2G", 2 << 30),
        ("512M", 512 << 20),
        ("512mib", 512 << 20),
        ("1.5G", 3 << 29),
        ("1 TB", 1 << 40),
        ("2P", 2 << 50),
        ("32768E", 1 << 75),
        ("100B", 100),
    ],
)
def test_size_is_read_in_binary_units(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "G", "2X", "1e9", "0x10", "two", "1.G", "--5", "1,5G", "nan"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InputError, match=r"^--size: .* is not a size; write 4096"):
        parse_size(text)


@pytest.mark.parametrize("text", ["0", 0, "-1", -4096, "-2G", "0.0001K"])
def test_zero_and_negative_sizes_are_refused(text):
    with pytest.raises(InputError, match=r"^--size: .* is not above zero"):
        parse_size(text)


def test_size_above_the_index_is_refused():
    assert parse_size(1 << 75) == 1 << 75
    with pytest.raises(InputError, match=r"^--file-size: .* above 2\*\*63 pages"):
        parse_size((1 << 75) + 1, option="--file-size")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (3 << 29, "1.5 GiB"),
        (100 << 30, "100 GiB"),
        (1 << 75, "32768 EiB"),
    ],
)
def test_size_is_written_in_the_largest_unit(size, text):
    assert format_size(size) == text


@pytest.mark.parametrize("size", [1, 4096, 2 << 30, 5 << 28, 1 << 60])
def test_written_size_reads_back(size):
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize("text", ["0", "0G", "0.0K", 0])
def test_nothing_is_a_size_where_it_may_be(text):
    assert parse_size(text, least=0) == 0
    with pytest.raises(InputError, match="is negative; write"):
        parse_size("-1", least=0)


@pytest.mark.parametrize("wrong", [1.5, None, b"4K", [4096]])
def test_what_is_neither_text_nor_whole_is_no_size(wrong):
    with pytest.raises(InputError, match=r"^--size: .* is not a size; write 4096"):
        parse_size(wrong)
