"""Which keys belong to one child: pure functions over frames."""
