#include "scenarios/validate.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "model/apps/all/catalogue.h"
#include "scenarios/operation_table.h"
#include "sim/net/site.h"

namespace tidemark::scenarios {
namespace {

using sim::SiteTable;

/// What every check below needs.
struct Context {
  const Scenario& scenario;
  const Places& places;
  Diagnostics& diagnostics;
  void error(const std::string& path, const std::string& message) const {
    diagnostics.add(places.of(path), path + ": " + message);
  }
};

std::vector<std::string> site_codes(bool hosts_only) {
  const SiteTable& table = SiteTable::shipped();
  std::vector<std::string> codes;
  for (int metro = 0; metro < table.metros(); ++metro) {
    const sim::Site& site = table.site(sim::SiteId(metro));
    if (!hosts_only || site.is_host) codes.push_back(site.code);
  }
  return codes;
}

/// False after an error.
bool check_site(const Context& context, const std::string& path, const std::string& name, bool must_host) {
  const SiteTable& table = SiteTable::shipped();
  const auto found = table.find(name);
  if (!found) {
    context.error(path, fmt::format("unknown site \"{}\"{}", name, did_you_mean(name, site_codes(must_host))));
    return false;
  }
  if (!must_host || table.site(*found).is_host) return true;
  const std::string nearest = table.name(table.nearest_host(*found));
  context.error(path, fmt::format("{} does not host databases (the nearest site that does is {})", name, nearest));
  return false;
}

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_sites_of_list(const Context& context, const std::string& path, const std::vector<std::string>& names,
                         bool must_host) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string item = fmt::format("{}[{}]", path, i);
    if (!seen.insert(names[i]).second) {
      context.error(item, fmt::format("\"{}\" is listed twice", names[i]));
    } else {
      check_site(context, item, names[i], must_host);
    }
  }
}

void check_replicas(const Context& context, const std::string& path, const DatabaseSpec& database) {
  check_sites_of_list(context, path + ".idle_replicas", database.idle_replicas, true);
  for (const char* word : {DatabaseSpec::kHosts, DatabaseSpec::kOnePerRegion}) {
    if (!contains(database.replicas, word)) continue;
    if (database.replicas.size() > 1)
      context.error(path + ".replicas", fmt::format("write \"{}\" alone, without sites", word));
    return;
  }
  check_sites_of_list(context, path + ".replicas", database.replicas, true);
  const auto home = std::find(database.replicas.begin(), database.replicas.end(), database.primary);
  if (home != database.replicas.end()) {
    context.error(fmt::format("{}.replicas[{}]", path, home - database.replicas.begin()),
                  fmt::format("{} is the site of the primary", database.primary));
  }
}

void check_databases(const Context& context) {
  const std::vector<DatabaseSpec>& databases = context.scenario.databases;
  if (databases.empty()) context.error("database", "a scenario needs at least one [[database]] table");
  std::set<std::string> names;
  bool any_load = context.scenario.workload.clients > 0;
  for (std::size_t i = 0; i < databases.size(); ++i) {
    const std::string path = fmt::format("database[{}]", i);
    if (!names.insert(databases[i].name).second) {
      context.error(path + ".name", fmt::format("a database is named \"{}\" already", databases[i].name));
    }
    if (databases[i].name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
      context.error(path + ".name", fmt::format("\"{}\" has characters other than lower-case letters, digits, - and _",
                                                databases[i].name));
    }
    check_site(context, path + ".primary", databases[i].primary, true);
    check_replicas(context, path, databases[i]);
    any_load = any_load || databases[i].write_load_per_second > 0;
  }
  if (!any_load) context.error("workload.clients", "there is no load: no clients, and no database with a write_load");
}

void check_cluster(const Context& context) {
  const ClusterSpec& cluster = context.scenario.cluster;
  if (!cluster.cold_site.empty()) check_site(context, "cluster.cold_site", cluster.cold_site, false);
  if (cluster.late_boot >= context.scenario.duration) {
    context.error("cluster.late_boot", fmt::format("the last replicas would start at {}, when the run has ended ({})",
                                                   to_text(cluster.late_boot), to_text(context.scenario.duration)));
  }
}

void check_relay(const Context& context) {
  const model::RelayOptions& relay = context.scenario.relay;
  if (relay.quorum > relay.followers) {
    context.error("relay.quorum",
                  fmt::format("{} acknowledgements cannot come from {} followers", relay.quorum, relay.followers));
  } else if (relay.quorum * 2 <= relay.followers) {
    context.error("relay.quorum",
                  fmt::format("{} of {} followers is no majority; two of them could confirm different logs",
                              relay.quorum, relay.followers));
  }
}

