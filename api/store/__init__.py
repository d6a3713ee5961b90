"""The store remembers. It knows SQL; rows never leave it: it takes and gives library records."""
