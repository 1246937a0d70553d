"""The commands of ``atlas``, one file a subject; each calls the function that a page calls."""
