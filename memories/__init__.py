"""Transport: the API over HTTP. Reads requests, asks the store, writes answers; the rules live in the store."""
