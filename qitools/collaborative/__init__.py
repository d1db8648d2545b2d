"""Floor 2: what a collaborative is (its YAML) and what it sent (its observations)."""
