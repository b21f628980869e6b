"""The caseworkers' alert queue."""
