"""What two rule sets would have said of the same past days, and how that stands to what was found out later."""
