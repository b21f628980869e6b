"""The boundary table: every line of the default rules and of their readings, as what offices hold and what is judged."""
