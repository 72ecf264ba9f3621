"""The structures and the XArray alone, driven alike, beside what Linux's own code took."""
