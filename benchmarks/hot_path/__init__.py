"""`make bench`: Stash's four verbs over HTTP beside its peers, on one machine, in one run."""
