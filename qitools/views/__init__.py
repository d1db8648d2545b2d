"""Floor 4: tables in, something to look at or read. Nothing is computed here that a table does not hold."""
