"""Approvals: drafted, submitted, heard, in force, narrowed, revoked."""
