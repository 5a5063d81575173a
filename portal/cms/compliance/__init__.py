"""Checks while writing: word lists, typography, pictures, titles; and what people decided about them.

- `models`: `WordList`, which editors keep up in the admin; `Decision`, why something was published
  all the same;
- `words`: finding the terms of the lists in a text, however they are spaced or spelt;
- `typography`: slips of Chinese typesetting;
- `findings`: `Finding`, one thing that was found in one field;
- `register`: what is looked at in which model; `pages` says it for the kernel's own;
- `reading`: an item as the rules see it;
- `rules`: the rules that hold for several models;
- `decisions`: what keeps an item from being published, and deciding about it;
- `panel`: the panel in the form.

An app registers its models in its own `compliance` module, which Django's start-up imports. The
checks read an item as it stands in memory, and change nothing.
"""
