"""Who works on what: is a query taken in, which queue does it wait in, who holds its lease, waiting for its outcome."""
