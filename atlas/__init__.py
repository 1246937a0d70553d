"""Delta Atlas: a versioned planning atlas of the Yangtze River Delta."""

__version__ = "0.1.0"
