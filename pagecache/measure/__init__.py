"""Times and counts: cases are run by worker processes, and their records become results.

what is timed     events (one object an event), loops (the compiled loops), truth (what they answer)
what is asked     plan, crossed_plan, choices: from options to cases; need, held, cgroup: what fits
a case            case (what both kinds share), bench and subject (bare indexes), mapping_bench and
                  mapping_subject (mappings)
threads           several that look up at the same time: a folder
counting          what an event does, counted: a folder
foreign           designs of others, tried alone first: a folder
running it        runner (the processes), schedule (how many), worker (one of them), rounds
                  (reshuffled, with their conditions), conditions and probe (which are discarded),
                  machine
what comes of it  analysis (records to results and doubts), intervals, verdict (in a word)

A new event is an entry in events.py and a loop in loops.pyx.  Knows nothing of how results look.
"""