bool is_power_of_two(std::uint32_t number) {
  return number != 0 && (number & (number - 1)) == 0;
}

void check_options(const Context& context) {
  const Scenario& s = context.scenario;
  if (!is_power_of_two(s.database_defaults.page_size)) {
    context.error("database-defaults.page_size",
                  fmt::format("{} is not a power of two", s.database_defaults.page_size));
  }
  if (s.net.metro_least > s.net.metro_most) {
    context.error("net.metro_least", fmt::format("is more than net.metro_most ({})", to_text(s.net.metro_most)));
  }
  if (s.disk.fsync_tail_minimum > s.disk.fsync_tail_cap) {
    context.error("disk.fsync_tail_minimum",
                  fmt::format("is more than disk.fsync_tail_cap ({})", to_text(s.disk.fsync_tail_cap)));
  }
  // In a script clients have places of their own, so two may well be in one city.
  if (s.workload.arrival != model::Arrival::kScript) {
    check_sites_of_list(context, "workload.cities", s.workload.cities, false);
  } else {
    for (const std::string& city : s.workload.cities) check_site(context, "workload.cities", city, false);
  }
  if (s.workload.arrival == model::Arrival::kClosed && s.workload.think_time == sim::Duration{}) {
    context.error("workload.think_time", "must not be 0 s with closed arrival");
  }
}

void check_application(const Context& context) {
  const model::WorkloadOptions& workload = context.scenario.workload;
  if (context.places.has("cache") && workload.application != "edge-cache")
    context.error("cache", "needs application = \"edge-cache\" in [workload]");
  std::vector<std::string> known;
  for (const model::ApplicationInfo& info : model::application_catalogue()) known.emplace_back(info.name);
  if (workload.kind != model::WorkloadKind::kApplication) {
    if (!workload.application.empty() || !workload.mistakes.empty())
      context.error(workload.application.empty() ? "workload.mistakes" : "workload.application",
                    "needs kind = \"application\"");
    return;
  }
  const model::ApplicationInfo* info = model::find_application(workload.application);
  if (info == nullptr) {
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    return context.error("workload.application", fmt::format("\"{}\" is not one of {}{}", workload.application, list,
                                                             did_you_mean(workload.application, known)));
  }
  known.clear();
  for (const model::ApplicationMistake& mistake : info->mistakes) known.emplace_back(mistake.name);
  for (const std::string& name : workload.mistakes)
    if (std::find(known.begin(), known.end(), name) == known.end())
      context.error("workload.mistakes", fmt::format("\"{}\" is no mistake that {} can make{}", name,
                                                     workload.application, did_you_mean(name, known)));
}

/// What the run is judged by besides the checks of the database. The workload is valid.
std::vector<std::string> truths_of(const model::WorkloadOptions& workload) {
  const std::shared_ptr<const model::Application> application = model::make_application(workload);
  if (application == nullptr) return {};
  std::vector<std::string> names;
  for (const model::Assertion& assertion : application->assertions()) names.push_back(assertion.name);
  if (const std::unique_ptr<model::Truths> truths = application->truths())
    for (const std::string& name : truths->names()) names.push_back(name);
  return names;
}

void check_expect(const Context& context) {
  std::vector<std::string> known = verdict_names();
  if (context.diagnostics.empty())
    for (std::string& name : truths_of(context.scenario.workload)) known.push_back(std::move(name));
  for (const std::string& name : context.scenario.expect) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    context.error("scenario.expect", fmt::format("unknown verdict \"{}\"{}", name, did_you_mean(name, known)));
  }
}

}  // namespace

Place Places::of(const std::string& path) const {
  const auto exact = places_.find(path);
  if (exact != places_.end()) return exact->second;
  if (path.ends_with(']') && path.find('.') != std::string::npos) return of(path.substr(0, path.rfind('[')));
  const auto table = places_.find(path.substr(0, path.find('.')));
  return table != places_.end() ? table->second : Place{file_, 1, 1};
}

void validate(const Scenario& scenario, const Places& places, Diagnostics& diagnostics) {
  const Context context{scenario, places, diagnostics};
  check_databases(context);
  check_cluster(context);
  check_relay(context);
  check_options(context);
  check_application(context);
  check_expect(context);
  check_operations(scenario, places, diagnostics);
  if (diagnostics.empty()) check_faults(scenario, places, diagnostics);
  const std::string problem = scenario.net.problem();
  if (diagnostics.empty() && !problem.empty()) diagnostics.add(places.of("net"), problem);
}

}  // namespace tidemark::scenarios
