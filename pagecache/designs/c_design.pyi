from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex

AT_ONCE: str

@disjoint_base
class CDesign(PageIndex):
    library: str
