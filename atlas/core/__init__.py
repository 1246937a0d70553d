"""Values and rules: no files, no maps, no screens."""
