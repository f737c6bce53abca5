#pragma once

#include <iostream>
#include <regex>
#include <set>

#include "tests/engine/follow/follow_fixture.h"

namespace tulving::testing {

using Words = std::set<std::string>;

// Where a source stands, by the test's own account.
enum class Place { kShown, kAside, kForgotten };

struct Source {
  Words words;
  Place place = Place::kShown;
  int user = 0;
  std::optional<Timestamp> expires_at;
};

/// Random changes to memories that are merged in between. Every sentence holds a word of its own,
/// so that a plain map of the sources can tell what must show.
class RandomFollowing : public Following {
 protected:
  RandomFollowing() { std::cout << "seed " << seed_ << "\n"; }

  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string sentences(Words& words) {
    static constexpr const char* kVerbs[] = {"likes", "keeps", "paints", "sells", "mends", "hears"};
    std::string text;
    for (auto left = 1 + below(3); left > 0; --left) {
      const std::string word = "w" + std::to_string(++words_) + "x";
      words.insert(word);
      text += (text.empty() ? "" : " ") + std::string("Ada ") + kVerbs[below(6)] + " " + word +
              " and n" + std::to_string(below(1'000'000)) + ".";
    }
    return text;
  }

  // Memories of one user and expiry are near each other, and far from all others.
  std::vector<float> vector(const Source& source) {
    std::vector<float> vector(16);
    const std::size_t place =
        static_cast<std::size_t>(source.user) +
        (source.expires_at ? 4 + 4 * static_cast<std::size_t>(*source.expires_at == soon_) : 0);
    vector[place] = 1.0F;
    vector[15] = 0.05F * static_cast<float>(below(5));
    return vector;
  }
  static std::string user(int number) { return number == 0 ? "" : "u" + std::to_string(number); }
  std::optional<Timestamp> random_expiry() {
    const auto choice = below(6);
    if (choice == 0) return soon_;
    if (choice == 1) return late_;
    return std::nullopt;
  }

  void add_one() {
    Source source;
    source.user = static_cast<int>(below(3));
    source.expires_at = random_expiry();
    if (source.expires_at && *source.expires_at <= clock_.now()) source.expires_at.reset();
    Memory one = memory(sentences(source.words), vector(source));
    one.memory_type = "learning";
    one.id = Uuid::derive("acme", std::to_string(words_));
    one.user_id = user(source.user);
    one.expires_at = source.expires_at;
    clock_.advance(std::chrono::minutes(1));
    const Uuid id = value_of(tenant_->add(one)).id;
    sources_[id] = source;
  }

  Uuid any_source() {
    auto entry = sources_.begin();
    std::advance(entry, below(sources_.size()));
    return entry->first;
  }
  // Something that the tenant lists, merges among them; nil: nothing is shown.
  Uuid any_shown() {
    const auto page = value_of(tenant_->list());
    return page.memories.empty() ? Uuid{} : page.memories[below(page.memories.size())].id();
  }
  // The sources that a memory stands for.
  void each_source_of(const Uuid& id, const std::function<void(Source&)>& visit) {
    const Memory one = get(id);
    if (const auto found = sources_.find(id); found != sources_.end()) visit(found->second);
    for (const Uuid& source : one.source_memory_ids) each_source_of(source, visit);
  }

  void update_one() {
    const Uuid id = any_source();
    Source& source = sources_.at(id);
    Words words;
    const std::string text = sentences(words);
    if (below(2) == 0) {
      MemoryPatch patch;
      patch.text = text;
      if (below(2) == 0) patch.embedding = Embedding{"default", vector(source)};
      value_of(tenant_->update(id, patch));
    } else {
      Memory line = memory(text);
      line.id = id;
      line.memory_type = "learning";
      line.user_id = user(source.user);
      line.expires_at = source.expires_at;
      value_of(tenant_->write(std::vector<Record>{line}));
    }
    source.words = words;
  }

  void move_one() {
    const Uuid id = any_source();
    Source& source = sources_.at(id);
    const bool was_in_shown_merge = source.place == Place::kShown;
    source.user = static_cast<int>(below(3));
    if (below(2) == 0) source.expires_at = random_expiry();
    MemoryPatch patch;
    patch.user_id = user(source.user);
    patch.expires_at = source.expires_at;
    patch.embedding = Embedding{"default", vector(source)};
    value_of(tenant_->update(id, patch));
    source.place = was_in_shown_merge ? Place::kShown : source.place;
  }

  void forget_one() {
    const Uuid id = below(2) == 0 ? any_source() : any_shown();
    if (id.is_nil()) return;
    each_source_of(id, [](Source& source) { source.place = Place::kForgotten; });
    ASSERT_THAT(tenant_->forget(id), Succeeds());
  }

  void archive_one() {
    const Uuid id = any_shown();
    if (id.is_nil()) return;
    each_source_of(id, [](Source& source) { source.place = Place::kAside; });
    ASSERT_THAT(tenant_->archive(id), Succeeds());
  }

  void recover_one() {
    ListRequest request;
    request.limit = 1000;
    request.include_archived = request.include_expired = true;
    const auto all = value_of(tenant_->list(request));
    if (all.memories.empty()) return;
    const Uuid id = all.memories[below(all.memories.size())].id();
    if (status(id) != MemoryStatus::kArchived || !tenant_->recover(id)) return;
    each_source_of(id, [](Source& source) { source.place = Place::kShown; });
  }

  void erase_one() {
    const Uuid id = any_source();
    ASSERT_THAT(tenant_->erase(id), Succeeds());
    sources_.erase(id);
  }

