#include "model/cluster/options.h"

#include <algorithm>

#include "sim/net/site.h"

namespace tidemark::model {
namespace {

using sim::SiteTable;

bool valid_name(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), plain);
}

std::string unknown_site(const std::string& key, const std::string& site) {
  return SiteTable::shipped().find(site) ? "" : key + ": unknown site \"" + site + "\"";
}

std::string problem_of_sites(const std::string& key, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string place = key + "[" + std::to_string(i) + "]";
    if (std::string problem = unknown_site(place, names[i]); !problem.empty()) return problem;
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      return place + ": site \"" + names[i] + "\" appears twice";
  }
  return "";
}

std::string problem_of(const DatabaseSpec& spec, const std::string& key) {
  if (!valid_name(spec.name)) return key + ".name: lower-case letters, digits, - and _ only";
  if (std::string problem = unknown_site(key + ".primary_site", spec.primary_site); !problem.empty()) return problem;
  if (std::string problem = problem_of_sites(key + ".replica_sites", spec.replica_sites); !problem.empty())
    return problem;
  if (spec.placement != ReplicaPlacement::kExplicit && !spec.replica_sites.empty())
    return key + ".replica_sites: only with explicit placement";
  if (!(spec.write_load_per_second >= 0 && spec.write_load_per_second <= 1e6))
    return key + ".write_load_per_second: 0 to 1000000";
  return problem_of_sites(key + ".idle_replica_sites", spec.idle_replica_sites);
}

std::string problem_of(const WorkloadOptions& workload) {
  const struct {
    const char* name;
    double value;
  } ratios[] = {{"read_share", workload.read_share},
                {"concurrent_share", workload.concurrent_share},
                {"batch_share", workload.batch_share},
                {"new_session_share", workload.new_session_share},
                {"first_primary_share", workload.first_primary_share},
                {"route_change_near_share", workload.route_change_near_share}};
  for (const auto& ratio : ratios) {
    if (!(ratio.value >= 0 && ratio.value <= 1)) return std::string("workload.") + ratio.name + ": 0 to 1";
  }
  if (workload.kind == WorkloadKind::kSql && workload.sql == nullptr) return "workload.kind: sql needs statements";
  if (workload.clients > 1'000'000) return "workload.clients: at most 1000000";
  if (workload.keys == 0 || workload.keys > 1'000'000) return "workload.keys: 1 to 1000000";
  if (!(workload.zipf_exponent >= 0 && workload.zipf_exponent <= 10)) return "workload.zipf_exponent: 0 to 10";
  if (workload.orders_per_customer == 0) return "workload.orders_per_customer: at least 1";
  if (workload.row_padding > 1'000'000) return "workload.row_padding: at most 1000000";
  if (workload.arrival == Arrival::kOpen && !(workload.rate_per_second > 0 && workload.rate_per_second <= 1e6))
    return "workload.rate_per_second: above 0, at most 1000000";
  if (workload.arrival == Arrival::kClosed && workload.think_time.ns() <= 0) return "workload.think_time: above 0";
  if (workload.reset_period.ns() < 0) return "workload.reset_period: not below 0";
  if (workload.route_change_period.ns() < 0) return "workload.route_change_period: not below 0";
  for (std::size_t i = 0; i < workload.cities.size(); ++i) {
    if (std::string problem = unknown_site("workload.cities[" + std::to_string(i) + "]", workload.cities[i]);
        !problem.empty())
      return problem;
  }
  return "";
}

bool is_page_size(std::uint32_t bytes) {
  return bytes >= 512 && bytes <= 65'536 && (bytes & (bytes - 1)) == 0;
}

/// There are more host metros, and data centres in a metro, than that.
constexpr std::uint32_t kMostStandbyHosts = 8;
constexpr std::uint32_t kMostSpareFollowers = 16;

std::string problem_of(const RelayOptions& relay, FollowerPlacement placement) {
  const std::uint32_t most = placement == FollowerPlacement::kMetro ? 62 : 31;
  if (relay.followers == 0 || relay.followers > most) return "relay.followers: 1 to " + std::to_string(most);
  if (relay.quorum == 0 || relay.quorum > relay.followers) return "relay.quorum: 1 to the number of followers";
  if (relay.confirm_flush_period.ns() < 0) return "relay.confirm_flush_period: not below 0";
  return "";
}

std::string problem_of(const ControlOptions& control) {
  const struct {
    const char* name;
    sim::Duration value;
  } durations[] = {{"report_period", control.report_period},
                   {"detection_timeout", control.detection_timeout},
                   {"lease", control.lease},
                   {"takeover_timeout", control.takeover_timeout},
                   {"replace_after", control.replace_after}};
  for (const auto& duration : durations) {
    if (duration.value.ns() <= 0) return std::string("control.") + duration.name + ": above 0";
  }
  if (control.lease > control.detection_timeout) return "control.lease: at most control.detection_timeout";
  if (control.evict_after.ns() < 0) return "control.evict_after: not below 0";
  if (control.standby_hosts > kMostStandbyHosts)
    return "control.standby_hosts: at most " + std::to_string(kMostStandbyHosts);
  if (control.spare_followers > kMostSpareFollowers)
    return "control.spare_followers: at most " + std::to_string(kMostSpareFollowers);
  return "";
}

}  // namespace

std::string ClusterOptions::problem() const {
  if (databases.empty()) return "databases: at least one";
  for (std::size_t i = 0; i < databases.size(); ++i) {
    const std::string key = "databases[" + std::to_string(i) + "]";
    if (std::string problem = problem_of(databases[i], key); !problem.empty()) return problem;
    for (std::size_t j = 0; j < i; ++j) {
      if (databases[j].name == databases[i].name) return key + ".name: \"" + databases[i].name + "\" appears twice";
    }
  }
  if (std::string problem = problem_of(relay, followers); !problem.empty()) return problem;
  if (std::string problem = problem_of(control); !problem.empty()) return problem;
  if (followers == FollowerPlacement::kMetro && relay.followers + control.spare_followers > 62)
    return "control.spare_followers: with relay.followers at most 62, the data centres of a metro";
  if (std::string problem = problem_of(workload); !problem.empty()) return problem;
  if (!is_page_size(database.page_size)) return "database.page_size: a power of two from 512 to 65536";
  if (late_boot.ns() < 0) return "late_boot: not below 0";
  if (access_latency.ns() < 0) return "access_latency: not below 0";
  if (!cold_site.empty()) {
    if (std::string problem = unknown_site("cold_site", cold_site); !problem.empty()) return problem;
  }
  if (const std::string problem = network.problem(); !problem.empty()) return "network." + problem;
  return "";
}

}  // namespace tidemark::model
