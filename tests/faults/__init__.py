"""A bad network between apps and a real server, thieves in it, and a checker that was not there (SECURITY RL-04…06, RL-29)."""
