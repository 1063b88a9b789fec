#include "model/apps/sync/replica.h"

#include <algorithm>
#include <utility>

namespace tidemark::model::sync {
namespace {

std::string text_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column) {
  const Cell& cell = rows->row(row)[column];
  return cell.type == CellType::kText ? std::string(cell.text()) : std::string();
}

Row row_of(const ResultSetRef& rows, std::uint32_t row) {
  return {text_at(rows, row, 1), text_at(rows, row, 2), text_at(rows, row, 3), text_at(rows, row, 4),
          number_at(rows, row, 5)};
}

}  // namespace

bool Replica::take(const ResultSetRef& rows, const Semantics& semantics) {
  for (std::uint32_t i = 0; rows && i < rows->rows(); ++i) {
    Row row = row_of(rows, i);
    if (row.revision == complete_ + 1) complete_ = row.revision;
    newest_ = std::max(newest_, row.revision);
    Row& have = rows_[number_at(rows, i, 0)];
    if (!semantics.newest_wins || row.revision > have.revision) have = std::move(row);
  }
  return semantics.revisions && !gapless();
}

void Replica::reached(std::int64_t revision) {
  complete_ = std::max(complete_, revision);
  newest_ = std::max(newest_, revision);
}

SqlValue Replica::since(const Semantics& semantics) const {
  if (semantics.revisions) return complete_;
  std::string newest;
  for (const auto& [id, row] : rows_) newest = std::max({newest, row.updated_at, row.deleted_at});
  if (newest.empty()) return {};
  return newest;
}

bool has_vote(const std::string& votes, std::int64_t action) {
  return ("," + votes + ",").find("," + std::to_string(action) + ",") != std::string::npos;
}

void apply_action(Rows& live, const std::string& type, std::int64_t action, std::int64_t item) {
  if (type == "add") {
    live.try_emplace(item);
    return;
  }
  const auto found = live.find(item);
  if (found == live.end()) return;
  if (type == "remove") {
    live.erase(found);
    return;
  }
  std::string& votes = found->second.votes;
  if (!has_vote(votes, action)) votes += (votes.empty() ? "" : ",") + std::to_string(action);
}

}  // namespace tidemark::model::sync
