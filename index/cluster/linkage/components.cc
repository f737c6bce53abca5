#include "index/cluster/linkage/components.h"

#include <limits>
#include <numeric>

namespace tulving::index {
namespace {

// Union by smaller row with halving of paths: a root is its component's first row.
class Roots {
 public:
  explicit Roots(std::uint32_t rows) : parents_(rows) {
    std::iota(parents_.begin(), parents_.end(), 0U);
  }
  std::uint32_t of(std::uint32_t row) {
    while (parents_[row] != row) row = parents_[row] = parents_[parents_[row]];
    return row;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = of(a);
    b = of(b);
    if (a < b) parents_[b] = a;
    if (b < a) parents_[a] = b;
  }

 private:
  std::vector<std::uint32_t> parents_;
};

}  // namespace

std::vector<Component> components_of(std::uint32_t rows, std::span<const RowPair> pairs) {
  constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  Roots roots(rows);
  for (const RowPair& pair : pairs) roots.join(pair.a, pair.b);

  std::vector<Component> components;
  std::vector<std::uint32_t> number_of(rows, kNone);  // By root.
  for (const RowPair& pair : pairs) {
    std::uint32_t& number = number_of[roots.of(pair.a)];
    if (number == kNone) {
      number = static_cast<std::uint32_t>(components.size());
      components.emplace_back();
    }
    components[number].pairs.push_back(pair);
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (const auto number = number_of[roots.of(row)]; number != kNone) {
      components[number].rows.push_back(row);
    }
  }
  return components;
}

}  // namespace tulving::index
