"""Records of persons, approvals and requests."""
