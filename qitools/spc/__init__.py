"""Floor 1: statistics on arrays. Arrays in, arrays out; numpy and scipy, nothing else."""
