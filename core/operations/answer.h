#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/text/json_writer.h"
#include "tulving/json.h"
#include "tulving/params.h"
#include "tulving/writes.h"

// What the answers of several operations are made of.

namespace tulving::operations {

using json::ObjectWriter;

/// The line that export writes, the content hash and the revision beside it.
void append_memory(std::string& out, std::string_view tenant_id, const Memory& memory);
/// A record's line of export, its revision beside it.
template <class Struct>
void append_record(std::string& out, std::string_view tenant_id, const Struct& record) {
  out += to_json_line(tenant_id, record);
  out.pop_back();
  out += ",\"revision\":";
  json::append_value(out, record.revision);
  out += '}';
}

/// {"id", "effect", "revision"}, and "followed" where something has.
void append_write(std::string& out, const AddResult& result);

/// Likewise of a list of what has a to_json().
template <class T>
void append_all(std::string& out, const std::vector<T>& values) {
  json::append_array(out, values, [](std::string& to, const T& value) { to += to_json(value); });
}

/// A figure with a fraction even where that is zero (1.0), and an exponent above 15 digits: how
/// figures of reports have always been written. append_value() writes those of records.
void append_figure(std::string& out, double value);

/// `text` with a replacement character for each byte that is no UTF-8: a path, or a message that
/// quotes one.
[[nodiscard]] std::string well_formed(std::string_view text);

/// What append_write() writes.
extern const std::span<const Param> kWriteMembers;

}  // namespace tulving::operations
