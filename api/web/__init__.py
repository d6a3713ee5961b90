"""The web speaks HTTP, and decides nothing."""
