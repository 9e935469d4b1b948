"""What must be nowhere: keys and payloads, looked for in all that the servers of a test run have written."""
