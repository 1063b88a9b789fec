#include "model/types/sql_workload.h"

#include <algorithm>

namespace tidemark::model {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

/// Where the literal, quoted name or comment ends that begins at `at`; `at` when none does.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const auto behind = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  switch (sql[at]) {
    case '\'':
    case '"':
    case '`':
      // A doubled quote inside is seen as the end of one and the beginning of the next.
      return behind(sql.substr(at, 1), at + 1);
    case '[':
      return behind("]", at + 1);
    case '-':
      return sql.substr(at, 2) == "--" ? behind("\n", at + 2) : at;
    case '/':
      return sql.substr(at, 2) == "/*" ? behind("*/", at + 2) : at;
    default:
      return at;
  }
}

}  // namespace

OrderedSql ordered_sql(std::string_view sql) {
  OrderedSql ordered;
  std::size_t at = 0;
  while (at < sql.size()) {
    if (const std::size_t end = end_of_quoted(sql, at); end != at) {
      ordered.text += sql.substr(at, end - at);
      at = end;
      continue;
    }
    if (sql[at] != ':' || at + 1 == sql.size() || !begins_name(sql[at + 1])) {
      ordered.text += sql[at++];
      continue;
    }
    std::size_t end = at + 1;
    while (end < sql.size() && continues_name(sql[end])) ++end;
    const std::string name(sql.substr(at + 1, end - at - 1));
    const auto known =
        std::find_if(ordered.names.begin(), ordered.names.end(), [&](const auto& n) { return n.name == name; });
    const auto index = static_cast<std::size_t>(known - ordered.names.begin());
    if (known == ordered.names.end()) ordered.names.push_back({name, at});
    ordered.text += "?" + std::to_string(index + 1);
    at = end;
  }
  return ordered;
}

std::string joined(const std::vector<std::string>& schema) {
  std::string text;
  for (const std::string& statement : schema) text += (text.empty() ? "" : "\n;\n") + statement;
  return text;
}

}  // namespace tidemark::model
