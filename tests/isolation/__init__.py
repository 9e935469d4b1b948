"""Who may not come in, and who comes in and must not see: for every route that the URL conf has."""
