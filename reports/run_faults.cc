#include "reports/run_faults.h"

#include <fmt/core.h>

#include <algorithm>

namespace tidemark::reports {
namespace {

/// More would hide the verdicts; run.json has all.
constexpr std::size_t kNamed = 12;

std::string listed(const std::vector<FaultOutcome>& faults, const char* what, bool (*pick)(const FaultOutcome&)) {
  std::string out;
  std::size_t count = 0;
  for (const FaultOutcome& fault : faults) {
    if (!pick(fault)) continue;
    if (++count <= kNamed) out += fmt::format("  {}: {}\n", what, fault.title());
  }
  if (count > kNamed) out += fmt::format("  and {} more {}\n", count - kNamed, what);
  return out;
}

void add_fault(JsonWriter& json, const FaultOutcome& fault) {
  json.begin_object().key("id").number(fault.id).key("kind").text(fault.kind).key("name").text(fault.name);
  json.key("target").begin_array();
  for (const std::string& target : fault.targets) json.text(target);
  json.end_array().key("status").text(fault.status);
  const auto time = [&json](const char* name, const std::optional<double>& seconds) {
    json.key(name);
    seconds ? json.number(*seconds) : json.null();
  };
  time("start", fault.start);
  time("end", fault.end);
  json.key("effects").number(fault.effects).key("overlapped").boolean(fault.overlapped).key("hits").begin_array();
  for (const FaultOutcome::Hit& hit : fault.hits) {
    json.begin_object().key("node").text(hit.node).key("role").text(hit.role);
    json.key("phase").text(hit.phase).end_object();
  }
  json.end_array().end_object();
}

void add_availability(JsonWriter& json, const AvailabilityFigures& figures) {
  json.begin_object().key("without_primary").number(figures.without_primary);
  json.key("longest_without_primary").number(figures.longest_without_primary);
  json.key("longest_wait").number(figures.longest_wait).key("unknown_outcomes").number(figures.unknown_outcomes);
  const auto judged = [&](const char* name, std::uint64_t value) {
    json.key(name);
    figures.judged ? json.number(value) : json.null();
  };
  judged("takeovers", figures.takeovers);
  judged("restores", figures.restores);
  judged("entries_confirmed", figures.entries_confirmed);
  judged("confirmed_lost", figures.confirmed_lost);
  judged("unconfirmed_dropped", figures.unconfirmed_dropped);
  json.end_object();
}

}  // namespace

std::string FaultOutcome::title() const {
  std::string text = fmt::format("fault {} ({} {})", id, kind, name);
  for (std::size_t i = 0; i < targets.size(); ++i) text += (i == 0 ? " of " : ", ") + targets[i];
  return text;
}

std::uint64_t FaultFigures::struck() const {
  return static_cast<std::uint64_t>(
      std::count_if(faults.begin(), faults.end(), [](const FaultOutcome& fault) { return fault.struck(); }));
}

std::uint64_t FaultFigures::without_effect() const {
  return static_cast<std::uint64_t>(
      std::count_if(faults.begin(), faults.end(), [](const FaultOutcome& fault) { return fault.without_effect(); }));
}

std::string faults_text(const FaultFigures& figures) {
  if (figures.faults.empty()) return {};
  const AvailabilityFigures& a = figures.availability;
  std::string out =
      fmt::format("{} faults: {} struck, {} of them without effect, {} never began\n", figures.faults.size(),
                  figures.struck(), figures.without_effect(), figures.faults.size() - figures.struck());
  out += listed(figures.faults, "without effect", [](const FaultOutcome& fault) { return fault.without_effect(); });
  out += listed(figures.faults, "never began", [](const FaultOutcome& fault) { return !fault.struck(); });
  out += fmt::format("without a primary {:.3f} s (longest {:.3f} s), longest wait of a client {:.3f} s, {} unknown\n",
                     a.without_primary, a.longest_without_primary, a.longest_wait, a.unknown_outcomes);
  if (a.judged)
    out += fmt::format("{} takeovers, {} entries confirmed, {} of them lost, {} unconfirmed entries dropped\n",
                       a.takeovers, a.entries_confirmed, a.confirmed_lost, a.unconfirmed_dropped);
  if (!figures.budget_exceeded.empty()) out += figures.budget_exceeded + "\n";
  return out;
}

void add_fault_members(JsonWriter& json, const FaultFigures& figures) {
  json.key("faults").begin_array();
  for (const FaultOutcome& fault : figures.faults) add_fault(json, fault);
  json.end_array().key("faults_left_out").number(figures.left_out).key("budget_exceeded");
  figures.budget_exceeded.empty() ? json.null() : json.text(figures.budget_exceeded);
  json.key("availability");
  add_availability(json, figures.availability);
}

}  // namespace tidemark::reports
