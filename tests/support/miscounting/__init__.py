"""A database whose driver counts matched rows for changed ones, as `ENGINE`."""
