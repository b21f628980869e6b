"""Person keys to children and households."""
