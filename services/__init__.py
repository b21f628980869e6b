"""What has effects: everything that reads a clock, a file, a database or a random source."""
