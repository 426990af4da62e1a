"""The parts made into one: manager, store, executors and service from the config."""
