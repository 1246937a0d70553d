"""One file a question: frames in, frames or values out; no files, no screens."""
