"""Several threads that look one index up at the same time, pinned, without the GIL.

what is asked   plan (options to cases), cpus (which processors, and what they share), patterns
a case          bench (rows and rounds), subject (one index, its threads), crew (compiled loops)
what is copied  copies (gets that copy some bytes of the page to a user)
beside it       writers (what they do, by name), writer (the compiled one)
what it says    told (from a round's numbers to what results hold)

Knows nothing of how results look.
"""
