"""The command line: `dagger`'s commands, flags and output, on the local engine."""
