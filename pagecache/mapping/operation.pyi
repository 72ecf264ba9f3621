OPERATIONS: dict[str, int]
