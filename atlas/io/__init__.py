"""The only users of files: the store of editions, GeoJSON, atomic writing."""
