"""What answers before the application does, or in its place."""
