"""挂马 and 暗链: whether pages hold code, frames and links that nobody here has approved.

The nightly look at all pages (`portal.cms.engines.crawl`) has each page that it renders `look`ed at;
what is new is a row that waits for the owner, and a message to whoever is to hear of it (`watching`).
Once a night the site is also asked over the wire, as a visitor from a search engine would ask (`wire`):
proxies, the web server and changed files speak there as well. Static files are compared with the digest
in their own names (`files`).
"""

from __future__ import annotations
