#include "reports/insights.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "reports/html.h"
#include "reports/json_writer.h"
#include "reports/number.h"
#include "reports/text_table.h"

namespace tidemark::reports {
namespace {

constexpr std::size_t kLongestKnown = 2'000;
constexpr std::size_t kMostKnown = 10'000;
constexpr std::size_t kLongestInTable = 100;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool in_name(char c) {
  return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

bool is_operator(char c) {
  return std::string_view("<>=!|").find(c) != std::string_view::npos;
}

/// Where what begins at `at` with a quote ends; a doubled quote is none.
std::size_t quoted_end(std::string_view sql, std::size_t at) {
  const char close = sql[at] == '[' ? ']' : sql[at];
  for (std::size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] != close) continue;
    if (close == ']' || i + 1 >= sql.size() || sql[i + 1] != close) return i + 1;
    ++i;
  }
  return sql.size();
}

std::size_t number_end(std::string_view sql, std::size_t at) {
  std::size_t i = at;
  while (i < sql.size() && (in_name(sql[i]) || sql[i] == '.' ||
                            ((sql[i] == '+' || sql[i] == '-') && (sql[i - 1] == 'e' || sql[i - 1] == 'E') && i > at)))
    ++i;
  return i;
}

std::size_t comment_end(std::string_view sql, std::size_t at) {
  if (sql.substr(at, 2) == "--") return std::min(sql.find('\n', at), sql.size());
  const std::size_t close = sql.find("*/", at + 2);
  return close == std::string_view::npos ? sql.size() : close + 2;
}

/// One token of `sql`, from `at`, and where it ends. Values are "?"; blanks and comments are empty.
std::string token_at(std::string_view sql, std::size_t at, std::size_t& end) {
  const char c = sql[at];
  const std::string_view two = sql.substr(at, 2);
  if (two == "--" || two == "/*") {
    end = comment_end(sql, at);
    return "";
  }
  if (c == '\'' || two == "x'" || two == "X'") {
    end = quoted_end(sql, c == '\'' ? at : at + 1);
    return "?";
  }
  if (digit(c) || (c == '.' && two.size() == 2 && digit(two[1]))) {
    end = number_end(sql, at);
    return "?";
  }
  if (c == '?' || ((c == ':' || c == '@' || c == '$') && two.size() == 2 && in_name(two[1]))) {
    for (end = at + 1; end < sql.size() && in_name(sql[end]);) ++end;
    return "?";
  }
  end = at + 1;
  if (is_blank(c)) return "";
  if (c == '"' || c == '`' || c == '[') {
    end = quoted_end(sql, at);
  } else if (in_name(c) || is_operator(c)) {
    while (end < sql.size() && (in_name(c) ? in_name(sql[end]) : is_operator(sql[end]))) ++end;
  }
  return std::string(sql.substr(at, end - at));
}

std::vector<std::string> tokens_of(std::string_view sql) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < sql.size();) {
    std::string token = token_at(sql, at, at);
    if (!token.empty()) tokens.push_back(std::move(token));
  }
  return tokens;
}

/// Does what is at the end, after its comma, say the same as what is before the comma? Then it goes.
void fold_list(std::vector<std::string>& tokens, std::size_t length) {
  const std::size_t size = tokens.size();
  if (size < 2 * length + 1 || tokens[size - length - 1] != ",") return;
  const auto last = tokens.end() - static_cast<std::ptrdiff_t>(length);
  const auto before = last - 1 - static_cast<std::ptrdiff_t>(length);
  if (!std::equal(last, tokens.end(), before)) return;
  tokens.resize(size - length - 1);
}

/// Lists of values, and of rows of values, become one "?" or one "(?)".
std::vector<std::string> folded(const std::vector<std::string>& tokens) {
  std::vector<std::string> all;
  for (const std::string& token : tokens) {
    all.push_back(token);
    if (token == "?") fold_list(all, 1);
    const bool row = token == ")" && all.size() >= 3 && all[all.size() - 2] == "?" && all[all.size() - 3] == "(";
    if (row) fold_list(all, 3);
  }
  return all;
}

