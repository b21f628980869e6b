"""The caseworkers' page."""
