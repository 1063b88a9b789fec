#include "scenarios/run/action_history.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "checkers/history/history_io.h"
#include "model/protocol/http.h"

namespace tidemark::scenarios {
namespace {

using model::json_quote;

[[noreturn]] void fail(const std::string& path) {
  throw checkers::HistoryError(path, 0, 0, fmt::format("cannot be written: {}", std::strerror(errno)));
}

const char* type_of(model::OperationOutcome outcome) {
  switch (outcome) {
    case model::OperationOutcome::kOk:
      return "ok";
    case model::OperationOutcome::kFail:
      return "fail";
    case model::OperationOutcome::kInfo:
      break;
  }
  return "info";
}

std::string json_of(const model::SqlValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:.17g}", *real);
  if (const auto* text = std::get_if<std::string>(&value)) return json_quote(*text);
  if (const auto* blob = std::get_if<model::Blob>(&value)) return fmt::format("\"{} bytes\"", blob->bytes.size());
  return "null";
}

std::string json_of(const model::Cell& cell) {
  switch (cell.type) {
    case model::CellType::kInteger:
      return fmt::format("{}", cell.integer);
    case model::CellType::kReal:
      return fmt::format("{:.17g}", cell.real);
    case model::CellType::kText:
      return json_quote(cell.text());
    case model::CellType::kBlob:
      return fmt::format("\"{} bytes\"", cell.text().size());
    case model::CellType::kNull:
      break;
  }
  return "null";
}

/// [[row, ...], ...]; rows are lists of their cells.
std::string rows_json(const model::ResultSetRef& set) {
  std::string text = "[";
  for (std::uint32_t row = 0; set && row < set->rows(); ++row) {
    text += row == 0 ? "[" : ",[";
    for (const model::Cell& cell : set->row(row)) text += (text.back() == '[' ? "" : ",") + json_of(cell);
    text += ']';
  }
  return text + "]";
}

std::string token_text(const model::SessionToken* token) {
  return token == nullptr ? std::string() : token->text();
}

}  // namespace

ActionHistory::ActionHistory(std::string path, const std::string& scenario, std::uint64_t seed,
                             const std::string& application)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
  if (file_ == nullptr) fail(path_);
  put(fmt::format(
      "{{\"format\":\"{}\",\"version\":{},\"scenario\":{},\"seed\":{},\"model\":\"application\","
      "\"application\":{}}}\n",
      checkers::kHistoryFormat, checkers::kHistoryVersion, json_quote(scenario), seed, json_quote(application)));
}

void ActionHistory::write(const model::ClientOperation& operation) {
  const model::ClientInvocation& invocation = operation.invocation;
  std::string values, shown;
  for (const model::SqlValue& value : invocation.action->values) values += (values.empty() ? "" : ",") + json_of(value);
  for (const model::ResultSetRef& set : operation.results) shown += (shown.empty() ? "" : ",") + rows_json(set);
  std::string line = fmt::format(
      "{{\"index\":{},\"session\":{},\"process\":{},\"type\":\"{}\",\"f\":{},\"value\":[{}],\"shown\":[{}],"
      "\"invoke_ns\":{},\"complete_ns\":{},\"bookmark_in\":{},\"bookmark_out\":{},\"served_by_region\":{},"
      "\"served_by_primary\":{}",
      index_++, invocation.session, invocation.process, type_of(operation.outcome), json_quote(invocation.action->name),
      values, shown, invocation.invoked.ns(), operation.completed.ns(), json_quote(token_text(invocation.bookmark_in)),
      json_quote(token_text(operation.bookmark_out)), json_quote(operation.served_by_region),
      operation.served_by_primary);
  if (operation.outcome != model::OperationOutcome::kOk)
    line += fmt::format(",\"error\":{}", json_quote(operation.error));
  put(line + "}\n");
}

void ActionHistory::put(const std::string& line) {
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) fail(path_);
}

void ActionHistory::close() {
  if (std::fclose(file_.release()) != 0) fail(path_);
}

}  // namespace tidemark::scenarios
