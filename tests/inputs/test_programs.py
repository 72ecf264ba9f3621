"""Programs made of the kernel's events: pages, whose they are, and reads put together again."""

from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import read_program
from pagecache.inputs.programs import READS, TOUCHES

HEADER = "t_us,pid,ev,dev,ino,index,count,order"


def program(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "t.csv"
    path.write_text("\n".join([HEADER, *lines, ""]))
    return path


def test_reads_and_faults_become_steps_and_the_rest_tells_the_size(tmp_path: Path) -> None:
    use = read_program(
        program(
            tmp_path,
            "0,7,get,8:1,5,0,2,",
            "1,8,fault,8:1,5,9,1,",
            "2,7,map,8:1,5,0,16,",
            "3,7,add,8:1,5,32,4,2",
            "4,7,get,8:1,6,0,9,",
        )
    )
    assert [file.name for file in use.files] == ["8:1/6", "8:1/5"]
    assert use.files[1].size == 36 << 12
    assert use.files[1].steps.tolist() == [[READS, 7, 0, 8192], [TOUCHES, 8, 9, 4096]]
    assert use.only("8:1/5").files == use.files[1:]
    with pytest.raises(
        InputError, match=r"reads no '8:1/7'; did you mean 8:1/6\? most is read of: 8:1/6"
    ):
        use.only("8:1/7")


def test_steps_of_one_read_are_put_together(tmp_path: Path) -> None:
    use = read_program(
        program(
            tmp_path,
            "0,7,get,8:1,5,0,32,",
            "1,7,get,8:1,5,4,28,",
            "2,9,get,8:1,5,12,20,",
            "3,7,get,8:1,5,12,20,",
            "4,7,get,8:1,5,0,32,",
            "5,7,get,8:1,5,32,32,",
        )
    )
    assert [step[1:3] for step in use.files[0].steps.tolist()] == [
        [7, 0],
        [9, 12 << 12],
        [7, 0],
        [7, 32 << 12],
    ]


def test_trace_without_reads_says_what_to_record(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"record mm_filemap_get_pages \(Linux 6.12\) too, or strace"
    ):
        read_program(program(tmp_path, "0,7,add,8:1,5,0,1,0"))
