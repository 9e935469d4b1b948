"""Stash: working memory for AI agents. Importing this pulls in the standard library only."""

__version__ = "0.1.0"
