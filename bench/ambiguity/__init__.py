"""Questions with several readings over small invented databases: written out as a folder for `evaluate`, or measured."""
