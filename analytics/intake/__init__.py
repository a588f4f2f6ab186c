"""Bytes to canonical rows: read, map, check, load. `jobs` runs it in a limited subprocess; `report` is what it tells."""
