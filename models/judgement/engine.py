"""When a plan runs on Polars' streaming engine: it keeps the memory of a city's rows small and costs a household a millisecond."""

MANY = 50_000  # rows, from which on streaming pays; the answer is the same
