#include "matrix/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/json_writer.h"

namespace tidemark::matrix {
namespace {

constexpr double kMedian = 0.5;
constexpr double kTail = 0.95;
/// What a shrunk run should not have more of.
constexpr std::size_t kFewOperations = 10;
constexpr std::size_t kFewFaults = 2;

std::string joined(const std::vector<std::string>& names, const char* between) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

/// By nearest rank over all starts, killed or not.
double median(const Row& row, double Chase::*figure) {
  std::vector<double> values;
  for (const Chase& chase : row.chases) values.push_back(chase.*figure);
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

std::string runs_text(const std::optional<std::uint64_t>& runs, const std::vector<Chase>& chases) {
  if (runs.has_value()) return std::to_string(*runs);
  std::uint64_t most = 0;
  for (const Chase& chase : chases) most = std::max(most, chase.runs);
  return "> " + std::to_string(most);
}

/// Of all starts together; one that killed nothing counts with all that it was given.
std::uint64_t sum_of_runs(const std::vector<Chase>& chases) {
  std::uint64_t sum = 0;
  for (const Chase& chase : chases) sum += chase.runs;
  return sum;
}
double sum_of_virtual(const std::vector<Chase>& chases) {
  double sum = 0;
  for (const Chase& chase : chases) sum += chase.virtual_seconds;
  return sum;
}
std::size_t kills_of(const std::vector<Chase>& chases) {
  return static_cast<std::size_t>(
      std::count_if(chases.begin(), chases.end(), [](const Chase& c) { return c.killed(); }));
}

std::string seconds_text(double seconds) {
  return seconds < 10 ? fmt::format("{:.2f} s", seconds) : fmt::format("{:.0f} s", seconds);
}

std::string shrunk_text(const Row& row) {
  if (!row.shrunk.has_value()) return "-";
  const Shrunk& shrunk = *row.shrunk;
  const std::string operations = shrunk.scripted ? std::to_string(shrunk.operations) : "drawn";
  return fmt::format("{} operations, {} faults, {}{}", operations, shrunk.faults, seconds_text(shrunk.wall_seconds),
                     shrunk.reproduces ? "" : ", fails no more");
}

bool any_shrunk(const std::vector<Row>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.shrunk.has_value(); });
}

struct Columns {
  bool wall = true;
  bool shrunk = false;
  bool steered = false;
};

bool any_steered(const std::vector<Row>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) { return !row.steered.empty(); });
}

/// What of `row` stands in each column.
std::vector<std::string> cells(const Row& row, const Columns& columns) {
  std::vector<std::string> line = {
      std::string(row.target.bug->id),
      std::to_string(row.target.bug->tier),
      row.target.scenario,
      fmt::format("{}/{}", row.kills(), row.chases.size()),
      runs_text(row.runs_at(kMedian), row.chases),
      runs_text(row.runs_at(kTail), row.chases),
      seconds_text(median(row, &Chase::virtual_seconds)),
  };
  if (columns.wall) line.push_back(seconds_text(median(row, &Chase::wall_seconds)));
  if (columns.shrunk) line.push_back(shrunk_text(row));
  if (columns.steered) {
    line.push_back(std::to_string(sum_of_runs(row.chases)));
    line.push_back(fmt::format("{}/{}", kills_of(row.steered), row.steered.size()));
    line.push_back(runs_text(row.steered_at(kMedian), row.steered));
    line.push_back(runs_text(row.steered_at(kTail), row.steered));
    line.push_back(std::to_string(sum_of_runs(row.steered)));
  }
  line.push_back(joined(row.checks(), ", "));
  return line;
}

std::vector<std::string> heads(const Columns& columns) {
  std::vector<std::string> line = {"id", "tier", "scenario", "killed", "median", "p95", "virtual"};
  if (columns.wall) line.emplace_back("wall");
  if (columns.shrunk) line.emplace_back("shrunk to");
  if (columns.steered)
    for (const char* head : {"runs", "steered: killed", "median", "p95", "runs"}) line.emplace_back(head);
  line.emplace_back("by");
  return line;
}

