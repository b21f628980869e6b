"""Settings, clock, embedded PostgreSQL and connections: no word of the domain."""
