"""Whether a clause of law or ordinance and an approval allow an act: pure functions over named conditions."""
