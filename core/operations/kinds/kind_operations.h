#pragma once

#include <fmt/format.h>

#include <string>

#include "core/operations/kinds/plain_kind.h"
#include "core/operations/table/concat.h"

namespace tulving::operations {

// The operations of a kind that is looked up and not searched: NAME.put, NAME.get, NAME.list,
// NAME.erase, all made of what PlainKind says.

namespace internal {

template <class Record>
struct KindTable {
  using Kind = PlainKind<Record>;

  static constexpr std::array kPut = {
      params::tenant(),
      params::record(Kind::name, Kind::name, "The record; replaces the one of its id").required(),
  };
  static constexpr std::array kOne = {params::tenant(), Kind::key.required()};
  static constexpr auto kMany = concat(std::array<Param, 1>{params::tenant()}, Kind::list_params);
  static constexpr std::array kWritten = {
      Kind::key.required(),
      params::text("effect", "added, updated or unchanged").required(),
      params::integer("revision", "Of the record, afterwards").required(),
  };
  static constexpr std::array kAll = {
      params::record(Kind::plural, Kind::name, "In the kind's order").list().required(),
  };
  static constexpr std::array kErased = {params::text("erased", "Its id").required()};

  static auto key_in(const Arguments& given) {
    if constexpr (Kind::key.type == ValueType::kUuid) {
      return given.uuid(Kind::key.name).value_or(Uuid());
    } else {
      return given.text(Kind::key.name);
    }
  }

  static Status put(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    const auto& record = std::get<Record>(running.arguments.record(Kind::name));
    auto result = Kind::put(*tenant, record);
    if (!result) return result.error();
    ObjectWriter out(running.answer.json);
    out.member(Kind::key.name, Kind::key_of(record));
    out.member("effect", result->effect);
    out.member("revision", result->revision);
    out.close();
    return {};
  }

  static Status get(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    auto record = Kind::get(*tenant, key_in(running.arguments));
    if (!record) return record.error();
    Kind::append(running.answer.json, tenant->id(), *record);
    return {};
  }

  static Status list(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    auto records = Kind::list(*tenant, running);
    if (!records) return records.error();
    ObjectWriter out(running.answer.json);
    json::append_array(out.key(Kind::plural), *records, [&](std::string& to, const Record& record) {
      Kind::append(to, tenant->id(), record);
    });
    out.close();
    return {};
  }

  static Status erase(const Running& running) {
    auto tenant = running.tenant();
    if (!tenant) return tenant.error();
    const auto key = key_in(running.arguments);
    if (auto status = Kind::erase(*tenant, key); !status) return status;
    ObjectWriter out(running.answer.json);
    out.member("erased", key);
    out.close();
    return {};
  }
};

/// Text that lives as long as the program: the table holds views.
inline std::string_view kept(std::string text) {
  return *new std::string(std::move(text));  // NOLINT: once a table.
}

}  // namespace internal

template <class Record>
[[nodiscard]] std::vector<Operation> kind_operations() {
  using Kind = PlainKind<Record>;
  using Table = internal::KindTable<Record>;
  using internal::kept;
  const auto named = [](std::string_view act) {
    return kept(fmt::format("{}.{}", Kind::name, act));
  };
  std::vector<Operation> table = {
      {.name = named("get"),
       .help = kept(fmt::format("Shows {}", Kind::what)),
       .params = Table::kOne,
       .answer = params::record({}, Kind::name, "The record"),
       .run = &Table::get},
      {.name = named("list"),
       .help = kept(fmt::format("Lists what the tenant has of the kind of {}", Kind::what)),
       .params = Table::kMany,
       .answer = params::object({}, Table::kAll, "The records"),
       .run = &Table::list},
  };
  if constexpr (Kind::is_written) {
    table.push_back({.name = named("put"),
                     .effect = Effect::kWrite,
                     .help = kept(fmt::format("Adds or replaces {}", Kind::what)),
                     .params = Table::kPut,
                     .answer = params::object({}, Table::kWritten, "What the write did"),
                     .run = &Table::put,
                     .makes_store = true});
    table.push_back({.name = named("erase"),
                     .effect = Effect::kDestroy,
                     .is_idempotent = false,
                     .help = kept(fmt::format("Removes {} for good{}", Kind::what, Kind::with_it)),
                     .params = Table::kOne,
                     .answer = params::object({}, Table::kErased, "What was removed"),
                     .run = &Table::erase});
  }
  return table;
}

}  // namespace tulving::operations
