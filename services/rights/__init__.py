"""Rights of the persons whose data it is: erasure."""
