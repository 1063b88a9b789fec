// Text, Markdown, CSV and JSON of the confirm-lag report.
#include <fmt/core.h>

#include <array>

#include "base/assert.h"
#include "reports/confirm_lag_render.h"
#include "reports/json_writer.h"
#include "reports/number.h"
#include "reports/published.h"

namespace tidemark::reports {
namespace {

/// A table of texts with aligned columns: the first `left` columns to the left, the others to the right.
class Columns {
 public:
  explicit Columns(std::size_t left) : left_(left) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  std::string text() const {
    std::string out;
    const std::vector<std::size_t> widths = column_widths();
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      out += line(rows_[r], widths) + "\n";
      if (r == 0) out += rule(widths) + "\n";
    }
    return out;
  }

  std::string markdown() const {
    std::string out;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      out += "|";
      for (const std::string& cell : rows_[r]) out += " " + cell + " |";
      out += "\n";
      if (r > 0) continue;
      out += "|";
      for (std::size_t i = 0; i < rows_[r].size(); ++i) out += i < left_ ? " --- |" : " ---: |";
      out += "\n";
    }
    return out;
  }

 private:
  std::vector<std::size_t> column_widths() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    return widths;
  }
  std::string line(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) const {
    std::string out;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += "  ";
      out += i < left_ ? fmt::format("{:<{}}", row[i], widths[i]) : fmt::format("{:>{}}", row[i], widths[i]);
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
  }
  static std::string rule(const std::vector<std::size_t>& widths) {
    std::string out;
    for (std::size_t i = 0; i < widths.size(); ++i) out += (i > 0 ? "  " : "") + std::string(widths[i], '-');
    return out;
  }

  const std::size_t left_;
  std::vector<std::vector<std::string>> rows_;
};

std::string decimal(double value) {
  return fmt::format("{:.1f}", value);
}
std::string signed_decimal(double value) {
  return fmt::format("{:+.1f}", without_minus_zero(value, 1));
}

Columns lag_table(const ConfirmLagReport& report) {
  Columns table(3);
  table.row({"database", "primary", "replicas", "published", "p50", "error %", "p95", "p99", "floor", "by site p50",
             "samples"});
  for (const LagCell& c : report.cells) {
    table.row({c.database, c.primary + " " + c.primary_region, c.replica_region,
               decimal_or_dash(c.published_ms, "{:.1f}"), decimal(c.p50_ms), decimal_or_dash(c.error_pct, "{:+.1f}"),
               decimal(c.p95_ms), decimal(c.p99_ms), decimal(c.floor_ms),
               fmt::format("{:.0f}..{:.0f}", c.least_site_p50_ms, c.most_site_p50_ms), fmt::format("{}", c.samples)});
  }
  return table;
}

Columns cause_table(const ConfirmLagReport& report) {
  Columns table(2);
  table.row(
      {"database", "replicas", "flush wait", "wire base", "jitter, slow, loss", "gap", "publish", "clock", "sum"});
  for (const LagCell& c : report.cells) {
    table.row({c.database, c.replica_region, decimal(c.causes.flush_wait_ms), decimal(c.causes.wire_base_ms),
               decimal(c.causes.wire_extra_ms), decimal(c.causes.gap_ms), decimal(c.causes.publish_ms),
               signed_decimal(c.causes.clock_ms), decimal(c.causes.total_ms())});
  }
  return table;
}

Columns commit_table(const ConfirmLagReport& report) {
  Columns table(2);
  table.row({"database", "primary", "p50", "p95", "p99", "samples"});
  for (const CommitRow& row : report.commits) {
    table.row({row.database, row.primary, decimal(row.p50_ms), decimal(row.p95_ms), decimal(row.p99_ms),
               fmt::format("{}", row.samples)});
  }
  const PublishedCommitLatency published;
  table.row({"(published)", "ENAM", std::string(published.p50_ms), "-", std::string(published.p99_ms), "-"});
  return table;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : std::string();
}

void json_causes(JsonWriter& json, const CauseSplit& causes) {
  json.begin_object();
  json.key("flush_wait_ms").fixed(causes.flush_wait_ms, 3).key("wire_base_ms").fixed(causes.wire_base_ms, 3);
  json.key("wire_extra_ms").fixed(causes.wire_extra_ms, 3).key("gap_ms").fixed(causes.gap_ms, 3);
  json.key("publish_ms").fixed(causes.publish_ms, 3).key("clock_ms").fixed(causes.clock_ms, 3);
  json.end_object();
}

void json_cell(JsonWriter& json, const LagCell& cell) {
  json.begin_object();
  json.key("database")
      .text(cell.database)
      .key("primary")
      .text(cell.primary)
      .key("primary_region")
      .text(cell.primary_region);
  json.key("replica_region").text(cell.replica_region).key("published_ms").fixed(cell.published_ms, 1);
  json.key("p50_ms").fixed(cell.p50_ms, 3).key("p95_ms").fixed(cell.p95_ms, 3).key("p99_ms").fixed(cell.p99_ms, 3);
  json.key("floor_ms")
      .fixed(cell.floor_ms, 3)
      .key("samples")
      .number(cell.samples)
      .key("error_pct")
      .fixed(cell.error_pct, 2);
  json.key("below_floor").number(cell.below_floor).key("sites").number(cell.sites);
  json.key("least_site_p50_ms")
      .fixed(cell.least_site_p50_ms, 3)
      .key("most_site_p50_ms")
      .fixed(cell.most_site_p50_ms, 3);
  json.key("exact").boolean(cell.exact).key("mean_causes");
  json_causes(json, cell.causes);
  json.end_object();
}

