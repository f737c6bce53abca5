#include "tests/torture/script.h"

#include <fmt/format.h>

#include <iterator>

#include "core/base/check.h"

namespace tulving::torture {
namespace {

// Makes one operation. Names say where they come from, so that none comes twice.
class Maker {
 public:
  Maker(const Model& model, std::uint64_t seed, std::uint64_t number, const ScriptOptions& options)
      : model_(model), options_(options), random_(seed * 1'000'003 + number) {
    operation_.number = number;
    operation_.tenant = below(4) == 0 ? 1 : 0;
    tenant_ = &model_.tenants[static_cast<std::size_t>(operation_.tenant)];
  }

  Operation make() {
    if (options_.has_files && below(16) == 0 && file_step()) return operation_;
    if (tenant_->memories.size() > options_.memories_max) {
      name_one(Step::kErase, nullptr);
      return operation_;
    }
    const Operation blank = operation_;
    for (int tries = 0; tries < 4; ++tries) {
      operation_ = blank;
      if (memory_step(below(30))) return operation_;
      operation_ = blank;  // Of what could not be done nothing is left: a tag is no retry key.
      if (below(2) == 0 && other_step(below(12))) return operation_;
    }
    operation_ = blank;
    add(1);
    return operation_;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool is(Step step) {
    operation_.step = step;
    return true;
  }
  std::string sentence() {
    static constexpr const char* kWords[] = {"zorb", "plim", "quax", "drow", "fenk", "glat"};
    return fmt::format("w{}w {} {} {}", unique(), kWords[below(6)], kWords[below(6)],
                       std::string(below(40) == 0 ? 3000 : below(60), 'x'));
  }
  std::uint64_t unique() { return operation_.number * 64 + part_++; }

  template <class Map>
  const std::string* some(const Map& from) {
    if (from.empty()) return nullptr;
    auto one = from.begin();
    std::advance(one, below(static_cast<std::uint32_t>(from.size())));
    if constexpr (std::is_same_v<typename Map::value_type, std::string>) {
      return &*one;
    } else {
      return &one->first;
    }
  }
  const std::string* memory(bool (*is_wanted)(const MemoryFact&)) {
    const std::string* name = some(tenant_->memories);
    return name != nullptr && (is_wanted == nullptr || is_wanted(tenant_->memories.at(*name)))
               ? name
               : nullptr;
  }
  bool name_one(Step step, bool (*is_wanted)(const MemoryFact&)) {
    const std::string* name = memory(is_wanted);
    if (name == nullptr) return false;
    operation_.names = {*name};
    return is(step);
  }
  static bool is_active(const MemoryFact& memory) { return memory.status == MemoryStatus::kActive; }
  static bool is_archived(const MemoryFact& memory) {
    return memory.status == MemoryStatus::kArchived;
  }

  // Of a session's name now and then: an id means nothing without its kind.
  NewMemory new_memory() {
    NewMemory made;
    made.name = fmt::format("m{}", unique());
    const std::string session = fmt::format("session/s{}", below(6));
    if (below(8) == 0 && !tenant_->memories.contains(session) &&
        !tenant_->erased.contains(session)) {
      made.name = session;
    }
    made.text = sentence();
    made.vector = below(5) == 0 ? 0 : static_cast<std::uint32_t>(unique() + 1);
    made.tag = fmt::format("t{}", below(5));
    const std::string* in = below(4) == 0 ? some(tenant_->sessions) : nullptr;
    if (in != nullptr) made.session = *in;
    return made;
  }
  bool add(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      NewMemory made = new_memory();
      for (const NewMemory& other : operation_.memories) {
        if (other.name == made.name) made.name = fmt::format("m{}", unique());
      }
      operation_.memories.push_back(std::move(made));
    }
    if (below(3) == 0) operation_.key = fmt::format("key {}", operation_.number);
    return is(Step::kAdd);
  }

  bool memory_step(std::uint32_t choice) {
    if (choice < 9) return add(1);
    if (choice < 11) return add(2 + below(4));
    if (choice < 14) {
      if (below(3) != 0) {
        operation_.text = sentence();
        operation_.vector = below(4) == 0 ? 0 : static_cast<std::uint32_t>(unique() + 1);
      } else {
        operation_.key = fmt::format("t{}", below(5));
        operation_.vector = below(100);
      }
      return name_one(Step::kUpdate, is_active);
    }
    if (choice < 16) return name_one(Step::kTouch, is_active);
    if (choice < 18) return name_one(Step::kForget, is_active);
    if (choice < 22) return name_one(Step::kErase, nullptr);
    if (choice < 23) return name_one(Step::kArchive, is_active);
    if (choice < 24) return name_one(Step::kRecover, is_archived);
    if (choice < 26) return erased(below(3) == 0 ? Step::kRevive : Step::kAddErased);
    if (choice < 28) return retry();
    return import();
  }
  bool erased(Step step) {
    const std::string* name = some(tenant_->erased);
    if (name == nullptr) return false;
    if (step == Step::kAddErased && tenant_->retracted.contains(*name)) return false;
    operation_.memories = {new_memory()};
    operation_.memories[0].name = *name;
    return is(step);
  }
  bool retry() {
    const std::string* key = some(tenant_->retry_keys);
    if (key == nullptr) return false;
    operation_.key = *key;
    operation_.memories = tenant_->retry_keys.at(*key);
    return is(Step::kRetry);
  }
  bool import() {
    operation_.memories = {new_memory()};
    operation_.memories[0].session = fmt::format("s{}", below(6));
    operation_.text = fmt::format("summary {}", unique());
    if (const std::string* other = memory(nullptr)) operation_.names = {*other};
    return is(Step::kImport);
  }

