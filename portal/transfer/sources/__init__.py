"""Other systems' sites as they left them: a module a system, all speaking the terms of `records`."""
