#pragma once

#include <fmt/format.h>

#include <deque>
#include <string>
#include <type_traits>
#include <vector>

#include "core/operations/kinds/plain_kind.h"
#include "core/operations/table/concat.h"

namespace tulving::operations {

// The operations of a kind that is looked up and not searched: NAME.put, NAME.get, NAME.list,
// NAME.update, NAME.erase, all made of its declaration in core/kinds and of what PlainKind adds.

namespace internal {

/// "a session", "an issue".
[[nodiscard]] inline std::string one(std::string_view noun) {
  const bool has_vowel = std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return fmt::format("{} {}", has_vowel ? "an" : "a", noun);
}

/// The parameter that says which record: what it is looked up by.
template <class Record>
[[nodiscard]] constexpr Param key_param() {
  constexpr std::string_view name = kinds::name_at<kinds::Kind<Record>::key.member>();
  return (std::is_same_v<KeyOf<Record>, Uuid> ? params::uuid(name, "Its id")
                                              : params::text(name, "Its id"))
      .required();
}

template <class Record>
struct KindTable {
  using Kind = kinds::Kind<Record>;
  using More = PlainKind<Record>;

  static constexpr Param kKey = key_param<Record>();
  static constexpr std::array kPut = {
      params::tenant(),
      params::record(More::parameter, Kind::name, "The record; replaces the one of its id")
          .required(),
      params::integer("expected_revision", "Refuse unless it stands there; 0: must be new"),
  };
  static constexpr std::array kUpdate = {
      params::tenant(),
      kKey,
      params::any("patch", "Its members that change; null empties one").required(),
      params::integer("expected_revision", "Refuse unless it stands there"),
  };
  static constexpr std::array kOne = {params::tenant(), kKey};
  static constexpr auto kMany = concat(
      std::array{params::tenant()},
      concat(More::filters,
             std::array{
                 params::integer("limit", "Records a page").range(1, 1'000'000).by_default("1000"),
                 params::text("cursor", "The page to show, as the last one said"),
             }));
  static constexpr std::array kWritten = {
      kKey,
      params::text("effect", "added, updated or unchanged").required(),
      params::integer("revision", "Of the record, afterwards").required(),
  };
  static constexpr std::array kAll = {
      params::record(More::plural, Kind::name, "In the kind's order").list().required(),
      params::text("next_cursor", "Of the next page, where there is one"),
      params::integer("matching", "Records on all pages, where there is another"),
  };
  static constexpr std::array kErased = {params::text("erased", "Its id").required()};

  static auto key_in(const Arguments& given) {
    if constexpr (std::is_same_v<KeyOf<Record>, Uuid>) {
      return given.uuid(kKey.name).value_or(Uuid());
    } else {
      return given.text(kKey.name);
    }
  }

  static Status put(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    const Arguments& given = running.arguments;
    auto result = tenant->put(std::get<Record>(given.record(More::parameter)),
                              given.integer_if_any("expected_revision"));
    return written(running, result);
  }

  static Status update(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    const Arguments& given = running.arguments;
    const std::string_view patch = given.json("patch");
    const auto key = key_in(given);
    return written(running, tenant->template update<Record>(
                                key, [&](Record& record) { return patch_record(patch, record); },
                                given.integer_if_any("expected_revision")));
  }

  static Status written(const Running& running, const Result<PutResult<Record>>& result) {
    if (!result) return result.error();
    ObjectWriter out(running.answer.json);
    out.member(kKey.name, kinds::key_of(result->record));
    out.member("effect", result->effect);
    out.member("revision", result->record.revision);
    out.close();
    return {};
  }

  static Status get(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    const auto key = key_in(running.arguments);
    auto record = tenant->template get<Record>(key);
    if (!record) return record.error();
    More::append(running.answer.json, tenant->id(), *record);
    return {};
  }

  static Status list(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    auto filter = More::filter(*tenant, running.arguments);
    if (!filter) return filter.error();
    const auto limit = static_cast<std::uint32_t>(running.arguments.integer("limit"));
    auto page = tenant->template list<Record>(
        {*std::move(filter), limit, running.arguments.text("cursor")});
    if (!page) return page.error();
    if (page->records.empty()) More::remark(*tenant, running);
    ObjectWriter out(running.answer.json);
    json::append_array(
        out.key(More::plural), page->records,
        [&](std::string& to, const Record& record) { More::append(to, tenant->id(), record); });
    if (!page->next_cursor.empty()) {
      out.member("next_cursor", page->next_cursor);
      out.member("matching", page->matching);
    }
    out.close();
    return {};
  }

  static Status erase(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    const auto key = key_in(running.arguments);
    if (auto status = tenant->template erase<Record>(key); !status) return status;
    ObjectWriter out(running.answer.json);
    out.member("erased", key);
    out.close();
    return {};
  }
};

/// Text that lives as long as the program: the table holds views.
inline std::string_view kept(std::string text) {
  static std::deque<std::string>& all = *new std::deque<std::string>();  // NOLINT: once a table.
  return all.emplace_back(std::move(text));
}

}  // namespace internal

/// NAME.get, NAME.list and NAME.update.
template <class Record>
[[nodiscard]] std::vector<Operation> shared_operations() {
  using Kind = kinds::Kind<Record>;
  using Table = internal::KindTable<Record>;
  using internal::kept;
  const std::string one = internal::one(Kind::noun);
  return {
      {.name = kept(fmt::format("{}.get", Kind::name)),
       .help = kept(fmt::format("Shows {}", one)),
       .params = Table::kOne,
       .answer = params::record({}, Kind::name, "The record"),
       .run = &Table::get},
      {.name = kept(fmt::format("{}.list", Kind::name)),
       .help = kept(fmt::format("Lists what the tenant has of the kind of {}", one)),
       .params = Table::kMany,
       .answer = params::object({}, Table::kAll, "A page of the records"),
       .run = &Table::list},
      {.name = kept(fmt::format("{}.update", Kind::name)),
       .effect = Effect::kWrite,
       .help = kept(fmt::format("Changes members of {}", one)),
       .params = Table::kUpdate,
       .answer = params::object({}, Table::kWritten, "What the write did"),
       .run = &Table::update},
  };
}

/// All five.
template <class Record>
[[nodiscard]] std::vector<Operation> kind_operations() {
  using Kind = kinds::Kind<Record>;
  using Table = internal::KindTable<Record>;
  using internal::kept;
  const std::string one = internal::one(Kind::noun);
  std::vector<Operation> table = shared_operations<Record>();
  table.push_back({.name = kept(fmt::format("{}.put", Kind::name)),
                   .effect = Effect::kWrite,
                   .help = kept(fmt::format("Adds or replaces {}", one)),
                   .params = Table::kPut,
                   .answer = params::object({}, Table::kWritten, "What the write did"),
                   .run = &Table::put,
                   .makes_store = true});
  table.push_back(
      {.name = kept(fmt::format("{}.erase", Kind::name)),
       .effect = Effect::kDestroy,
       .is_idempotent = false,
       .help = kept(fmt::format("Removes {} for good{}", one, PlainKind<Record>::with_it)),
       .params = Table::kOne,
       .answer = params::object({}, Table::kErased, "What was removed"),
       .run = &Table::erase});
  return table;
}

}  // namespace tulving::operations
