"""What a stranger with a key, or without one, tries: each attempt fails in one clear sentence, or does nothing."""
