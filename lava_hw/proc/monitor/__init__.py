"""Monitor: records Vars and OutPorts."""
