"""How things look: styles, the map as a value, and the renderers that draw it."""
