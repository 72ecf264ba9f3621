from pagecache.designs.contract import PageIndex

class CDesign(PageIndex):
    library: str
