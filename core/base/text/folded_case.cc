#include "core/base/text/folded_case.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>

namespace tulving {

std::string folded_case(std::string_view text) {
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  UErrorCode error = U_ZERO_ERROR;
  icu::CaseMap::utf8Fold(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())),
                         sink, nullptr, error);
  // Only memory can be lacking: then nothing is equal to it but itself.
  return U_SUCCESS(error) ? folded : std::string(text);
}

}  // namespace tulving
