"""A list's query -> one page: filter, sort and cursor, the same for every resource."""
