"""The short words in and around a picture: legends, column heads, buttons, and what to read where nothing is drawn."""

from __future__ import annotations

NUMBERS = "Show the numbers"
FALLBACK = (
    "The chart is drawn here where scripts may run. In JupyterLab choose Trust Notebook in the command palette, or run "
    "the notebook from its first cell. The sentence and the numbers with this chart say the same."
)
BROKEN = "This chart could not be drawn on this computer. The sentence and the numbers with it are complete."
ABSENT = "There are no figures for this choice."
EARLIER = "The latest {shown} of {total} periods; the full figures are in the CSV files beside this page."
PICKERS = {"measure": "Measure", "team": "Team", "outcome": "Outcome, collaborative"}
NOTES = "Notes in the chart"
VOTE = {"show": "Show the rest", "hide": "Hide them again", "key": "or press R"}

# Every kind of point, and what the legend says. The sign and the filling say the same as the colour.
KINDS = {
    "none": "No signal",
    "favourable": "Better: {strong}",
    "favourable-weak": "Better: {weak}",
    "unfavourable": "Going the wrong way: {strong}",
    "unfavourable-weak": "Going the wrong way: {weak}",
    "neutral": "Signal: {strong}",
    "neutral-weak": "Signal: {weak}",
    "excluded": "Shown, not counted",
}
RULES = {
    "outside": "outside the limits",
    "sustained": "sustained shift",
    "shift": "shift",
    "trend": "trend",
    "two_of_three": "2 of 3 near a limit",
    "four_of_five": "4 of 5 far from the centre",
    "fifteen_inner": "15 close to the centre",
    "eight_outer": "8 far from the centre",
    "fourteen_alternating": "14 up and down in turn",
}
COLUMNS = {
    "period": "Period",
    "value": "Value",
    "numerator": "Numerator",
    "denominator": "Denominator",
    "limits": "Limits",
    "note": "Note",
    "reporting": "Teams reporting",
    "sent": "Reported",
    "team": "Team",
    "measure": "Measure",
    "board": "Board",
    "baseline_centre": "Centre line at first",
    "current_centre": "Centre line now",
    "latest": "Latest value",
    "verdict": "What the chart says",
}
FIRST_PHASE = "Baseline"
FOUND_PHASE = "New level, found in the data"
PHASE = {
    "confirmed": "{name} {centre}, from {n} points",
    "temporary": "{name} {centre}, from {n} points, temporary",
}
PHASE_PART = {
    "confirmed": "{name} {centre}, from the first {n} of {total} points",
    "temporary": "{name} {centre}, from the first {n} of {total} points, temporary",
}
NO_CENTRE = "no centre line"
UPPER, LOWER, TARGET = "Upper limit", "Lower limit", "Target"
TOOLTIP = {"value": "Value", "made": "From", "centre": "Centre line", "limits": "Limits", "note": "Note"}
OF = "{part} of {whole}"
REPORTING = "Teams reporting"
SIMULATED = " Simulated data."
STATES = {
    "reported": "Reported",
    "late": "L Reported late",
    "provisional": "P Provisional, may change",
    "revised": "R Revised since first reported",
    "zero_denominator": "0 Reported, none to count",
    "no_denominator": "? Reported without its denominator",
    "suppressed": "S Hidden to protect privacy",
    "excluded": "○ Shown, not counted",
    "missing": "× Not reported",
}
UNSETTLED = {"late": "reported late", "provisional": "provisional", "revised": "revised since first reported"}
TILES = {
    "improved": "teams show a sustained improvement",
    "candidate": "teams show a possible change, too early to say",
    "worsened": "teams are going the wrong way and may want help",
}
TILE_STOPPED = " ({stopped} that stopped reporting not counted)"
TILE_REPORTED = "teams have reported {when}"
AIM = {
    "on_course": "the aim, {by}: on course",
    "not_yet": "the aim, {by}: not yet",
    "cannot_tell": "the aim, {by}: too early to say",
    "undated": "the aim, with no date set",
}
LEDGER = {
    "team": "Team",
    "measure": "Measure",
    "says": "What the chart says",
    "strength": "Strength",
    "since": "Evidence from and to",
    "change": "Change (95% interval)",
    "rules": "Rules",
}
TEAMS_AXIS = "Teams"
SPLIT = {"name": "Part", "shown": "Change"}
OUTER_LIMITS = "Outer limits"
FUNNEL = {
    "none": "Within the limits",
    "favourable": "Better: beyond the outer limits",
    "favourable-weak": "Better: between the limits",
    "unfavourable": "On the other side: beyond the outer limits",
    "unfavourable-weak": "On the other side: between the limits",
    "neutral": "Beyond the outer limits",
    "neutral-weak": "Between the limits",
}
