#include "scenarios/swarm.h"

#include <algorithm>

#include "base/assert.h"
#include "scenarios/fault_spec.h"
#include "scenarios/registry.h"
#include "sim/core/random.h"
#include "sim/net/site.h"

namespace tidemark::scenarios {
namespace {

using sim::Duration;
using sim::FaultKind;
using sim::RandomStream;
using sim::StreamRegistry;

constexpr std::uint64_t kPercent = 100;

void set_key(Scenario& scenario, const char* table, const char* name, const char* text) {
  const Key* key = find_key(table, name);
  TIDEMARK_ASSERT(key != nullptr, "a knob names a key that does not exist");
  KeyValue value;
  std::string error;
  const bool good = read_value(*key, parse_argument_value(text, Place{}), value, error);
  TIDEMARK_ASSERT(good, error);
  key->set(scenario, 0, value);
}

/// One of `choices`, uniform.
template <typename T>
T pick(RandomStream& random, std::initializer_list<T> choices) {
  return *(choices.begin() + random.below(choices.size()));
}

// --- Topology ---

/// `count` host sites other than the primary's, without repetition.
std::vector<std::string> draw_hosts(const std::string& primary, std::uint64_t count, RandomStream& random) {
  const sim::SiteTable& sites = sim::SiteTable::shipped();
  std::vector<std::string> names;
  for (const sim::SiteId id : sites.hosts())
    if (sites.name(id) != primary) names.push_back(sites.name(id));
  for (std::size_t i = 0; i < count; ++i) std::swap(names[i], names[i + random.below(names.size() - i)]);
  names.resize(count);
  return names;
}

void draw_database(DatabaseSpec& database, StreamRegistry& streams) {
  const sim::SiteTable& sites = sim::SiteTable::shipped();
  RandomStream& random = streams.stream("swarm/topology/" + database.name, "draw");
  const std::vector<sim::SiteId> hosts = sites.hosts();
  database.primary = sites.name(hosts[random.below(hosts.size())]);
  database.replicas = draw_hosts(database.primary, 1 + random.below(5), random);
  // Rarely the placement of D1, whose sites are drawn by the cluster.
  if (random.chance(10, kPercent)) database.replicas = {DatabaseSpec::kOnePerRegion};
  database.idle_replicas.clear();
}

void draw_topology(Scenario& scenario, StreamRegistry& streams) {
  RandomStream& random = streams.stream("swarm/topology", "draw");
  // A second database whose name begins with the first one's is where prefixes of object names go wrong.
  const bool second = random.chance(10, kPercent);
  if (second && scenario.databases.size() == 1) {
    scenario.databases.push_back(scenario.databases.front());
    scenario.databases.back().name += "-2";
  }
  for (DatabaseSpec& database : scenario.databases) draw_database(database, streams);
  scenario.cluster.follower_sites = random.chance(25, kPercent) ? FollowerSites::kNearestHosts : FollowerSites::kMetro;
  scenario.cluster.late_boot = random.chance(50, kPercent) ? Duration{} : Duration::seconds(2);
  if (scenario.cluster.late_boot >= scenario.duration) scenario.cluster.late_boot = {};
  scenario.control.standby_hosts = static_cast<std::uint32_t>(1 + random.below(2));
  scenario.control.spare_followers = static_cast<std::uint32_t>(1 + random.below(3));
}

// --- Workload ---

void draw_workload(Scenario& scenario, StreamRegistry& streams) {
  RandomStream& random = streams.stream("swarm/workload", "draw");
  model::WorkloadOptions& load = scenario.workload;
  using model::WorkloadKind;
  const WorkloadKind drawn = pick(random, {WorkloadKind::kOrders, WorkloadKind::kRegister, WorkloadKind::kAppend});
  if (!does_actions(load.kind)) load.kind = drawn;  // an application stays what it is
  load.clients = static_cast<std::uint32_t>(3 + random.below(10));
  load.think_time = Duration::milliseconds(pick<std::int64_t>(random, {40, 100, 200, 400}));
  load.read_share = pick(random, {0.2, 0.5, 0.8});
  load.sessions = random.chance(20, kPercent) ? model::SessionMode::kFirstPrimary : model::SessionMode::kBookmark;
  load.keys = static_cast<std::uint32_t>(pick<std::uint64_t>(random, {2, 5, 10}));
  load.batch_share = pick(random, {0.0, 0.2, 0.6});
  load.concurrent_share = pick(random, {0.0, 0.1, 0.3});
  load.new_session_share = pick(random, {0.02, 0.1});
  load.reset_period = Duration::seconds(pick<std::int64_t>(random, {0, 5, 20}));
  load.route_change_period = Duration::seconds(pick<std::int64_t>(random, {0, 1, 5}));
  load.row_padding = pick<std::uint32_t>(random, {0, 0, 300, 6'000});
  load.request_timeout = Duration::seconds(pick<std::int64_t>(random, {0, 2, 10}));
  const double write_load = pick(random, {0.0, 0.0, 5.0});
  for (DatabaseSpec& database : scenario.databases) database.write_load_per_second = write_load;
}

// --- Knobs ---

/// Periods of the control plane belong together: detection above lease above report.
void draw_control_pace(Scenario& scenario, StreamRegistry& streams) {
  struct Pace {
    const char* report;
    const char* lease;
    const char* detection;
  };
  constexpr Pace kFast = {"100 ms", "400 ms", "600 ms"};
  constexpr Pace kSlow = {"2 s", "5 s", "8 s"};
  const std::uint64_t draw = streams.stream("swarm/knob/control.pace", "draw").below(kPercent);
  if (draw >= 40) return;
  const Pace& pace = draw < 20 ? kFast : kSlow;
  set_key(scenario, "control", "report_period", pace.report);
  set_key(scenario, "control", "lease", pace.lease);
  set_key(scenario, "control", "detection_timeout", pace.detection);
}

void draw_knobs(Scenario& scenario, StreamRegistry& streams) {
  for (const SwarmKnob& knob : swarm_knobs()) {
    const std::string name = std::string("swarm/knob/") + knob.table + "." + knob.name;
    const std::uint64_t draw = streams.stream(name, "draw").below(kPercent);
    if (draw < 40) set_key(scenario, knob.table, knob.name, draw < 20 ? knob.tiny : knob.huge);
  }
  draw_control_pace(scenario, streams);
}

bool has_fault(const Scenario& scenario, FaultKind kind) {
  return std::any_of(scenario.faults.begin(), scenario.faults.end(),
                     [kind](const sim::FaultRequest& fault) { return fault.kind == kind; });
}

void add_mode(Scenario& scenario, FaultKind kind) {
  if (has_fault(scenario, kind)) return;
  sim::FaultRequest request;
  request.kind = kind;
  request.targets = {"run"};
  scenario.faults.push_back(std::move(request));
}

/// Whether the swarm has this mode of the run in play.
bool draws_mode(const Scenario& scenario, FaultKind kind, StreamRegistry& streams) {
  if (!scenario.swarm.faults) return false;
  std::vector<std::string> unknown;
  const std::vector<FaultKind> kinds = swarm_kinds(scenario.swarm, unknown);
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return false;
  return streams.stream("swarm/mode/" + info(kind).id, "draw").chance(50, kPercent);
}

}  // namespace

const std::vector<SwarmKnob>& swarm_knobs() {
  static const std::vector<SwarmKnob> kKnobs = {
      {"relay", "checkpoint_frames", "10", "100000"},     {"relay", "segment_period", "300 ms", "60 s"},
      {"relay", "segment_bytes", "8 KiB", "1 GB"},        {"relay", "snapshot_log_percent", "10", "2000"},
      {"relay", "confirm_flush_period", "0 s", "300 ms"}, {"relay", "catch_up_batch", "1", "100000"},
      {"relay", "cold_list_page", "10", "100000"},        {"relay", "cold_retention", "5 s", "30 d"},
      {"relay", "ack_refresh", "50 ms", "5 s"},           {"relay", "orphan_age", "1 s", "10 min"},
      {"relay", "confirm_timeout", "3 s", "20 s"},        {"relay", "storage_timeout", "3 s", "20 s"},
      {"relay", "tail_bytes", "20 kB", "1 GB"},           {"relay", "publish_median", "0 s", "20 ms"},
      {"objects", "list_page_keys", "10", "100000"},      {"database-defaults", "page_size", "512 B", "64 KiB"},
      {"database-defaults", "queue_limit", "3", "1000"},  {"database-defaults", "bookmark_wait_timeout", "2 s", "30 s"},
      {"control", "replace_after", "4 s", "5 min"},       {"control", "takeover_timeout", "5 s", "60 s"},
      {"control", "evict_after", "1 s", "1 h"},
  };
  return kKnobs;
}

Scenario draw_scenario(const Scenario& scenario, std::uint64_t seed) {
  Scenario drawn = scenario;
  StreamRegistry streams(seed);
  if (draws_mode(scenario, FaultKind::kP14, streams)) add_mode(drawn, FaultKind::kP14);
  if (scenario.swarm.topology) draw_topology(drawn, streams);
  if (scenario.swarm.workload) draw_workload(drawn, streams);
  // Drawing again what was drawn with this seed changes nothing.
  if (scenario.swarm.knobs || has_fault(drawn, FaultKind::kB2)) draw_knobs(drawn, streams);
  if (scenario.swarm.knobs && scenario.swarm.faults) add_mode(drawn, FaultKind::kB2);
  if (has_fault(drawn, FaultKind::kP14)) drawn.cluster.permute_ties = true;
  drawn.swarm.topology = drawn.swarm.workload = drawn.swarm.knobs = false;
  return drawn;
}

std::uint64_t knobs_off_default(const Scenario& scenario) {
  static const Scenario kDefaults;
  std::uint64_t count = 0;
  for (const SwarmKnob& knob : swarm_knobs()) {
    const Key* key = find_key(knob.table, knob.name);
    if (key->get(scenario, 0) != key->get(kDefaults, 0)) ++count;
  }
  if (scenario.control.report_period != kDefaults.control.report_period) ++count;
  return count;
}

}  // namespace tidemark::scenarios
