#include "storage/postgres/target/ddl_reader.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

// The locale's isalpha() and its like are for no program text.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t literal_end(std::string_view text) {
  const auto quote = text.find('\'', 1);
  return quote == text.npos ? quote : quote + 1;
}

std::size_t sign_length(std::string_view text) {
  constexpr std::array<std::string_view, 6> kLongSigns = {"->>", "->", "::", ">=", "<=", "!="};
  for (const auto sign : kLongSigns) {
    if (text.starts_with(sign)) return sign.size();
  }
  return 1;
}

// The token that `text` begins with; empty: a literal that does not end.
DdlToken first_token(std::string_view text) {
  const auto while_true = [text](auto is) {
    const auto end = std::find_if_not(text.begin(), text.end(), is);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
  };
  if (is_digit(text.front())) {
    return {while_true([](char c) { return is_digit(c) || c == '.'; }), DdlToken::Kind::kNumber};
  }
  if (in_word(text.front())) return {while_true(in_word), DdlToken::Kind::kWord};
  if (text.front() == '\'') {
    const auto end = literal_end(text);
    return {end == text.npos ? "" : text.substr(0, end), DdlToken::Kind::kText};
  }
  return {text.substr(0, sign_length(text)), DdlToken::Kind::kSign};
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char left, char right) { return lower(left) == lower(right); });
}

std::string without_comments(std::string_view text) {
  std::string kept(text);
  bool in_literal = false;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i] == '\'') in_literal = !in_literal;
    if (in_literal || kept.compare(i, 2, "--") != 0) continue;
    for (; i < kept.size() && kept[i] != '\n'; ++i) kept[i] = ' ';
  }
  return kept;
}

Result<std::vector<std::vector<DdlToken>>> split_statements(std::string_view text) {
  std::vector<std::vector<DdlToken>> statements;
  std::vector<DdlToken> statement;
  while (true) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    if (text.empty()) break;
    const DdlToken token = first_token(text);
    if (token.text.empty()) {
      return Error{ErrorCode::kInvalidArgument, "the definition has a text literal without end"};
    }
    text.remove_prefix(token.text.size());
    if (token.text != ";") {
      statement.push_back(token);
    } else if (!statement.empty()) {
      statements.push_back(std::move(statement));
      statement.clear();
    }
  }
  if (!statement.empty()) {
    return Error{ErrorCode::kInvalidArgument, "the definition's last statement has no \";\""};
  }
  return statements;
}

void DdlReader::fail(std::string_view expected) {
  if (failed()) return;
  const auto first = at_ < 4 ? 0 : at_ - 4;
  std::string place;
  for (std::size_t i = first; i < std::min(at_ + 1, tokens_.size()); ++i) {
    place += std::string(place.empty() ? "" : " ") + std::string(tokens_[i].text);
  }
  status_ = Error{ErrorCode::kInvalidArgument, "the definition is not understood at \"" + place +
                                                   "\": expected " + std::string(expected)};
}

bool DdlReader::take(std::string_view wanted) {
  std::size_t at = at_;
  while (!failed() && !wanted.empty()) {
    const auto word = wanted.substr(0, wanted.find(' '));
    wanted.remove_prefix(std::min(wanted.size(), word.size() + 1));
    if (at == tokens_.size() || !same_word(tokens_[at].text, word)) return false;
    ++at;
  }
  if (failed()) return false;
  at_ = at;
  return true;
}

void DdlReader::expect(std::string_view wanted) {
  if (!take(wanted)) fail(wanted);
}

DdlToken::Kind DdlReader::kind() const {
  return at_end() ? DdlToken::Kind::kSign : tokens_[at_].kind;
}

std::string_view DdlReader::next(DdlToken::Kind wanted, std::string_view what) {
  if (at_end() || tokens_[at_].kind != wanted) {
    fail(what);
    return {};
  }
  return tokens_[at_++].text;
}

std::string DdlReader::word() { return std::string(next(DdlToken::Kind::kWord, "a name")); }

std::vector<std::string> DdlReader::words() {
  std::vector<std::string> names;
  expect("(");
  do {
    names.push_back(word());
  } while (take(","));
  expect(")");
  return names;
}

std::string DdlReader::parenthesised() {
  const std::size_t first = at_;
  expect("(");
  for (int depth = 1; depth > 0 && !failed();) {
    if (at_end()) {
      fail(")");
    } else if (take("(")) {
      ++depth;
    } else if (take(")")) {
      --depth;
    } else {
      ++at_;
    }
  }
  return failed() ? "" : since(first);
}

std::string DdlReader::since(std::size_t first) const {
  TULVING_DCHECK(first < at_ && at_ <= tokens_.size());
  const auto* begin = tokens_[first].text.data();
  const auto& last = tokens_[at_ - 1].text;
  return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
}

}  // namespace tulving::storage::postgres
