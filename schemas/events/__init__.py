"""What departments send as it happens, and what leaves the service: CloudEvents, their topics, their published description."""
