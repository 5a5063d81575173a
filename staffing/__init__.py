"""The agency's business: services, hotlines, licences, jobs."""
