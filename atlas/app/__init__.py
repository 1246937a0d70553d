"""The only part of the atlas that knows Streamlit: caches, inputs, outputs."""
