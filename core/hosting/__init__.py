"""The host's side of a job that another machine sends: see `core.machines.sending`."""
