// What can be taken out of an application that is written as SQL.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "model/types/script.h"
#include "model/types/sql_workload.h"
#include "shrink/changes.h"

namespace tidemark::shrink {
namespace {

using model::SqlStatement;
using model::SqlWorkload;
using scenarios::Scenario;

bool is_done(const Scenario& scenario, const SqlStatement& statement) {
  const auto names_it = [&](const model::ScriptedStep& step) { return step.action == statement.name; };
  return std::any_of(scenario.workload.script.begin(), scenario.workload.script.end(), [&](const auto& operation) {
    return std::any_of(operation.steps.begin(), operation.steps.end(), names_it);
  });
}

/// Operations that are written down need those statements that they name; operations that are drawn need any.
bool can_go(const Scenario& scenario, const SqlStatement& statement) {
  return scenario.workload.arrival != model::Arrival::kScript || !is_done(scenario, statement);
}

/// Of those for which `counts` is true, the ones from `first` on: at most `count`.
template <typename Item, typename Counts>
void erase_some(std::vector<Item>& items, std::size_t first, std::size_t count, const Counts& counts) {
  std::size_t number = 0;
  std::erase_if(items, [&](const Item& item) {
    if (!counts(item)) return false;
    const std::size_t here = number++;
    return here >= first && here < first + count;
  });
}

/// `list` is a list of the SQL; of it, what `counts` says.
template <typename Item, typename Counts>
Removable part(std::vector<Item> SqlWorkload::*list, Counts counts) {
  return {[=](const Scenario& s) {
            if (s.workload.sql == nullptr) return std::size_t{0};
            const std::vector<Item>& items = (*s.workload.sql).*list;
            return static_cast<std::size_t>(
                std::count_if(items.begin(), items.end(), [&](const Item& item) { return counts(s, item); }));
          },
          [=](Scenario& s, std::size_t first, std::size_t count) {
            auto sql = std::make_shared<SqlWorkload>(*s.workload.sql);
            erase_some((*sql).*list, first, count, [&](const Item& item) { return counts(s, item); });
            s.workload.sql = std::move(sql);
          }};
}

constexpr auto kAny = [](const Scenario&, const auto&) { return true; };

}  // namespace

Removable sql_statements() {
  return part(&SqlWorkload::statements, can_go);
}

Removable sql_assertions() {
  return part(&SqlWorkload::assertions, kAny);
}

Removable sql_schema() {
  return part(&SqlWorkload::schema, kAny);
}

}  // namespace tidemark::shrink
