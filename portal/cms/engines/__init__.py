"""What search engines are told: which pages there are, what each says of itself, and what has changed."""
