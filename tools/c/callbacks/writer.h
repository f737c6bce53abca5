#pragma once

#include "tools/c/include/tulving_c.h"
#include "tulving/result.h"
#include "tulving/text_writer.h"

namespace tulving::c {

/// A text writer that asks the callback. Its context is taken over where it can be read, also when
/// the rest is refused; null: there is no writer.
Result<TextWriterOptions> text_writer(const tulving_text_writer* given);

}  // namespace tulving::c