  void collect() {
    clock_.advance(std::chrono::hours(24 * 10));
    value_of(tenant_->gc());
    for (auto& [id, source] : sources_) {
      // What is put aside for itself goes; of a merge goes what expired with it.
      const bool stands_alone = get(id).consolidated_into_id.is_nil();
      const bool is_expired = source.expires_at && *source.expires_at <= clock_.now();
      if (status(id) == MemoryStatus::kDeleted && (stands_alone || is_expired)) {
        source.place = Place::kForgotten;
      }
    }
  }

  void undo_one() {
    const auto plans = value_of(tenant_->plans());
    if (plans.empty()) return;
    const PlanSummary& plan = plans[below(plans.size())];
    if (plan.status != PlanStatus::kApplied) return;
    const State before = state_of(*tenant_);
    const auto undone = tenant_->undo_plan(plan.id);
    if (undone) {
      ++undone_;
      return;
    }
    EXPECT_EQ(undone.error().code, ErrorCode::kConflict);
    EXPECT_THAT(differences(state_of(*tenant_), before), ::testing::IsEmpty());
  }

  void change_something() {
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
        return add_one();
      case 3:
      case 4:
      case 5:
        return update_one();
      case 6:
      case 7:
        return move_one();
      case 8:
        return forget_one();
      case 9:
        return archive_one();
      case 10:
        return recover_one();
      case 11:
        return erase_one();
      case 12:
        return below(3) == 0 ? collect() : add_one();
      case 13:
        return undo_one();
      default: {
        clock_.advance(std::chrono::minutes(1));  // Plans are told apart by their times.
        const auto report = consolidate();
        for (const MergeResult& one : report.merge) {
          merges_ += one.outcome == ItemOutcome::kPlanned ? 1 : 0;
        }
      }
    }
  }

  Words expected() {
    Words words;
    for (const auto& [id, source] : sources_) {
      const bool is_shown = source.place == Place::kShown &&
                            (!source.expires_at || *source.expires_at > clock_.now());
      if (is_shown) words.insert(source.words.begin(), source.words.end());
    }
    return words;
  }
  static Words words_in(std::string_view text) {
    static const std::regex kWord("w[0-9]+x");
    const std::string copy(text);
    return {std::sregex_token_iterator(copy.begin(), copy.end(), kWord),
            std::sregex_token_iterator()};
  }

  void expect_exactly_what_the_sources_say() {
    Words said;
    ListRequest all;
    all.limit = 10'000;
    for (const MemoryView& one : value_of(tenant_->list(all)).memories) {
      const Words words = words_in(one.text());
      said.insert(words.begin(), words.end());
    }
    const Words wanted = expected();
    ASSERT_EQ(said, wanted);
    for (int i = 0; i < 3 && words_ > 0; ++i) {
      const std::string word = "w" + std::to_string(1 + below(words_)) + "x";
      const auto hits = value_of(tenant_->search(text_search(word))).hits;
      ASSERT_EQ(!hits.empty(), wanted.contains(word)) << word;
    }
  }

  // For a failed test to tell.
  std::string life_of(const Uuid& id) {
    std::string life = "\n" + id.to_string() + " " + std::string(to_string(status(id))) + ":";
    for (const auto& entry : value_of(tenant_->history(id))) {
      life += " " + entry.operation + "@" + std::to_string(entry.revision);
    }
    return life;
  }

  // A merge names its sources and they name it, and both are linked.
  void expect_lineage_to_be_exact() {
    ListRequest all;
    all.limit = 10'000;
    all.include_archived = all.include_deleted = all.include_expired = true;
    for (const MemoryView& view : value_of(tenant_->list(all)).memories) {
      const Memory one = view.to_memory();
      if (const Uuid& into = one.consolidated_into_id; !into.is_nil()) {
        const auto of_merge = sources(into);
        EXPECT_THAT(of_merge, ::testing::Contains(one.id));
      }
      std::vector<Uuid> linked;
      for (const Relation& relation :
           value_of(list_all<Relation>(*tenant_, {.filter = {one.id}}))) {
        const bool is_link = relation.relation_type == "consolidated_from";
        if (is_link && relation.source_id == one.id) linked.push_back(relation.target_id);
      }
      EXPECT_THAT(linked, ::testing::UnorderedElementsAreArray(one.source_memory_ids));
      for (const Uuid& source : one.source_memory_ids) {
        EXPECT_EQ(get(source).consolidated_into_id, one.id) << life_of(one.id) << life_of(source);
      }
      if (!one.source_memory_ids.empty()) {
        EXPECT_GE(one.source_memory_ids.size(), 2U);
      }
    }
  }

  void expect_the_same_after_reopening_and_in_a_snapshot(int round) {
    const State before = state_of(*tenant_);
    reopen();
    EXPECT_THAT(differences(state_of(*tenant_), before), ::testing::IsEmpty());
    const std::string name = "snapshot" + std::to_string(round);
    value_of(store_->snapshot(directory_ / name));
    value_of(Store::restore(directory_ / name, directory_ / (name + "-restored")));
    Store restored = value_of(Store::open(directory_ / (name + "-restored")));
    EXPECT_THAT(differences(state_of(value_of(restored.tenant("acme"))), before),
                ::testing::IsEmpty());
    EXPECT_THAT(value_of(restored.verify()).problems, ::testing::IsEmpty());
  }

  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  const Timestamp soon_ = clock_.now() + std::chrono::hours(24 * 5);
  const Timestamp late_ = clock_.now() + std::chrono::hours(24 * 400);
  std::map<Uuid, Source> sources_;
  std::size_t words_ = 0;
  int merges_ = 0;
  int undone_ = 0;
};

}  // namespace tulving::testing
