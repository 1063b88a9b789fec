#include "reports/staleness.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/assert.h"
#include "reports/json_writer.h"
#include "reports/text_table.h"

namespace tidemark::reports {
namespace {

using checkers::Quantiles;
using checkers::StalenessFigures;
using checkers::StalenessReport;
using checkers::StalenessRow;

constexpr double kNsPerMs = 1e6;

std::string ms(std::uint64_t ns) {
  return fmt::format("{:.1f}", static_cast<double>(ns) / kNsPerMs);
}

std::vector<StalenessRow> rows_of(const StalenessReport& report) {
  std::vector<StalenessRow> rows{{"all", report.all}};
  for (const StalenessRow& row : report.regions) {
    if (row.figures.reads > 0) rows.push_back({"region " + row.name, row.figures});
  }
  std::vector<StalenessRow> sessions = report.sessions;
  std::stable_sort(sessions.begin(), sessions.end(), [](const StalenessRow& a, const StalenessRow& b) {
    if (a.figures.ns.most != b.figures.ns.most) return a.figures.ns.most > b.figures.ns.most;
    return a.figures.versions.most > b.figures.versions.most;
  });
  if (sessions.size() > kSessionsShown) sessions.resize(kSessionsShown);
  for (const StalenessRow& row : sessions) rows.push_back({"session " + row.name, row.figures});
  return rows;
}

Cells age_table(const StalenessReport& report, const std::vector<StalenessRow>& rows) {
  Cells cells{{"", "reads", "stale", "versions p50", "p90", "p99", "max"}};
  if (report.has_times) cells[0].insert(cells[0].end(), {"ms p50", "p90", "p99", "max"});
  for (const StalenessRow& row : rows) {
    const StalenessFigures& figures = row.figures;
    const Quantiles& versions = figures.versions;
    std::vector<std::string> line{row.name, std::to_string(figures.reads), percent(figures.stale, figures.reads)};
    for (const std::uint64_t value : {versions.p50, versions.p90, versions.p99, versions.most}) {
      line.push_back(std::to_string(value));
    }
    if (report.has_times) {
      for (const std::uint64_t value : {figures.ns.p50, figures.ns.p90, figures.ns.p99, figures.ns.most}) {
        line.push_back(ms(value));
      }
    }
    cells.push_back(std::move(line));
  }
  return cells;
}

Cells visibility_table(const std::vector<StalenessRow>& rows) {
  Cells cells{{"read issued after"}};
  for (const std::int64_t delay : checkers::kVisibilityMs) cells[0].push_back(fmt::format("{} ms", delay));
  for (const StalenessRow& row : rows) {
    if (row.name.starts_with("session ")) continue;  // too few pairs to say much
    std::vector<std::string> line{row.name};
    for (const checkers::Visibility& at : row.figures.visibility) line.push_back(percent(at.seen, at.pairs));
    cells.push_back(std::move(line));
  }
  return cells;
}

std::string summary(const StalenessReport& report, const std::string& source) {
  if (report.all.reads == 0) return fmt::format("{}: no read whose age can be told", source);
  return fmt::format("{}: {} of {} reads missed something that was acknowledged before they were issued ({})", source,
                     report.all.stale, report.all.reads, percent(report.all.stale, report.all.reads));
}

std::string unmeasured(const StalenessReport& report) {
  if (report.unmeasured_reads == 0) return "";
  return fmt::format("{} reads are of keys whose versions have no known order, and are left out.",
                     report.unmeasured_reads);
}

std::string sessions_left_out(const StalenessReport& report) {
  if (report.sessions.size() <= kSessionsShown) return "";
  return fmt::format("Of {} sessions these are the {} with the oldest reads.", report.sessions.size(), kSessionsShown);
}

void write_quantiles(JsonWriter& json, const char* name, const Quantiles& quantiles, double scale) {
  json.key(name).begin_object();
  const auto value = [&](const char* key, std::uint64_t number) {
    json.key(key);
    scale == 1.0 ? json.number(number) : json.fixed(static_cast<double>(number) / scale, 3);
  };
  value("p50", quantiles.p50);
  value("p90", quantiles.p90);
  value("p99", quantiles.p99);
  value("max", quantiles.most);
  json.end_object();
}

void write_figures(JsonWriter& json, const StalenessFigures& figures, bool times) {
  json.key("reads").number(figures.reads).key("stale").number(figures.stale);
  write_quantiles(json, "versions_behind", figures.versions, 1.0);
  if (!times) return;
  write_quantiles(json, "ms_behind", figures.ns, kNsPerMs);
  json.key("visibility").begin_array();
  for (std::size_t i = 0; i < figures.visibility.size(); ++i) {
    json.begin_object().key("after_ms").number(checkers::kVisibilityMs[i]);
    json.key("pairs").number(figures.visibility[i].pairs).key("seen").number(figures.visibility[i].seen).end_object();
  }
  json.end_array();
}

void write_rows(JsonWriter& json, const char* name, const std::vector<StalenessRow>& rows, bool times) {
  json.key(name).begin_array();
  for (const StalenessRow& row : rows) {
    json.begin_object().key("name").text(row.name);
    write_figures(json, row.figures, times);
    json.end_object();
  }
  json.end_array();
}

std::string as_json(const StalenessReport& report, const std::string& source) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("history").text(source);
  write_figures(json, report.all, report.has_times);
  json.key("unmeasured_reads").number(report.unmeasured_reads);
  write_rows(json, "regions", report.regions, report.has_times);
  write_rows(json, "sessions", report.sessions, report.has_times);
  return json.end_object().str() + "\n";
}

}  // namespace

std::string render(const StalenessReport& report, const std::string& source, Format format) {
  TIDEMARK_ASSERT(format == Format::kText || format == Format::kMarkdown || format == Format::kJson,
                  "the formats of this report");
  if (format == Format::kJson) return as_json(report, source);
  const bool markdown = format == Format::kMarkdown;
  const auto table = markdown ? as_markdown : as_text;
  const std::string gap = markdown ? "\n" : "";
  const std::vector<StalenessRow> rows = rows_of(report);
  std::string text = (markdown ? "# Staleness of reads\n\n" : "") + summary(report, source) + (markdown ? ".\n" : "\n");
  if (report.all.reads > 0) text += gap + table(age_table(report, rows));
  if (report.all.reads > 0 && report.has_times) {
    const char* what = "Part of the reads that saw a write, by how long after its acknowledgement they were issued";
    text += gap + what + (markdown ? ":\n\n" : ":\n") + table(visibility_table(rows));
  }
  for (const std::string& note : {sessions_left_out(report), unmeasured(report)}) {
    if (!note.empty()) text += gap + note + "\n";
  }
  return text;
}

}  // namespace tidemark::reports
