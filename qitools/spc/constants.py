"""The few constants of control charts, each with its source; apart from ``limits``, which needs numpy to be read."""

D2 = 1.128  # mean moving range of two, in standard deviations (Montgomery, table of constants)
D4 = 3.267  # upper limit of a moving range of two, in mean moving ranges (same table)
SIGMAS = 3.0  # Shewhart 1931
T_POWER = 3.6  # makes times between events nearly normal (Nelson 1994)
LARGEST = 1e15  # of a figure: beyond it floats no longer tell whole numbers apart, and squares run over
