#include <nlohmann/json.hpp>

#include "core/operations/answer.h"

namespace tulving::operations {

// nlohmann's form, which the reports had from the beginning: its digits are not in every case the
// shortest that read back, and what reads the reports compares bytes.
void append_figure(std::string& out, double value) { out += nlohmann::json(value).dump(); }

}  // namespace tulving::operations
