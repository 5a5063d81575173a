"""Content in and out of the site."""
