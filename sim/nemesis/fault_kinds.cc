#include "sim/nemesis/fault_kinds.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::sim {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

struct RoleName {
  FaultRole role;
  const char* name;
};
constexpr RoleName kRoleNames[] = {
    {kRolePrimary, "primary"},      {kRoleFollower, "follower"}, {kRoleReplica, "replica"},
    {kRoleWorker, "worker"},        {kRoleClient, "client"},     {kRoleControl, "control"},
    {kRoleColdStore, "cold store"}, {kRoleLink, "link"},         {kRoleRun, "run"},
};

std::vector<FaultKindInfo> make_table() {
  std::vector<FaultKindInfo> rows;
  detail::add_network_kinds(rows);
  detail::add_disk_kinds(rows);
  detail::add_process_kinds(rows);
  detail::add_operation_kinds(rows);
  for (std::size_t i = 0; i < rows.size(); ++i)
    TIDEMARK_ASSERT(static_cast<std::size_t>(rows[i].kind) == i, "the rows follow the enumeration");
  TIDEMARK_ASSERT(rows.size() == static_cast<std::size_t>(FaultKind::kB6) + 1);
  return rows;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string roles_text(FaultRoles roles) {
  std::string text;
  for (const RoleName& row : kRoleNames) {
    if ((roles & row.role) == 0) continue;
    if (!text.empty()) text += ", ";
    text += row.name;
  }
  return text;
}

const ParameterInfo* FaultKindInfo::parameter(std::string_view wanted) const {
  for (const ParameterInfo& row : parameters)
    if (row.name == wanted) return &row;
  return nullptr;
}

const std::vector<FaultKindInfo>& fault_kinds() {
  static const std::vector<FaultKindInfo> table = make_table();
  return table;
}

const FaultKindInfo& info(FaultKind kind) {
  return fault_kinds()[static_cast<std::size_t>(kind)];
}

const FaultKindInfo* find_fault_kind(std::string_view id_or_name) {
  for (const FaultKindInfo& row : fault_kinds())
    if (same_word(row.id, id_or_name) || same_word(row.name, id_or_name)) return &row;
  return nullptr;
}

std::string_view cost_text(FaultCost cost) {
  switch (cost) {
    case FaultCost::kNothing:
      return "nothing: the protocol needs no spare for it";
    case FaultCost::kUnreachable:
      return "one follower for each follower hit, while it lasts: the other followers make the quorum";
    case FaultCost::kSplit:
      return "the followers on the smaller side, while it lasts: those on the larger side make the quorum";
    case FaultCost::kLastTwo:
      return "two followers, while it lasts: the other three make the quorum";
    case FaultCost::kWholeOutage:
      return "nothing confirmed is at stake: what was synced is there after the restart, and nothing is promised while "
             "the quorum is down";
    case FaultCost::kDestroys:
      return "one follower for each follower hit, while it lasts and for the recovery margin after it: its peers and "
             "cold storage repair it";
    case FaultCost::kUndetectable:
      return "beyond the budget on a follower, which would vouch for entries that it has lost; on another node nothing";
    case FaultCost::kLies:
      return "beyond the budget when the same follower loses power while it lasts or within the recovery margin; alone "
             "nothing";
    case FaultCost::kLease:
      return "beyond the budget on a host that can lead and on the control plane (clock drift: above 1 %), because the "
             "leader's read lease relies on monotonic clocks of bounded drift; elsewhere as a pause";
    case FaultCost::kRelay:
      return "nothing on the relay's links, which carry epochs and positions; other links are connections of callers "
             "and refuse it";
    case FaultCost::kHostForGood:
      return "one host that can run the primary, for good: one must be left";
    case FaultCost::kTransfer:
      return "nothing in transfer: the caller reads again; stored for good it would be the only copy, so that is "
             "beyond "
             "the budget";
  }
  return "";
}

std::string_view shape_text(FaultShape shape) {
  switch (shape) {
    case FaultShape::kInstant:
      return "happens once";
    case FaultShape::kInterval:
      return "in force for its duration";
    case FaultShape::kOutage:
      return "down for its duration, then back";
    case FaultShape::kRun:
      return "a mode of the whole run";
    case FaultShape::kGuard:
      return "a guard of the engine, always on; not injectable";
  }
  return "";
}

namespace detail {

ParameterInfo duration(std::string name, std::int64_t fallback_ms, std::int64_t low_ms, std::int64_t high_ms,
                       std::string doc) {
  return {std::move(name),
          ParameterType::kDuration,
          fallback_ms * kMillisecond,
          low_ms * kMillisecond,
          high_ms * kMillisecond,
          "",
          {},
          std::move(doc)};
}

ParameterInfo ratio(std::string name, std::int64_t fallback, std::int64_t low, std::int64_t high, std::string doc) {
  return {std::move(name), ParameterType::kRatio, fallback, low, high, "", {}, std::move(doc)};
}

ParameterInfo count(std::string name, std::int64_t fallback, std::int64_t low, std::int64_t high, std::string doc) {
  return {std::move(name), ParameterType::kCount, fallback, low, high, "", {}, std::move(doc)};
}

ParameterInfo choice(std::string name, std::vector<std::string> choices, std::string doc) {
  const std::string first = choices.front();
  return {std::move(name), ParameterType::kChoice, 0, 0, 0, first, std::move(choices), std::move(doc)};
}

ParameterInfo text(std::string name, std::string fallback, std::string doc) {
  return {std::move(name), ParameterType::kText, 0, 0, 0, std::move(fallback), {}, std::move(doc)};
}

}  // namespace detail
}  // namespace tidemark::sim
