"""Questions that may be asked next, each read and judged for this very person before it is shown (decision 0224)."""
