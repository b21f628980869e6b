"""What is computed: pure functions over frames and values."""
