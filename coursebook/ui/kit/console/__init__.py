"""Parts that only the console uses: its navigation, tables, bars, lists of points."""
