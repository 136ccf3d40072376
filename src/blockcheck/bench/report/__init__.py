"""Results for readers: a table on the terminal, plots, one HTML page, a comparison with an older result."""
