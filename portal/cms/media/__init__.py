"""The media library: uploads checked and re-encoded, pictures in sizes, and where each is used."""
