"""What an event does is counted, on the very code that is timed: equal in every run.

watch      every access to nodes and struct pages, seen by taking their memory's protection away
events     the accesses of each event of a design: slots, cache lines, references
instructions   how many an event takes, where callgrind is installed

Knows nothing of times, rounds and processes.
"""
