#pragma once

#include <string_view>
#include <vector>

namespace tulving::model {

/// The sentences of `text`, in order, without the blanks around them. Together they hold every
/// character that is no blank. Where an end is in doubt there is none: a sentence too long loses
/// nothing, one cut in two may lose its sense. O(bytes).
///
/// A sentence ends
/// - at ".", "!", "?" or "…", with the quotes and brackets closed behind it, before a blank: but
/// not
///   after an abbreviation ("Dr. Who", "e.g. this", "U.S. Army", "J. Doe", "No. 5"), a list's
///   number
///   ("1. Milk") or a day ("3. Oktober"), nor after "?" and a quote within a sentence ("why?" he
///   asked);
/// - at the full stops of other scripts (Unicode's Sentence_Terminal: "。", "؟", "।"), blank or
/// not;
/// - at the end of a line, unless a long line goes on in lower case: text wrapped by hand.
/// A fenced block of code is one sentence. What has no letter or digit ("}", "---", an emoji)
/// belongs to the sentence before it.
[[nodiscard]] std::vector<std::string_view> split_sentences(std::string_view text);

/// Whether a sentence of those ends in a stop that is no question mark, of whatever script, but for
/// closing quotes, an emoji and the like behind it: it does not wait for the next one, as a
/// question, a heading or an item of a list does.
[[nodiscard]] bool is_complete(std::string_view sentence);

}  // namespace tulving::model
