"""What the site says about itself: health, logs with numbers of requests, figures, slow statements."""
