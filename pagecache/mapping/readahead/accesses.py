"""The language of accesses: steps with ``;`` between them, on an uncached file just opened.

    read POS BYTES [xN STEP]        read BYTES at POS; N times, POS moving on by STEP bytes
    pages P ...                     reads of 4 KiB at these pages
    pair N BYTES POS ...            N rounds: a read at each position in turn, moving on by BYTES
    pairfd N BYTES POS ...          the same, each position through a description of its own
    mmap [seq|rand|huge|exec] ...   map the file, with that advice
    touch P ... [xN STEP]           read a byte of each page of the mapping
    fadvise seq|normal|random
    fadvise willneed [OFF LEN]      without a range, and with a length of 0, to the end of the file
    madvise willneed OFF LEN

Positions, bytes and offsets take sizes as "64K" and "1G"; pages are numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, parse_size
from pagecache.mapping.readahead.simulated import (
    ADVICE,
    MAPPING_ADVICE,
    Description,
    MappedFile,
    SimulatedFile,
    read_rounds,
)

MOST = 1 << 62  # bytes: positions and lengths, and pages


@dataclass
class Program:
    """A program that runs: the file, the description it opened, and its last mapping."""

    file: SimulatedFile
    description: Description
    mapping: MappedFile | None = None


Step = Callable[[Program], None]


def run(file: SimulatedFile, accesses: str) -> None:
    """Run a program on a simulated file.

    Raises
    ------
    InputError
        A step is not of the language; nothing has run then.
    """
    steps = list(parse(accesses))
    program = Program(file, file.open())
    for step in steps:
        step(program)


def parse(accesses: str) -> Iterator[Step]:
    """The steps of a program, each a function of it."""
    mapped = False
    for text in accesses.split(";"):
        words = text.split()
        if not words:
            continue
        if words[0] not in STEPS:
            raise wrong(text, f"starts with none of {', '.join(STEPS)}")
        mapped = mapped or words[0] == "mmap"
        if words[0] == "touch" and not mapped:
            raise wrong(text, "comes before any mmap; put one in front")
        yield STEPS[words[0]](text, words[1:])


def wrong(text: str, problem: str) -> InputError:
    return InputError(f"accesses: '{text.strip()}' {problem}")


def number(text: str, word: str, least: int = 0) -> int:
    """A number, or a size such as 64K."""
    sign, digits = (-1, word[1:]) if word.startswith("-") else (1, word.removeprefix("+"))
    try:
        value = sign * (int(digits) if digits.isdecimal() else parse_size(digits, "accesses"))
    except InputError as error:
        raise wrong(text, f"has '{word}' for a number; write 4096 or 64K") from error
    if not least <= value <= MOST:
        raise wrong(text, f"has {word}, which is not from {least} to 2**62")
    return value


def repeated(text: str, words: list[str]) -> tuple[list[str], int, int]:
    """The words before ``xN STEP``, N and STEP; 1 and 0 without it."""
    if len(words) >= 2 and words[-2].startswith("x"):
        times, step = words[-2].removeprefix("x"), words[-1]
        return words[:-2], number(text, times, 1), number(text, step, -MOST)
    if words and words[-1].startswith("x"):
        raise wrong(text, "repeats without a step; write x768 4096")
    return words, 1, 0


def read(text: str, words: list[str]) -> Step:
    words, times, step = repeated(text, words)
    if len(words) != 2:
        raise wrong(text, "has other words than a position and bytes; write read 0 4096 x768 4096")
    position, length = (number(text, word) for word in words)
    return lambda p: read_rounds([p.description], [position], length, times, step)


def pages(text: str, words: list[str]) -> Step:
    found = [number(text, word) * PAGE_SIZE for word in words]
    if not found:
        raise wrong(text, "names no page; write pages 0 5 9")
    return lambda p: read_rounds([p.description] * len(found), found, PAGE_SIZE)


def pair(text: str, words: list[str]) -> Step:
    times, length, positions = streams(text, words)
    return lambda p: read_rounds([p.description] * len(positions), positions, length, times, length)


def pairfd(text: str, words: list[str]) -> Step:
    times, length, positions = streams(text, words)
    return lambda p: read_rounds(
        [p.file.open() for _ in positions], positions, length, times, length
    )


def streams(text: str, words: list[str]) -> tuple[int, int, list[int]]:
    if len(words) < 3:
        raise wrong(text, "lacks rounds, bytes or positions; write pair 256 4096 0 8M")
    times, length, *positions = (number(text, word) for word in words)
    return times, length, positions


def mmap(text: str, words: list[str]) -> Step:
    unknown = [word for word in words if word not in MAPPING_ADVICE]
    if unknown:
        raise wrong(text, f"has '{unknown[0]}', not one of {', '.join(MAPPING_ADVICE)}")

    def step(program: Program) -> None:
        program.mapping = program.description.map(words)

    return step


def touch(text: str, words: list[str]) -> Step:
    words, times, by = repeated(text, words)
    found = [number(text, word) for word in words]
    if not found or (times > 1 and len(found) > 1):
        raise wrong(text, "is not a list of pages, or one page and xN STEP")

    def step(program: Program) -> None:
        assert program.mapping is not None
        for page in found:
            program.mapping.touch(page, times, by)

    return step


def fadvise(text: str, words: list[str]) -> Step:
    if words[:1] == ["willneed"]:
        return willneed(text, words[1:] or ["0", "0"])
    if len(words) != 1 or words[0] not in ADVICE:
        raise wrong(text, f"is not one of {', '.join(ADVICE)}, willneed")
    return lambda p: p.description.advise(words[0])


def madvise(text: str, words: list[str]) -> Step:
    if words[:1] != ["willneed"]:
        raise wrong(text, "is not willneed; other advice goes with mmap")
    return willneed(text, words[1:])


def willneed(text: str, words: list[str]) -> Step:
    if len(words) != 2:
        raise wrong(text, "has no offset and length; write willneed 0 8M")
    position, length = (number(text, word) for word in words)
    return lambda p: p.description.willneed(position, length)


STEPS = {step.__name__: step for step in (read, pages, pair, pairfd, mmap, touch, fadvise, madvise)}