std::string reason_of(const Row& row) {
  return row.target.directed || row.target.bug->rare.empty() ? "no reason is known" : std::string(row.target.bug->rare);
}

/// "tier 1 in the scenarios of their rows: 50 of 52 killed".
void count_tier(const std::vector<Row>& rows, bool directed, int tier, std::vector<std::string>& lines) {
  std::size_t all = 0;
  std::size_t dead = 0;
  for (const Row& row : rows) {
    if (row.target.directed != directed || row.target.bug->tier != tier || row.chases.empty()) continue;
    ++all;
    if (row.killed()) ++dead;
  }
  if (all == 0) return;
  lines.push_back(fmt::format("tier {} in {}: {} of {} killed", tier, directed ? "the scenarios of their rows" : kSwarm,
                              dead, all));
}

bool is_small(const Shrunk& shrunk) {
  return shrunk.scripted && shrunk.reproduces && shrunk.operations <= kFewOperations && shrunk.faults <= kFewFaults;
}

/// "tier 1 in the scenarios of their rows: 49 of 49 shrunk to at most 10 operations and 2 faults, 4.5 s at the median".
void count_shrunk(const std::vector<Row>& rows, bool directed, int tier, bool wall, std::vector<std::string>& lines) {
  std::vector<double> seconds;
  std::size_t small = 0;
  for (const Row& row : rows) {
    if (row.target.directed != directed || row.target.bug->tier != tier || !row.shrunk) continue;
    seconds.push_back(row.shrunk->wall_seconds);
    if (is_small(*row.shrunk)) ++small;
  }
  if (seconds.empty()) return;
  std::sort(seconds.begin(), seconds.end());
  lines.push_back(fmt::format("tier {} in {}: {} of {} shrunk to at most {} operations and {} faults that fail alike{}",
                              tier, directed ? "the scenarios of their rows" : kSwarm, small, seconds.size(),
                              kFewOperations, kFewFaults,
                              wall ? ", " + seconds_text(seconds[(seconds.size() - 1) / 2]) + " at the median" : ""));
}

/// Blind hunts against steered ones. Rows of which either is missing (interrupted) do not count.
void compare(const std::vector<Row>& rows, std::vector<std::string>& lines) {
  std::size_t count = 0, sooner = 0, later = 0, kills[2] = {0, 0}, starts = 0;
  std::uint64_t runs[2] = {0, 0}, medians[2] = {0, 0};
  double virtual_seconds[2] = {0, 0};
  for (const Row& row : rows) {
    if (row.steered.empty() || row.steered.size() != row.chases.size()) continue;
    ++count;
    starts += row.chases.size();
    const std::vector<Chase>* const both[] = {&row.chases, &row.steered};
    const std::uint64_t middle[] = {row.runs_at(kMedian).value_or(row.budget),
                                    row.steered_at(kMedian).value_or(row.budget)};
    for (const int i : {0, 1}) {
      kills[i] += kills_of(*both[i]);
      runs[i] += sum_of_runs(*both[i]);
      virtual_seconds[i] += sum_of_virtual(*both[i]);
      medians[i] += middle[i];
    }
    sooner += sum_of_runs(row.steered) < sum_of_runs(row.chases);
    later += sum_of_runs(row.steered) > sum_of_runs(row.chases);
  }
  if (count == 0) return;
  lines.push_back(
      fmt::format("steering, {} mistakes, {} starts: runs until the kill blind {}, steered {}; sum of the "
                  "medians blind {}, steered {}; kills blind {}, steered {}",
                  count, starts, runs[0], runs[1], medians[0], medians[1], kills[0], kills[1]));
  lines.push_back(
      fmt::format("steering is sooner for {} mistakes, later for {}; virtual time blind {:.0f} s, steered {:.0f} s",
                  sooner, later, virtual_seconds[0], virtual_seconds[1]));
}

}  // namespace

bool all_killed(const std::vector<Row>& rows) {
  std::map<std::string_view, bool> killed;
  for (const Row& row : rows) {
    bool& any = killed[row.target.bug->id];
    any = any || row.killed();
  }
  return std::all_of(killed.begin(), killed.end(), [](const auto& bug) { return bug.second; });
}