/// Names after which a bracket opens something else than arguments.
bool is_keyword(std::string name) {
  static constexpr std::array<std::string_view, 18> kKeywords = {"AND",    "AS",  "BY",   "CASE",   "ELSE", "EXISTS",
                                                                 "FROM",   "IN",  "JOIN", "NOT",    "ON",   "OR",
                                                                 "SELECT", "SET", "THEN", "VALUES", "WHEN", "WHERE"};
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return std::find(kKeywords.begin(), kKeywords.end(), name) != kKeywords.end();
}

/// No blank between the two.
bool sticks(const std::string& before, const std::string& token) {
  if (before == "(" || before == "." || token == "," || token == ")" || token == ";" || token == ".") return true;
  return token == "(" && in_name(before.back()) && !is_keyword(before);
}

std::string ms_text(double ns, int decimals) {
  return fmt::format("{:.{}f}", ns / 1e6, decimals);
}

double mean_of(const ShapeFigures& figures) {
  return figures.count == 0 ? 0 : static_cast<double>(figures.total_ns) / static_cast<double>(figures.count);
}

using Line = std::pair<std::string, const ShapeFigures*>;

std::vector<Line> sorted(const InsightsReport& report) {
  std::vector<Line> lines;
  for (const auto& [shape, figures] : report.shapes) lines.emplace_back(shape, &figures);
  const auto weight = [&](const Line& line) {
    switch (report.order) {
      case InsightsOrder::kReads:
        return line.second->rows_read;
      case InsightsOrder::kCount:
        return line.second->count;
      case InsightsOrder::kTime:
        break;
    }
    return static_cast<std::uint64_t>(line.second->total_ns);
  };
  std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) { return weight(a) > weight(b); });
  if (lines.size() > report.top) lines.resize(report.top);
  return lines;
}

std::string shortened(const std::string& shape) {
  if (shape.size() <= kLongestInTable) return shape;
  std::size_t end = kLongestInTable;
  while (end > 0 && (static_cast<unsigned char>(shape[end]) & 0xC0) == 0x80) --end;  // not within a character
  return shape.substr(0, end) + "...";
}

Cells table(const InsightsReport& report) {
  Cells cells{{"statement", "count", "total ms", "mean", "p50", "p95", "rows read", "per call", "rows written"}};
  for (const auto& [shape, figures] : sorted(report)) {
    const double per_call = static_cast<double>(figures->rows_read) / static_cast<double>(figures->count);
    cells.push_back(
        {shortened(shape), std::to_string(figures->count), ms_text(static_cast<double>(figures->total_ns), 1),
         ms_text(mean_of(*figures), 3), ms_text(static_cast<double>(figures->durations.percentile_ns(0.5)), 3),
         ms_text(static_cast<double>(figures->durations.percentile_ns(0.95)), 3), std::to_string(figures->rows_read),
         fmt::format("{:.1f}", per_call), std::to_string(figures->rows_written)});
  }
  return cells;
}

std::string order_text(InsightsOrder order) {
  switch (order) {
    case InsightsOrder::kReads:
      return "rows read";
    case InsightsOrder::kCount:
      return "count";
    case InsightsOrder::kTime:
      break;
  }
  return "total time";
}

std::string head(const InsightsReport& report) {
  std::uint64_t statements = 0;
  for (const auto& [shape, figures] : report.shapes) statements += figures.count;
  return fmt::format("Query insights: scenario {}, seed {}, {:.0f} virtual seconds, {} statements of {} shapes",
                     report.scenario, report.seed, report.virtual_seconds, statements, report.shapes.size());
}

std::string note(const InsightsReport& report) {
  return fmt::format("The first {} by {}. Times in ms of SQL alone", std::min(report.top, report.shapes.size()),
                     order_text(report.order));
}

std::string csv_text(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string as_csv(const InsightsReport& report) {
  std::string text = "statement,count,total_ms,mean_ms,p50_ms,p95_ms,rows_read,rows_written\n";
  for (const auto& [shape, figures] : sorted(report))
    text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(shape), figures->count,
                        ms_text(static_cast<double>(figures->total_ns), 3), ms_text(mean_of(*figures), 3),
                        ms_text(static_cast<double>(figures->durations.percentile_ns(0.5)), 3),
                        ms_text(static_cast<double>(figures->durations.percentile_ns(0.95)), 3), figures->rows_read,
                        figures->rows_written);
  return text;
}

