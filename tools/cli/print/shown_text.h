#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tulving::tools {

// Text as it may stand on a terminal. Stored text is somebody else's: an escape sequence in it
// would set the terminal's title, clear the screen or repaint what stands there; a bidi control
// would show it in another order than it has.

/// Whether a terminal would do something for the code point rather than show it: C0, DEL and C1
/// controls, line and paragraph separators, bidi controls, deprecated and annotating format
/// characters, tags. Joiners and variation selectors, which make letters and emoji, are no such.
[[nodiscard]] bool is_control(char32_t code);

enum class LineBreaks : bool { kKept, kEscaped };

/// `text` with every control as JSON writes it: "\n", "\t", "\u001b", in two halves above U+FFFF.
/// A byte that is no UTF-8 becomes "\x9b". With kKept, "\n" and "\t" stay. JSON stays JSON, of the
/// same value: what is escaped stands in its strings alone, and bytes that are no UTF-8 nowhere.
[[nodiscard]] std::string with_controls_escaped(std::string_view text, LineBreaks breaks);

/// `text` on one line: what breaks a line or leaves its column is escaped, as above; all else
/// stays.
[[nodiscard]] std::string with_breaks_escaped(std::string_view text);

/// The beginning of `text` that fits into `columns`, with an ellipsis where something is left out.
/// An escape made by the functions above is not cut in two.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t columns);

/// Columns that a terminal gives `text`, by Unicode's East Asian widths: 2 to a wide character, 0
/// to what combines with the one before it.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Bytes at the end of `bytes` that begin a UTF-8 sequence and do not end it: 0..3.
[[nodiscard]] std::size_t unfinished_bytes(std::string_view bytes);

}  // namespace tulving::tools
