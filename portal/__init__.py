"""The shell of the portal: what mixes the content apps, and the composition root."""
