"""The shipped proxy files, units and images, tried with the real programs."""
