"""``python -m pagecache`` is ``pagecache``."""

import sys

from pagecache.cli import main

if __name__ == "__main__":
    sys.exit(main())
