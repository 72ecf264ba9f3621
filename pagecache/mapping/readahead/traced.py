"""What a trace's programs did to a file, done to a simulated one."""

from pagecache.inputs.programs import NEEDS, NORMAL, RANDOM, READS, SEQUENTIAL, TOUCHES, FileUse
from pagecache.mapping.readahead.simulated import (
    Description,
    MappedFile,
    SimulatedFile,
    read_rounds,
)

ADVICE = {NORMAL: "normal", RANDOM: "random", SEQUENTIAL: "seq"}


def run_use(file: SimulatedFile, use: FileUse) -> None:
    """Read, touch and advise as recorded; each description has a state and a mapping of its own."""
    opened: dict[int, Description] = {}
    mapped: dict[int, MappedFile] = {}
    for what, number, position, length in use.steps.tolist():
        if number not in opened:
            opened[number] = file.open()
        description = opened[number]
        if what == READS:
            read_rounds([description], [position], length)
        elif what == TOUCHES:
            if number not in mapped:
                mapped[number] = description.map()
            mapped[number].touch(position)
        elif what == NEEDS:
            description.willneed(position, length)
        else:
            description.advise(ADVICE[what])
