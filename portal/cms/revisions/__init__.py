"""What editors typed, every version of it, and the draft of a page that is live.

- `content`: an item's text as data: every field, tag, picture and row its form covers;
- `models`: `Revision`, the life of an item; `PendingDraft`, the change nobody sees yet; `Autosave`,
  what is in somebody's form, valid or not; `Presence`, who has an item open;
- `drafts`: what the pending draft of a live item says, and which files it shows;
- `actions`: everything the desk does to an item, each with the revision it leaves;
- `blocks`: which block of one text is which of another;
- `merge`: two texts that began as one;
- `diff`: two texts as one, line by line and word by word;
- `compare`: what differs between two contents, in an editor's words.

Nothing here overwrites a text that no revision holds.
"""
