// Keys of the file's head, [scenario], [[database]] and [checks].
#include "model/types/bugs.h"
#include "scenarios/key_table.h"

namespace tidemark::scenarios {
namespace {

using sim::Duration;

constexpr double kMostSeed = 9'223'372'036'854'774'784.0;  // the largest double below 2^63: TOML integers are 64-bit
constexpr Duration kLongestRun = Duration::seconds(365LL * 86'400);

void add_bugs(std::vector<Key>& keys) {
  Key key;
  key.name = "bugs";
  key.type = Type::kBugs;
  key.doc = "Protocol mistakes to switch on: \"none\", or ids of `tidemark bugs` joined by commas.";
  key.get = [](const Scenario& s, std::size_t) -> KeyValue { return s.bugs.text(); };
  key.set = [](Scenario& s, std::size_t, const KeyValue& value) {
    s.bugs = {};
    for (const model::BugInfo& info : model::bug_catalogue()) {
      // read_value() has made the canonical text: ids in catalogue order, joined by commas.
      const std::string text = "," + std::get<std::string>(value) + ",";
      if (text.find("," + std::string(info.id) + ",") != std::string::npos) s.bugs.add(info.bug);
    }
  };
  keys.push_back(std::move(key));
}

void add_databases(std::vector<Key>& keys) {
  KeyTable<DatabaseSpec> t(keys, "database",
                           [](Scenario& s, std::size_t element) -> DatabaseSpec& { return s.databases.at(element); });
  t.text("name", &DatabaseSpec::name, 1, 64, "Name of the database in reports.");
  t.text("primary", &DatabaseSpec::primary, 1, 8, "Host site of the primary.");
  t.list("replicas", &DatabaseSpec::replicas,
         "Host sites with a read replica each; or \"hosts\" (every host site but the primary's) or \"one-per-region\" "
         "alone.");
  t.list("idle_replicas", &DatabaseSpec::idle_replicas, "Further replicas, to which no request is routed.");
  t.real(Type::kRate, "write_load", &DatabaseSpec::write_load_per_second, 0, 10'000,
         "Single-row inserts beside the primary, besides what the clients do; 0 /s = none.");
}

void add_cluster(std::vector<Key>& keys) {
  KeyTable<ClusterSpec> t(keys, "cluster", [](Scenario& s, std::size_t) -> ClusterSpec& { return s.cluster; });
  t.count("start_day", &ClusterSpec::start_day, 0, 100'000,
          "Day since 1970 at which virtual time starts; part of every bookmark.");
  t.choice("follower_sites", &ClusterSpec::follower_sites, {"metro", "nearest-hosts"},
           "Where followers stand: data centres of the primary's metro, or the nearest other host sites.");
  t.duration(
      "late_boot", &ClusterSpec::late_boot, {}, kLongestRun,
      "The last replica of each database boots this long after the clients start; 0 s = with the others, before.");
  t.text("cold_site", &ClusterSpec::cold_site, 0, 8,
         "Site of the object store's bucket; empty = that of the first primary.");
  t.duration("access_latency", &ClusterSpec::access_latency, {}, Duration::seconds(60),
             "One way between a client and the PoP it is on, besides the network.");
  t.flag("permute_ties", &ClusterSpec::permute_ties,
         "Permute events of one instant by the seed, instead of first in, first out.");
}

void add_checks(std::vector<Key>& keys) {
  KeyTable<CheckOptions> t(keys, "checks", [](Scenario& s, std::size_t) -> CheckOptions& { return s.checks; });
  t.flag("consistency", &CheckOptions::consistency,
         "Judge sequential consistency, with the bookmark order as the witness.");
  t.flag("sessions", &CheckOptions::sessions, "Judge the four session guarantees one by one.");
  t.flag("replication", &CheckOptions::replication, "Judge the replication invariants on ground truth.");
  t.flag("liveness", &CheckOptions::liveness, "Judge that everything comes to rest after the clients stop.");
  t.flag("integrity", &CheckOptions::integrity,
         "At the end run integrity_check with stock SQLite on every copy and compare the contents.");
  t.count("page_sample_every", &CheckOptions::page_sample_every, 0, 1e9,
          "Compare the changed pages of every n-th publication of a replica with the reference; 0 = only at the end.");
  t.flag("history", &CheckOptions::history, "Write history.jsonl into the run folder.");
}

}  // namespace

void add_scenario_keys(std::vector<Key>& keys) {
  add_bugs(keys);
  KeyTable<Scenario> t(keys, "scenario", [](Scenario& s, std::size_t) -> Scenario& { return s; });
  t.text("name", &Scenario::name, 1, 64, "Name of the scenario.");
  t.text("description", &Scenario::description, 0, 400, "One line for lists and reports.");
  t.count("version", &Scenario::version, 1, 1, "Version of the file format.");
  t.count("seed", &Scenario::seed, 0, kMostSeed, "Seed of the run when the command line gives none.");
  t.duration("duration", &Scenario::duration, Duration::milliseconds(1), kLongestRun, "Virtual time with load.");
  t.duration("quiet_limit", &Scenario::quiet_limit, {}, kLongestRun,
             "After the clients stop, everything must come to rest within this virtual time.");
  t.list("expect", &Scenario::expect, "Verdicts that must be violated (a scenario that shows a failure); [] = none.");
  add_cluster(keys);
  add_databases(keys);
  add_checks(keys);
}

const std::vector<std::string>& verdict_names() {
  static const std::vector<std::string> kNames = {
      // client histories
      "sequential", "bookmark-order", "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads",
      // ground truth
      "Q", "DUR", "LOG", "ONE", "CMONO", "BM", "FENCE", "HIDE", "TXN", "VMONO", "WAIT", "FRESH", "META", "IMG", "SNAP",
      "PITR", "GC", "CKPT", "GATE", "ERR", "LAG", "RES", "LIVE",
      // the files at the end
      "WAL", "integrity", "equal-copies"};
  return kNames;
}

}  // namespace tidemark::scenarios
