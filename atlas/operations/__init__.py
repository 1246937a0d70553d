"""One file a verb: what a page, a command and an export all call."""
