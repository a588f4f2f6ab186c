"""Small tables built once per version, one SQL file each: pages answer from these, not from raw rows."""
