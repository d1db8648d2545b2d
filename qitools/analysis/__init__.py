"""Floor 3: tables in, tables out. Every number a page shows is computed here, once."""
