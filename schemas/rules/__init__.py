"""Rule sets: what a city's council heard, as data."""
