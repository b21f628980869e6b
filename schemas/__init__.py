"""What crosses a boundary: feed contracts, rule sets, records, errors and the database schema."""
