from typing_extensions import disjoint_base

from pagecache.designs.contract import PageIndex

@disjoint_base
class CDesign(PageIndex):
    library: str
