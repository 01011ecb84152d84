"""How the apps are put together: settings, addresses, processes."""
