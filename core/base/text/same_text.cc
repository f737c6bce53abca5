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

namespace {

// `form` is null where ICU lacks its own built-in data: then nothing can be composed.
std::string composed_by(const icu::Normalizer2* form, std::string_view text) {
  if (form == nullptr) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  std::string composed;
  composed.reserve(text.size());
  icu::StringByteSink<std::string> sink(&composed);
  form->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())),
                      sink, nullptr, status);
  return U_FAILURE(status) ? std::string(text) : composed;
}

}  // namespace

std::string to_nfc(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  return composed_by(icu::Normalizer2::getNFCInstance(status), text);
}

std::string to_nfkc(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  return composed_by(icu::Normalizer2::getNFKCInstance(status), text);
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
