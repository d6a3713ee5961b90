"""Pure: no session, no request, no clock, no files. The library decides."""
