"""Floor 4': notebooks in, files out. Knows no chart and words no finding."""
