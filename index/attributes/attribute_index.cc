#include "index/attributes/attribute_index.h"

#include <array>
#include <deque>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/base/flat_hash.h"

namespace tulving::index {
namespace {

struct KeyView {
  std::uint16_t field;
  std::string_view value;
};

struct Key {
  std::uint16_t field;
  std::string value;

  // Implicit, so that a map of keys can be asked with a view.
  operator KeyView() const { return {field, value}; }
};

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(const KeyView& key) const { return absl::HashOf(key.field, key.value); }
};

struct KeyEqual {
  using is_transparent = void;
  bool operator()(const KeyView& a, const KeyView& b) const {
    return a.field == b.field && a.value == b.value;
  }
};

std::uint64_t heap_bytes(const std::string& text) {
  return text.capacity() > std::string().capacity() ? text.capacity() + 1 : 0;
}

// What croaring holds on the heap: per container (65,536 rows) a pointer, a key, a type and a
// header of 16 bytes, and the container's data, which the portable form is close to.
std::uint64_t heap_bytes(const Roaring& rows) {
  constexpr std::uint64_t kContainerBytes = 8 + 2 + 1 + 16;
  const auto& containers = rows.roaring.high_low_container;
  return static_cast<std::uint64_t>(containers.allocation_size) * kContainerBytes +
         rows.getSizeInBytes();
}

}  // namespace

class AttributeIndex::Impl {
 public:
  FlatMap<Key, Roaring, KeyHash, KeyEqual> rows;
};

AttributeIndex::AttributeIndex() : impl_(std::make_unique<Impl>()) {}
AttributeIndex::~AttributeIndex() = default;

void AttributeIndex::add(std::uint32_t row, std::uint16_t field, std::string_view value) {
  auto found = impl_->rows.find(KeyView{field, value});
  if (found == impl_->rows.end()) {
    found = impl_->rows.emplace(Key{field, std::string(value)}, Roaring()).first;
  }
  found->second.add(row);
}

void AttributeIndex::remove(std::uint32_t row, std::uint16_t field, std::string_view value) {
  const auto found = impl_->rows.find(KeyView{field, value});
  if (found == impl_->rows.end()) return;
  found->second.remove(row);
  if (found->second.isEmpty()) impl_->rows.erase(found);
}

const Roaring* AttributeIndex::find(std::uint16_t field, std::string_view value) const {
  const auto found = impl_->rows.find(KeyView{field, value});
  return found == impl_->rows.end() ? nullptr : &found->second;
}

std::uint64_t AttributeIndex::entries() const {
  std::uint64_t total = 0;
  for (const auto& [key, rows] : impl_->rows) total += rows.cardinality();
  return total;
}

class AttributeIndex::Filler::Values {
 public:
  struct Value {
    Key key;
    Roaring rows = {};
    std::uint64_t begin = 0, end = 0;  // A stretch that is not in `rows` yet.

    void close() {
      if (end == begin + 1) {
        rows.add(static_cast<std::uint32_t>(begin));
      } else if (end > begin) {
        rows.addRange(begin, end);
      }
    }
  };

  Value& of(std::uint16_t field, std::string_view value) {
    if (field >= latest_.size()) return find(field, value);
    Value*& latest = latest_[field];
    if (latest == nullptr || latest->key.value != value) latest = &find(field, value);
    return *latest;
  }

  std::deque<Value> all;

 private:
  Value& find(std::uint16_t field, std::string_view value) {
    const auto found = by_key_.find(KeyView{field, value});
    if (found != by_key_.end()) return *found->second;
    Value& added = all.emplace_back(Value{{field, std::string(value)}});
    by_key_.emplace(KeyView(added.key), &added);
    return added;
  }

  std::array<Value*, 128> latest_ = {};  // By field.
  FlatMap<KeyView, Value*, KeyHash, KeyEqual> by_key_;
};

AttributeIndex::Filler::Filler(AttributeIndex& index)
    : index_(index), values_(std::make_unique<Values>()) {
  TULVING_DCHECK(index.impl_->rows.empty());
}
AttributeIndex::Filler::~Filler() = default;

void AttributeIndex::Filler::add(std::uint32_t row, std::uint16_t field, std::string_view value) {
  Values::Value& into = values_->of(field, value);
  TULVING_DCHECK(into.end <= row + std::uint64_t{1});  // Rows ascend; a value may come twice.
  if (into.end == row + std::uint64_t{1}) return;
  if (into.end != row || into.end == into.begin) {
    into.close();
    into.begin = row;
  }
  into.end = row + std::uint64_t{1};
}

void AttributeIndex::Filler::finish() {
  auto& rows = index_.impl_->rows;
  rows.reserve(values_->all.size());
  for (Values::Value& value : values_->all) {
    value.close();
    rows.emplace(std::move(value.key), std::move(value.rows));
  }
}

std::uint64_t AttributeIndex::bytes() const {
  // One control byte a slot beside the slot itself.
  std::uint64_t total = impl_->rows.capacity() * (sizeof(std::pair<const Key, Roaring>) + 1);
  for (const auto& [key, rows] : impl_->rows) total += heap_bytes(key.value) + heap_bytes(rows);
  return total;
}

}  // namespace tulving::index
