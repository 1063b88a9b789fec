// Options back to their defaults, and thresholds lowered.
#include <algorithm>
#include <set>

#include "scenarios/registry.h"
#include "shrink/changes.h"

namespace tidemark::shrink {
namespace {

using scenarios::Key;
using scenarios::Scenario;

/// What a scenario is about, or what other changes look after.
bool is_subject(const Key& key) {
  static const std::set<std::string> kPaths = {"bugs",
                                               "workload.kind",
                                               "workload.application",
                                               "workload.mistakes",
                                               "workload.clients",
                                               "workload.cities",
                                               "cache.strategy",
                                               "workload.arrival",
                                               "database.name",
                                               "database.primary",
                                               "database.replicas",
                                               "database.idle_replicas",
                                               "faults.healed_load",
                                               "cluster.late_boot"};
  return key.table == "scenario" || key.table == "swarm" || kPaths.count(key.path()) != 0;
}

bool set_default(const Key& key, Scenario& scenario) {
  bool any = false;
  const std::size_t elements = key.table == "database" ? scenario.databases.size() : 1;
  for (std::size_t i = 0; i < elements; ++i) {
    const scenarios::KeyValue usual = key.get(scenarios::default_scenario(), 0);
    if (key.get(scenario, i) == usual) continue;
    key.set(scenario, i, usual);
    any = true;
  }
  return any;
}

Change default_keys(std::vector<const Key*> keys) {
  return [keys = std::move(keys)](Scenario& scenario) {
    bool any = false;
    for (const Key* const key : keys) any = set_default(*key, scenario) || any;
    return any;
  };
}

/// A key that something has to grow to, and a value that little reaches.
struct Threshold {
  const char* table;
  const char* name;
  const char* low;
};
constexpr Threshold kThresholds[] = {
    {"relay", "checkpoint_frames", "2"},
    {"relay", "segment_period", "100 ms"},
    {"relay", "ack_refresh", "2 ms"},
    {"cluster", "follower_sites", "nearest-hosts"},
    {"relay", "segment_bytes", "1 KiB"},
    {"relay", "snapshot_log_percent", "1"},
    {"relay", "tail_bytes", "1 KiB"},
    {"relay", "cold_list_page", "1"},
    {"relay", "cold_retention", "1 s"},
    {"relay", "catch_up_batch", "1"},
    {"database-defaults", "page_size", "512 B"},
    {"database-defaults", "queue_limit", "1"},
};

bool set_text(Scenario& scenario, const Threshold& row) {
  const Key* const key = scenarios::find_key(row.table, row.name);
  if (key == nullptr) return false;
  scenarios::KeyValue value;
  std::string error;
  if (!read_value(*key, scenarios::parse_argument_value(row.low, {}), value, error)) return false;
  const bool differs = key->get(scenario, 0) != value;
  key->set(scenario, 0, value);
  return differs;
}

}  // namespace

std::vector<Change> default_options(const Scenario& scenario) {
  std::vector<const Key*> all, keys;
  for (const Key& key : scenarios::keys())
    if (!is_subject(key)) all.push_back(&key);
  for (const Key* const key : all) {
    Scenario copy = scenario;
    if (set_default(*key, copy)) keys.push_back(key);
  }
  std::vector<Change> changes = {default_keys(keys)};
  for (const scenarios::TableInfo& table : scenarios::tables()) {
    std::vector<const Key*> own;
    for (const Key* const key : keys)
      if (key->table == table.name) own.push_back(key);
    if (own.size() > 1) changes.push_back(default_keys(own));
  }
  for (const Key* const key : keys) changes.push_back(default_keys({key}));
  return changes;
}

std::vector<Change> lower_thresholds(const Scenario& scenario) {
  std::vector<Change> changes;
  const std::size_t operations = scenario.workload.script.size();
  for (const std::size_t part : {1U, 2U, 4U}) {
    const std::size_t gone = part == 1 ? operations - 1 : operations / part;
    if (gone == 0) continue;
    for (const Threshold& row : kThresholds)
      for (std::size_t end = operations; end >= gone; end -= gone)
        changes.push_back([&row, at = end - gone, gone](Scenario& s) {
          if (!set_text(s, row)) return false;
          shrink::operations().erase(s, at, gone);
          return true;
        });
  }
  return changes;
}

}  // namespace tidemark::shrink
