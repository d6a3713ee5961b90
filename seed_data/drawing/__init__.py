"""Draws `seed_data/images/` out of `seed_data/pictures/`, joint angles of a posable figure. For authors; nothing that serves imports it."""
