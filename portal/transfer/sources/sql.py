"""SQL as dumps write it: its grammar, and a text that is passed statement by statement.

No parser: what is no `CREATE TABLE` and no `INSERT … VALUES` is passed over. One row is in memory, at
any size of the file, and each character is looked at a few times at most, whatever it is.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator

# Not `re`: before Python 3.11.5 its possessive groups match too little (python/cpython#106052).
import regex as re

# A row as long as this is no article: it is left out, and reported.
MAX_ROW = 16 * 1024 * 1024  # characters
MOST_STUCK = 50
# What stands before the rows of a statement is shorter.
HEADER = 64 * 1024

# --- The grammar. Possessive (`++`) wherever a text could make the matcher try again: linear time. ------

STRING = r"'(?:[^'\\]++|\\.|'')*+'"
DOUBLE = r'"(?:[^"\\]++|\\.|"")*+"'
COMMENT = r"(?:--(?=\s)[^\n]*+|\#[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)"
BARE_NAME = r"[\w$#@]++"
NAME = rf'(?:`(?:[^`]++|``)*+`|"[^"]*+"|\[[^\]]*+\]|{BARE_NAME})'
TABLE = rf"({NAME}(?:\s*+\.\s*+{NAME})?+)"
# `_binary 'x'`, `N'x'` and `X'FF'` are strings; what else stands bare may call something: NOW().
VALUE = (
    rf"(?:(?:_\w++\s*+|[NnXxBb])?+(?:{STRING}|{DOUBLE})"
    r"|(?!_\w++\s*+['\"]|[NnXxBb]['\"])[^\s'\"(),;][^'\"(),;]*+(?:\([^'\"()]*+\))?+)"
)
# The beginning of a value, cut off by the end of what has been read.
CUT_VALUE = (
    r"(?:(?:_\w++\s*+|[NnXxBb])?+(?:'(?:[^'\\]++|\\.|'')*+(?:'\s*+|\\)?+"
    r"|\"(?:[^\"\\]++|\\.|\"\")*+(?:\"\s*+|\\)?+)"
    r"|[^'\"(),;]*+(?:\([^'\"()]*+\)?+\s*+)?+)"
)

SPACE = re.compile(r"\s*+")
BLANK = re.compile(rf"(?:\s++|{COMMENT})*+", re.DOTALL)
ROW = re.compile(rf"\(\s*+{VALUE}\s*+(?:,\s*+{VALUE}\s*+)*+\)", re.DOTALL)
ROW_SO_FAR = re.compile(rf"\(\s*+(?:{VALUE}\s*+,\s*+)*+", re.DOTALL)
CUT_OFF = re.compile(rf"{CUT_VALUE}\Z", re.DOTALL)
# One value: its introducer, its quotes with what they hold, or the words that stand bare.
VALUES = re.compile(
    rf"\s*+,?\s*+(?:(_\w++\s*+|[NnXxBb](?=['\"]))?+({STRING}|{DOUBLE})"
    r"|([^\s'\"(),;][^'\"(),;]*+(?:\([^'\"()]*+\))?+))",
    re.DOTALL,
)
STATEMENT = re.compile(
    rf"(?:[^;'\"`/\#-]++|{STRING}|{DOUBLE}|`(?:[^`]++|``)*+`|{COMMENT}|[/\#-])*+;", re.DOTALL
)
INSERT = re.compile(
    r"(?i:INSERT|REPLACE)(?:\s++(?i:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*+"
    rf"\s++(?:(?i:INTO)\s++)?+{TABLE}"
)
COLUMNS_AND_VALUES = re.compile(
    rf"\s*+(?:\(\s*+({NAME}\s*+(?:,\s*+{NAME}\s*+)*+)\)\s*+)?+(?i:VALUES?)\s*+(?=\()"
)
CREATE = re.compile(
    rf"(?i:CREATE\s++(?:TEMPORARY\s++)?TABLE\s++(?:IF\s++NOT\s++EXISTS\s++)?){TABLE}\s*+\("
)
ON_DUPLICATE = re.compile(r"(?i:ON\s++DUPLICATE|AS\s)")
USE = re.compile(rf"(?i:USE)\s++({NAME})\s*+;")
DELIMITER = re.compile(r"(?i:DELIMITER)[ \t]++([^\s]++)")
DELIMITER_BACK = re.compile(r"(?im)^DELIMITER[ \t]++;[ \t\r]*+$")
# Where the next statement begins, as far as that can be told from within a text.
NEXT = (
    r";\s*+(?=(?i:INSERT|REPLACE|CREATE|DROP|LOCK|UNLOCK|ALTER|SET|DELETE|TRUNCATE|COMMIT)\s"
    r"|/\*|--|\#|\Z)"
)
NEXT_STATEMENT = re.compile(NEXT)
# Where rows go on behind one that cannot be read: all the tables we read begin with a number.
NEXT_ROW = re.compile(rf"\)\s*+(?:,\s*+(?=\(\s*+'?-?\d)|{NEXT})")


# --- The text ---------------------------------------------------------------------------------------


class Text:
    """The text of a dump, of which a window is held: from `at` on as far as it has been read."""

    def __init__(self, pieces: Iterator[bytes], encoding: str) -> None:
        self.pieces = pieces
        self.decoder = codecs.getincrementaldecoder(encoding)("replace")
        self.window = ""
        self.at = 0
        self.is_whole = False  # whether the end has been read
        self.broken_off = False
        self.stuck = 0
        self.counted = 0  # up to here, lines have been counted
        self.lines = 1

    @property
    def line(self) -> int:
        """The number of the line at `at`."""
        if self.at > self.counted:
            self.lines += self.window.count("\n", self.counted, self.at)
            self.counted = self.at
        return self.lines

    def more(self) -> bool:
        """Read on, as much again as there is; False at the end, or where a row is longer than any."""
        rest = len(self.window) - self.at
        if self.is_whole or rest > MAX_ROW:
            return False
        _ = self.line  # counts what is dropped now
        parts, length = [self.window[self.at :]], rest
        while length <= 2 * rest and not self.is_whole:
            parts.append(self.next_piece())
            length += len(parts[-1])
        self.window, self.at, self.counted = "".join(parts), 0, 0
        return True

    def next_piece(self) -> str:
        try:
            piece = next(self.pieces, None)
        except (OSError, EOFError, zlib.error):  # packed, and cut off
            piece, self.broken_off = None, True
        self.is_whole = piece is None
        return self.decoder.decode(piece or b"", final=piece is None)

    def ahead(self, length: int) -> None:
        """See that so much can be seen, unless the text ends before."""
        while len(self.window) - self.at < length and self.more():
            pass

    def skip_blank(self) -> bool:
        """Pass blanks, comments and lonely semicolons; return whether anything follows."""
        while True:
            self.ahead(HEADER)
            found = BLANK.match(self.window, self.at)
            end = found.end() if found else self.at
            if end == len(self.window) and not self.is_whole:
                # The last comment may go on. One that does so for longer than any is blank so far.
                start = self.window.rfind("\n", self.at, end) + 1
                self.at = max(self.at, start) if end - self.at < MAX_ROW else end
                self.more()
                continue
            self.at = end
            if self.window[end : end + 1] != ";":
                return end < len(self.window)
            self.at += 1

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match and pass what is shorter than HEADER."""
        self.ahead(HEADER)
        found = pattern.match(self.window, self.at)
        if found:
            self.at = found.end()
        return found

    def peek(self) -> str:
        """Pass white space; return the next character, or nothing at the end."""
        while True:
            found = SPACE.match(self.window, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.window):
                return self.window[self.at]
            if not self.more():
                return ""

    def rows(self) -> Iterator[tuple[int, str | None]]:
        """Pass the rows of a statement; yield the line of each, and the row, or None for a broken one."""
        while True:
            is_row = self.peek() == "("
            line = self.line
            row = self.row() if is_row else None
            yield line, row
            if row is None:
                found = self.seek(NEXT_ROW)
                if found is None or ";" in found:
                    return
            elif self.peek() == ",":
                self.at += 1
            elif self.peek() in {";", ""} or self.take(ON_DUPLICATE):
                self.skip_statement()
                return

    def row(self) -> str | None:
        """Pass a row and return it, brackets and all; None, and stay where it goes wrong, if it is none."""
        while True:
            if found := ROW.match(self.window, self.at):
                self.at = found.end()
                return found[0]
            so_far = ROW_SO_FAR.match(self.window, self.at)
            end = so_far.end() if so_far else self.at
            # A row that is right as far as it can be seen may only be cut off.
            is_right = self.at == len(self.window) or (so_far and CUT_OFF.match(self.window, end))
            if is_right and self.more():
                continue
            if is_right and self.is_whole:
                # What looks like rows further down is the text of this one.
                end = len(self.window)
            elif is_right:
                self.get_stuck()
            self.at = min(max(end, self.at + 1), len(self.window))
            return None

    def skip_statement(self) -> str:
        """Pass and return everything up to the next semicolon; if none is in reach, go on further down."""
        while True:
            if found := STATEMENT.match(self.window, self.at):
                self.at = found.end()
                return found[0]
            if not self.more():
                self.get_stuck()
                self.seek(NEXT_STATEMENT)
                return ""

    def get_stuck(self) -> None:
        """Pass a character, as all that has been seen says nothing; give up where that goes on and on.

        Each time costs as much as is in the window: a file made for it would take days.
        """
        self.stuck += 1
        self.at = min(self.at + 1, len(self.window))
        if self.stuck == MOST_STUCK:
            self.at, self.pieces, self.broken_off = len(self.window), iter(()), True

    def seek(self, pattern: re.Pattern[str]) -> str | None:
        """Pass everything up to and with what `pattern` finds, and return that; all if it finds nothing."""
        while True:
            self.ahead(HEADER)
            found = pattern.search(self.window, self.at)
            if found and (found.end() < len(self.window) or self.is_whole):
                self.at = found.end()
                return found[0]
            # It may begin in the last few lines of what has been seen.
            seen = found.start() if found else len(self.window) - HEADER // 2
            self.at = max(self.at, seen)
            if not self.more():
                self.at = len(self.window)
                if self.is_whole:
                    return None
