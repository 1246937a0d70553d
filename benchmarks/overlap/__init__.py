"""Overlap of 41 cities with land-use parcels: the atlas's engine beside its peers."""
