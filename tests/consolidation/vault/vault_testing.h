#pragma once

#include <string>

#include "core/consolidation/vault/vault_note.h"
#include "tulving/records.h"

namespace tulving::consolidation {

inline Memory memory(const std::string& text) {
  Memory memory;
  memory.id = Uuid::derive("test", text);
  memory.text = text;
  return memory;
}

inline const PromotionNote kNote{0.71, "score 0.71 > 0.65"};

}  // namespace tulving::consolidation
