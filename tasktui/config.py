"""Settings: flags, environment, project file and user file, in that order."""
