"""The child process that reads an embedded engine's file. Imports the engine and this package, nothing else of ours."""
