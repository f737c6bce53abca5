#pragma once

#include <chrono>
#include <regex>
#include <string>
#include <vector>

#include "core/merging/merge_memory.h"
#include "core/merging/text/merge_text.h"

namespace tulving::merging {

inline constexpr Timestamp kMay1 = std::chrono::sys_days(std::chrono::year(2024) / 5 / 1);

// Each a day after the one before.
inline std::vector<Memory> memories(const std::vector<std::string>& texts) {
  std::vector<Memory> memories(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    memories[i].text = texts[i];
    memories[i].created_at = kMay1 + std::chrono::days(i);
  }
  return memories;
}

inline MergeOptions options() {
  MergeOptions options;
  options.tenant_id = "acme";
  options.now = kMay1 + std::chrono::days(100);
  options.cohesion = 0.9;
  options.confidence = 0.8;
  return options;
}

inline std::string merged(const std::vector<std::string>& texts) {
  return merge_texts(memories(texts)).text;
}

// Without the notes that a merge puts in.
inline std::string without_dates(const std::string& text) {
  static const std::regex kNote(R"([ \n]\(as of \d{4}-\d\d-\d\d(T[0-9:.]+Z)?\))");
  return std::regex_replace(text, kNote, "");
}

}  // namespace tulving::merging
