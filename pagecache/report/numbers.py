"""Numbers as people read them."""

from pagecache.results import Interval

NO_VALUE = "-"
MANY_SECONDS = 300  # from here on in minutes


def digits(value: float) -> str:
    """Three significant digits, thousands grouped.

    Examples
    --------
    >>> digits(23.456), digits(8323.4), digits(0.1234)
    ('23.5', '8,323', '0.123')
    """
    if value >= 99.95:
        return f"{value:,.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.9995 else f"{value:.3f}"


def times(ratio: float) -> str:
    """A ratio with two digits or three, never in another unit than its neighbours.

    Examples
    --------
    >>> times(7.56), times(0.987), times(290.3), times(0.0042), times(18720), times(0.00004)
    ('7.6', '0.99', '290', '0.004', '18,720', '<0.001')
    """
    if ratio >= 9.95:
        return f"{ratio:,.0f}"
    if ratio >= 0.02:
        return f"{ratio:.1f}" if ratio >= 1.95 else f"{ratio:.2f}"
    return f"{ratio:.3f}" if ratio >= 0.0005 or not ratio else "<0.001"


def size(count: float) -> str:
    """Bytes in binary units, three digits.

    Examples
    --------
    >>> size(9792), size(4794048), size(512)
    ('9.56 KiB', '4.57 MiB', '512 B')
    """
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if count < 999.5 or unit == "PiB":
            return f"{count:.0f} B" if unit == "B" else f"{digits(count)} {unit}"
        count /= 1024
    raise AssertionError("no unit is beyond PiB")


def share(part: float, whole: float) -> str:
    """A share in percent with one significant digit or two: 0.003 %.

    Examples
    --------
    >>> share(3745728, 100 << 30), share(1, 3)
    ('0.0035 %', '33 %')
    """
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"


def duration(ns: float) -> str:
    """Nanoseconds in the unit that suits: 25 ns, 6.2 us, 1.3 ms, 5 min.

    Examples
    --------
    >>> duration(25.2), duration(6170), duration(113_000), duration(1.5e12)
    ('25 ns', '6.2 us', '113 us', '25 min')
    """
    for unit in ("ns", "us", "ms"):
        if ns < 1000:
            return f"{ns:.2g} {unit}" if ns < 10 else f"{ns:.0f} {unit}"
        ns /= 1000
    return f"{ns:.3g} s" if ns < MANY_SECONDS else f"{ns / 60:,.0f} min"


def spread(interval: Interval) -> float:
    """Half the interval, in percent of the median."""
    if not interval.median:
        return 0.0
    return 50 * (interval.high - interval.low) / interval.median
