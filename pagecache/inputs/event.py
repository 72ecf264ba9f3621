"""The events of a trace, by number and by name."""

ADD, DEL, GET, FAULT, MAP = range(5)
EVENTS = {"add": ADD, "del": DEL, "get": GET, "fault": FAULT, "map": MAP}
MAX_ORDER = 63
