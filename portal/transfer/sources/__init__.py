"""Other systems' sites as they left them: a module or package a system, all speaking the terms of `records`."""
