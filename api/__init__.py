"""The exercise library: what is safe and useful for this kind of joint problem."""
