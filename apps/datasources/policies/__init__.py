"""Who may see which tables, columns and rows of a data source: rules, and how they are checked, applied, explained."""
