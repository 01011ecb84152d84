"""Questions with several readings over small invented databases, measured or written out for `evaluate`."""
