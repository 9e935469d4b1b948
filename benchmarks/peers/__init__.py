"""What Stash is measured beside: each the best honest form of another way to do the same job."""
