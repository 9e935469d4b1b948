"""A load of which every answer is checked while parts of the service are killed, frozen and started again."""