void json_commit(JsonWriter& json, const CommitRow& row) {
  json.begin_object();
  json.key("database").text(row.database).key("primary").text(row.primary).key("samples").number(row.samples);
  json.key("p50_ms").fixed(row.p50_ms, 3).key("p95_ms").fixed(row.p95_ms, 3).key("p99_ms").fixed(row.p99_ms, 3);
  json.end_object();
}

}  // namespace

std::string decimal_or_dash(const std::optional<double>& value, const char* format) {
  return value ? fmt::format(fmt::runtime(format), without_minus_zero(*value, 1)) : std::string("-");
}

std::string seeds_text(const ConfirmLagReport& report) {
  std::string text;
  for (const std::uint64_t seed : report.seeds) text += (text.empty() ? "" : ", ") + fmt::format("{}", seed);
  return text;
}

std::string summary_sentence(const ConfirmLagReport& report) {
  if (!report.worst_error_pct) return "No cell has a published figure.";
  return fmt::format("The published cell that fits worst is {:.1f} % off.", *report.worst_error_pct);
}

std::string confirm_lag_text(const ConfirmLagReport& report) {
  std::string out =
      fmt::format("Confirm lag: primary confirms to replica confirms, ms   {}, seed {}, {:.0f} virtual seconds\n\n",
                  report.scenario, seeds_text(report), report.virtual_seconds);
  out += lag_table(report).text();
  out += fmt::format("\n{}\nPublished: {}.\n", summary_sentence(report), kConfirmLagSource);
  out += "\nMean lag by cause, ms\n\n" + cause_table(report).text();
  out += "\nCommit latency: write at the primary to quorum, ms\n\n" + commit_table(report).text();
  out += fmt::format("\nPublished: {}.\ndigest {}\n", PublishedCommitLatency{}.source, report.digest);
  return out;
}

std::string confirm_lag_markdown(const ConfirmLagReport& report) {
  std::string out =
      fmt::format("# Confirm lag\n\nScenario `{}`, seed {}, {:.0f} virtual seconds, digest `{}`. Milliseconds.\n\n",
                  report.scenario, seeds_text(report), report.virtual_seconds, report.digest);
  out += "## From the primary's confirmation to the replica's\n\n" + lag_table(report).markdown();
  out += fmt::format("\n{} Published: {}.\n", summary_sentence(report), kConfirmLagSource);
  out += "\n## Mean lag by cause\n\n" + cause_table(report).markdown();
  out += "\n## Commit latency: write at the primary to quorum\n\n" + commit_table(report).markdown();
  out += fmt::format("\nPublished: {}.\n", PublishedCommitLatency{}.source);
  return out;
}

std::string confirm_lag_csv(const ConfirmLagReport& report) {
  std::string out =
      "database,primary,primary_region,replica_region,published_ms,p50_ms,p95_ms,p99_ms,floor_ms,samples,error_pct,"
      "flush_wait_ms,wire_base_ms,wire_extra_ms,gap_ms,publish_ms,clock_ms\n";
  for (const LagCell& c : report.cells) {
    out += fmt::format("{},{},{},{},{},{:.3f},{:.3f},{:.3f},{:.3f},{},{}", csv_field(c.database), c.primary,
                       c.primary_region, c.replica_region, csv_number(c.published_ms), c.p50_ms, c.p95_ms, c.p99_ms,
                       c.floor_ms, c.samples, csv_number(c.error_pct));
    out += fmt::format(",{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f}\n", c.causes.flush_wait_ms, c.causes.wire_base_ms,
                       c.causes.wire_extra_ms, c.causes.gap_ms, c.causes.publish_ms, c.causes.clock_ms);
  }
  return out;
}

std::string confirm_lag_json(const ConfirmLagReport& report) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("report").text("confirm-lag").key("version").number(1).key("scenario").text(report.scenario);
  json.key("seeds").begin_array();
  for (const std::uint64_t seed : report.seeds) json.number(seed);
  json.end_array().key("digest").text(report.digest).key("virtual_seconds").fixed(report.virtual_seconds, 3);
  json.key("worst_error_pct").fixed(report.worst_error_pct, 2).key("cells").begin_array();
  for (const LagCell& cell : report.cells) json_cell(json, cell);
  json.end_array().key("commit_latency").begin_array();
  for (const CommitRow& row : report.commits) json_commit(json, row);
  json.end_array();
  const PublishedCommitLatency published;
  json.key("published_commit_latency")
      .begin_object()
      .key("p50_ms")
      .text(published.p50_ms)
      .key("p99_ms")
      .text(published.p99_ms);
  json.key("p999_ms").text(published.p999_ms).key("source").text(published.source).end_object();
  json.key("published_source").text(kConfirmLagSource).end_object();
  return json.str() + "\n";
}

std::string render(const ConfirmLagReport& report, Format format) {
  switch (format) {
    case Format::kText:
      return confirm_lag_text(report);
    case Format::kMarkdown:
      return confirm_lag_markdown(report);
    case Format::kCsv:
      return confirm_lag_csv(report);
    case Format::kJson:
      return confirm_lag_json(report);
    case Format::kHtml:
      return confirm_lag_html(report);
  }
  TIDEMARK_ASSERT(false, "no such format");
}

}  // namespace tidemark::reports
