#pragma once

#include <string>

// What the program that applies plans and the test that kills it agree on.

namespace tulving::testing {

inline constexpr int kOriginals = 100;

inline std::string original_name(int i) { return "original/" + std::to_string(i); }
/// The text of every original once the plan of this name is applied; "0": before the first.
inline std::string state_text(const std::string& plan) { return "state " + plan; }
/// The external id of the memory that the plan of this name makes.
inline std::string made_name(const std::string& plan) { return "made/" + plan; }

}  // namespace tulving::testing
