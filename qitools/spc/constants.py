"""The few constants of charts and intervals, each with its source; apart from ``limits``, which needs numpy."""

D2 = 1.128  # mean moving range of two, in standard deviations (Montgomery, table of constants)
D4 = 3.267  # upper limit of a moving range of two, in mean moving ranges (same table)
CONFIDENCE = 0.95  # of every interval, unless it says otherwise
Z = 1.959963984540054  # standard deviations to either end of it, of a normal distribution
SIGMAS = 3.0  # Shewhart 1931
T_POWER = 3.6  # makes times between events nearly normal (Nelson 1994)
LARGEST = 1e15  # of a figure: beyond it floats no longer tell whole numbers apart, and squares run over
