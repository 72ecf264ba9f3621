"""``python -m pagecache`` is ``pagecache``."""

import sys

from pagecache.cli import main

sys.exit(main())
