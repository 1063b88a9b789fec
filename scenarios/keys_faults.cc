// Keys of [control], [faults] and [swarm]. Those of [[fault]] depend on its kind: fault_table.h.
#include "scenarios/key_table.h"

namespace tidemark::scenarios {
namespace {

using model::ControlOptions;
using sim::Duration;

constexpr Duration kTick = Duration::milliseconds(1);
constexpr Duration kHour = Duration::seconds(3600);

void add_control(std::vector<Key>& keys) {
  KeyTable<ControlOptions> t(keys, "control", [](Scenario& s, std::size_t) -> ControlOptions& { return s.control; });
  t.duration("report_period", &ControlOptions::report_period, kTick, kHour,
             "A leader reports to the control plane this often; the answer renews its read lease.");
  t.duration("detection_timeout", &ControlOptions::detection_timeout, kTick, kHour,
             "A leader that has not reported for this long is taken for dead, rightly or not.");
  t.duration("lease", &ControlOptions::lease, kTick, kHour,
             "How long a grant lets a leader answer reads; at most detection_timeout.");
  t.duration("takeover_timeout", &ControlOptions::takeover_timeout, kTick, kHour,
             "An appointed host that does not serve within this time is given up.");
  t.duration("replace_after", &ControlOptions::replace_after, kTick, kHour,
             "A follower of which the leader has heard nothing for this long is replaced by a spare.");
  t.count("standby_hosts", &ControlOptions::standby_hosts, 0, 10,
          "Hosts besides the home site that can run the primary, per database.");
  t.count("spare_followers", &ControlOptions::spare_followers, 0, 10, "Followers in reserve, per database.");
  t.duration("evict_after", &ControlOptions::evict_after, {}, kHour * 24,
             "A primary without a request for this long is evicted and woken by the next one; 0 s = never.");
}

void add_faults(std::vector<Key>& keys) {
  KeyTable<FaultOptions> t(keys, "faults", [](Scenario& s, std::size_t) -> FaultOptions& { return s.fault_options; });
  t.flag("beyond_budget", &FaultOptions::beyond_budget,
         "The plan may exceed what the protocol promises to survive; what is lost then is reported, and no violation.");
  t.flag("loss_is_unknown", &FaultOptions::loss_is_unknown,
         "A run that reports such a loss (\"budget exceeded\") is unknown (exit code 2) instead of valid.");
  t.duration("healed_load", &FaultOptions::healed_load, {}, kHour,
             "After all faults are healed the clients go on for this long ...");
  t.duration("healed_limit", &FaultOptions::healed_limit, kTick, kHour * 24,
             "... and then everything must converge within this.");
  t.duration("recovery_margin", &FaultOptions::recovery_margin, {}, kHour,
             "The budget counts a follower whose content was destroyed as lost for this long after the fault.");
}

void add_swarm(std::vector<Key>& keys) {
  KeyTable<SwarmOptions> t(keys, "swarm", [](Scenario& s, std::size_t) -> SwarmOptions& { return s.swarm; });
  t.flag("faults", &SwarmOptions::faults, "Draw faults: kinds, targets, times, parameters.");
  t.flag("topology", &SwarmOptions::topology, "Draw sites, replicas, standby hosts and spare followers.");
  t.flag("workload", &SwarmOptions::workload, "Draw the application and its shape.");
  t.flag("knobs", &SwarmOptions::knobs, "Draw sizes, periods and timeouts: tiny, normal or huge (B2).");
  t.list("kinds", &SwarmOptions::kinds,
         "Fault kinds to draw among: ids, names, or letters of families (\"N\" = every network fault); [] = all.");
  t.list("without", &SwarmOptions::without, "Fault kinds that are never drawn.");
  t.real(Type::kRatio, "kinds_in_play", &SwarmOptions::kinds_in_play, 0, 1,
         "Part of the kinds that are in play in one run.");
  t.count("least", &SwarmOptions::least, 0, 10'000, "Fewest faults of a run.");
  t.count("most", &SwarmOptions::most, 1, 10'000, "Most faults of a run.");
  t.duration("duration", &SwarmOptions::duration, kTick, kHour, "Mean duration of a fault (exponential).");
  t.real(Type::kRatio, "on_triggers", &SwarmOptions::on_triggers, 0, 1, "Part of the faults that begin on a trigger.");
  t.real(Type::kRatio, "odd_parameters", &SwarmOptions::odd_parameters, 0, 1,
         "Part of the parameters that are not at their default.");
}

}  // namespace

void add_fault_keys(std::vector<Key>& keys) {
  add_control(keys);
  add_faults(keys);
  add_swarm(keys);
}

}  // namespace tidemark::scenarios
