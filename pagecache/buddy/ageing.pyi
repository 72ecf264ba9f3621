from pagecache.buddy.buddy import Buddy

def age(
    memory: Buddy, *, steps: int | None = None, free: int | None = None, seed: int = 0
) -> None: ...
