"""From somebody's files to a district folder; every row is used, repaired by name, or refused."""
