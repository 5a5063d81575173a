"""What a visitor sends us: the guard at the door of every public form.

A form acts in nobody's name, so it needs no cookie: a signed token takes the place of Django's CSRF
token (`token`). What looks odd is asked one question in words, too much is refused until later
(`turns`), and the same thing sent twice is stored once (`turns.store_once`). The rooms `enquiries` and
`tickets` say what is asked, and what becomes of it.
"""

from __future__ import annotations
