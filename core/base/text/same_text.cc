#include "core/base/text/same_text.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>

#include "core/base/text/utf8.h"

namespace tulving {

std::string to_nfc(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return std::string(text);  // ICU lacks its own built-in data: it cannot.
  std::string composed;
  composed.reserve(text.size());
  icu::StringByteSink<std::string> sink(&composed);
  nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                     nullptr, status);
  return U_FAILURE(status) ? std::string(text) : composed;
}

std::string same_text_form(std::string_view text) {
  const std::string composed = to_nfc(text);
  std::string form;
  form.reserve(composed.size());
  bool is_gap = false;
  for (std::size_t offset = 0; offset < composed.size();) {
    const std::size_t start = offset;
    UChar32 c = 0;
    U8_NEXT(reinterpret_cast<const std::uint8_t*>(composed.data()), offset, composed.size(), c);
    if (c >= 0 && u_isUWhiteSpace(c)) {
      is_gap = true;
      continue;
    }
    if (is_gap && !form.empty()) form += ' ';
    is_gap = false;
    form.append(composed, start, offset - start);
  }
  return form;
}

}  // namespace tulving