std::vector<std::string> summary(const std::vector<Row>& rows, bool wall) {
  std::vector<std::string> lines;
  for (const bool directed : {true, false}) {
    for (const int tier : {1, 2}) count_tier(rows, directed, tier, lines);
    for (const int tier : {1, 2}) count_shrunk(rows, directed, tier, wall, lines);
  }
  compare(rows, lines);
  for (const Row& row : rows) {
    if (row.killed() || row.chases.empty()) continue;  // the latter: interrupted before its first start ended
    std::set<std::string> others;
    for (const Chase& chase : row.chases) others.insert(chase.others.begin(), chase.others.end());
    const std::string seen =
        others.empty() ? "" : "; other checks saw it: " + joined({others.begin(), others.end()}, ", ");
    lines.push_back(fmt::format("survives: {} in {} ({} of {} starts kill it): {}{}", row.target.bug->id,
                                row.target.scenario, row.kills(), row.chases.size(), reason_of(row), seen));
  }
  return lines;
}

std::string as_text(const std::vector<Row>& rows, bool wall) {
  const Columns columns{wall, any_shrunk(rows), any_steered(rows)};
  std::vector<std::vector<std::string>> lines = {heads(columns)};
  for (const Row& row : rows) lines.push_back(cells(row, columns));
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i + 1 < line.size(); ++i) text += fmt::format("{:<{}}  ", line[i], widths[i]);
    text += line.back() + "\n";
  }
  text += "\n";
  for (const std::string& line : summary(rows, wall)) text += line + "\n";
  return text;
}

std::string as_markdown(const std::vector<Row>& rows, bool wall) {
  const Columns columns{wall, any_shrunk(rows), any_steered(rows)};
  std::string text = "| " + joined(heads(columns), " | ") + " |\n|";
  for (std::size_t i = 0; i < heads(columns).size(); ++i) text += " --- |";
  text += "\n";
  for (const Row& row : rows) text += "| " + joined(cells(row, columns), " | ") + " |\n";
  text += "\n";
  for (const std::string& line : summary(rows, wall)) text += "- " + line + "\n";
  return text;
}

namespace {

void add_chases(reports::JsonWriter& json, const char* key, const std::vector<Chase>& chases) {
  json.key(key).begin_array();
  for (const Chase& chase : chases) {
    json.begin_object().key("start").number(chase.start).key("runs").number(chase.runs);
    if (chase.killed()) json.key(chase.is_steered ? "run" : "seed").number(*chase.seed).key("check").text(chase.check);
    json.key("crashes").number(chase.crashes).key("virtual_s").number(chase.virtual_seconds);
    json.key("wall_s").number(chase.wall_seconds).end_object();
  }
  json.end_array();
}

}  // namespace

std::string as_json(const std::vector<Row>& rows) {
  reports::JsonWriter json(reports::JsonWriter::Style::kIndented);
  json.begin_object().key("rows").begin_array();
  for (const Row& row : rows) {
    json.begin_object().key("id").text(row.target.bug->id).key("tier").number(std::uint64_t{row.target.bug->tier});
    json.key("scenario").text(row.target.scenario).key("budget").number(row.budget);
    json.key("killed").boolean(row.killed());
    add_chases(json, "starts", row.chases);
    if (!row.steered.empty()) add_chases(json, "steered", row.steered);
    if (row.shrunk.has_value()) {
      json.key("shrunk").begin_object().key("operations").number(std::uint64_t{row.shrunk->operations});
      json.key("faults").number(std::uint64_t{row.shrunk->faults}).key("scripted").boolean(row.shrunk->scripted);
      json.key("failure").text(row.shrunk->failure).key("reproduces").boolean(row.shrunk->reproduces);
      json.key("wall_s").number(row.shrunk->wall_seconds).end_object();
    }
    json.end_object();
  }
  json.end_array().key("summary").begin_array();
  for (const std::string& line : summary(rows)) json.text(line);
  return json.end_array().end_object().str() + "\n";
}

}  // namespace tidemark::matrix