std::string as_json(const InsightsReport& report) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("scenario").text(report.scenario).key("seed").number(report.seed);
  json.key("digest").text(report.digest).key("virtual_seconds").fixed(report.virtual_seconds, 3);
  json.key("shapes").number(std::uint64_t{report.shapes.size()});
  json.key("statements").begin_array();
  for (const auto& [shape, figures] : sorted(report)) {
    json.begin_object().key("statement").text(shape).key("count").number(figures->count);
    json.key("total_ms").fixed(ms(figures->total_ns), 3).key("mean_ms").fixed(mean_of(*figures) / 1e6, 3);
    json.key("p50_ms").fixed(ms(figures->durations.percentile_ns(0.5)), 3);
    json.key("p95_ms").fixed(ms(figures->durations.percentile_ns(0.95)), 3);
    json.key("rows_read").number(figures->rows_read).key("rows_written").number(figures->rows_written).end_object();
  }
  return json.end_array().end_object().str() + "\n";
}

std::string as_html(const InsightsReport& report) {
  constexpr const char* kStyle =
      "body{font:15px/1.45 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:2rem auto;max-width:1240px;"
      "padding:0 1rem}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.3rem "
      ".6rem;text-align:right;border-bottom:1px solid #e2e2e2}th{border-bottom:2px solid #999}.l{text-align:left;"
      "font-family:monospace}.scroll{overflow-x:auto}";
  std::string rows;
  const Cells cells = table(report);
  for (std::size_t number = 0; number < cells.size(); ++number) {
    const char* const tag = number == 0 ? "th" : "td";
    rows += number == 0 ? "<thead><tr>" : "<tr>";
    for (std::size_t i = 0; i < cells[number].size(); ++i)
      rows += fmt::format("<{0}{1}>{2}</{0}>", tag, i == 0 ? " class=\"l\"" : "", html_text(cells[number][i]));
    rows += number == 0 ? "</tr></thead><tbody>\n" : "</tr>\n";
  }
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Query insights: {}</title><style>{}</style></head><body>\n<h1>Query "
      "insights</h1><p>{}.</p>\n<p>{}.</p>\n<div class=\"scroll\"><table>{}</tbody></table></div>\n</body></html>\n",
      html_text(report.scenario), kStyle, html_text(head(report)), note(report), rows);
}

}  // namespace

bool parse_order(const std::string& text, InsightsOrder& order) {
  if (text == "time") order = InsightsOrder::kTime;
  if (text == "reads") order = InsightsOrder::kReads;
  if (text == "count") order = InsightsOrder::kCount;
  return text == "time" || text == "reads" || text == "count";
}

std::string shape_of(std::string_view sql) {
  std::string shape;
  std::string before;
  for (std::string& token : folded(tokens_of(sql))) {
    if (!before.empty() && !sticks(before, token)) shape += ' ';
    shape += token;
    before = std::move(token);
  }
  return shape;
}

void InsightsReport::add(std::string_view sql, std::int64_t duration_ns, std::uint64_t rows_read,
                         std::uint64_t rows_written) {
  auto known = known_.find(sql);
  std::string shape;
  if (known != known_.end()) {
    shape = known->second;
  } else {
    shape = shape_of(sql);
    if (sql.size() <= kLongestKnown && known_.size() < kMostKnown) known_.emplace(std::string(sql), shape);
  }
  ShapeFigures& figures = shapes[shape];
  ++figures.count;
  figures.rows_read += rows_read;
  figures.rows_written += rows_written;
  figures.total_ns += duration_ns;
  figures.durations.add(duration_ns);
}

std::string render(const InsightsReport& report, Format format) {
  switch (format) {
    case Format::kCsv:
      return as_csv(report);
    case Format::kJson:
      return as_json(report);
    case Format::kHtml:
      return as_html(report);
    case Format::kMarkdown:
      return fmt::format("# Query insights\n\n{}.\n\n{}:\n\n{}", head(report), note(report),
                         as_markdown(table(report)));
    case Format::kText:
      break;
  }
  return fmt::format("{}\n\n{}:\n{}", head(report), note(report), as_text(table(report)));
}

}  // namespace tidemark::reports