  bool other_step(std::uint32_t choice) {
    switch (choice) {
      case 0:
      case 1:
        return relate();
      case 2:
        return unrelate();
      case 3:
      case 4:
        operation_.names = {fmt::format("s{}", below(6))};
        operation_.text = fmt::format("summary {}", unique());
        return is(Step::kPutSession);
      case 5:
        return take(some(tenant_->sessions), Step::kEraseSession);
      case 6:
        operation_.text = fmt::format("task {}", unique());
        operation_.key = fmt::format("task{}", below(8));
        return name_one(Step::kPutTask, nullptr);
      case 7:
        operation_.key = some(tenant_->tasks) == nullptr ? "" : *some(tenant_->tasks);
        return !operation_.key.empty() && is(Step::kEraseTask);
      case 8:
      case 9:
        return plan();
      case 10:
        return undo();
      default:
        operation_.tenant = kKept;
        operation_.memories = {{fmt::format("kept{}", unique()), sentence(), 0, "", ""}};
        return is(Step::kExpiring);
    }
  }
  bool take(const std::string* name, Step step) {
    if (name == nullptr) return false;
    operation_.names = {*name};
    return is(step);
  }
  bool relate() {
    const std::string* from = memory(nullptr);
    const std::string* to = memory(nullptr);
    if (from == nullptr || *from == *to) return false;
    operation_.names = {*from, *to};
    return is(Step::kRelate);
  }
  bool unrelate() {
    if (tenant_->relations.empty()) return false;
    auto one = tenant_->relations.begin();
    std::advance(one, below(static_cast<std::uint32_t>(tenant_->relations.size())));
    operation_.names = {one->first.first, one->first.second};
    return is(Step::kUnrelate);
  }
  bool plan() {
    const std::string* changed = memory(is_active);
    if (changed == nullptr) return false;
    operation_.names = {*changed};
    operation_.text = sentence();
    operation_.key = fmt::format("plan {}", operation_.number);
    operation_.memories = {new_memory()};
    operation_.memories[0].name = fmt::format("made{}", unique());
    operation_.memories[0].session.clear();
    return is(Step::kApplyPlan);
  }
  bool undo() {
    for (const auto& [name, plan] : tenant_->plans) {
      if (plan.is_undone || !plan.can_be_undone) continue;
      operation_.key = name;
      return is(Step::kUndoPlan);
    }
    return false;
  }

  bool file_step() {
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
        operation_.slot = static_cast<int>(below(kSlots));
        return is(Step::kSnapshot);
      case 3:
      case 4:
        operation_.slot = static_cast<int>(below(kSlots));
        return model_.snapshots.contains(operation_.slot) && is(Step::kRestore);
      case 5:
      case 6:
        return is(Step::kReopen);
      case 7:
        return is(Step::kCheckpoint);
      case 8:
        return is(Step::kMakeDurable);
      default:
        return is(Step::kAge);
    }
  }

  const Model& model_;
  const ScriptOptions& options_;
  std::mt19937_64 random_;
  const TenantModel* tenant_;
  Operation operation_;
  std::uint64_t part_ = 0;
};

}  // namespace

const Model& Script::after(std::uint64_t count) {
  TULVING_CHECK(count >= first_);
  while (first_ + models_.size() <= count) {
    Model model = models_.back();
    model.apply(make(models_.back(), first_ + models_.size() - 1));
    models_.push_back(std::move(model));
  }
  return models_[count - first_];
}

Script::Next Script::next(std::uint64_t count) {
  Model model = after(count);
  Operation operation = make(model, count);
  const auto refusal = model.apply(operation);
  return {std::move(operation), refusal};
}

void Script::forget_before(std::uint64_t count) {
  (void)after(count);
  for (; first_ < count; ++first_) models_.pop_front();
}

Operation Script::make(const Model& model, std::uint64_t count) const {
  return Maker(model, seed_, count, options_).make();
}

}  // namespace tulving::torture
