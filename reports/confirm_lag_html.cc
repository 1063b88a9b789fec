// HTML of the confirm-lag report: one file that needs no network and no script. The plot is inline SVG: a row per cell,
// the distribution of the lag, its percentiles, the published value and the fibre floor.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "reports/confirm_lag_render.h"
#include "reports/html.h"
#include "reports/number.h"
#include "reports/published.h"

namespace tidemark::reports {
namespace {

// Geometry of the plot, in px.
constexpr double kWidth = 1176;
constexpr double kLeft = 190;   // labels
constexpr double kRight = 186;  // figures
constexpr double kRowHeight = 58;
constexpr double kTop = 46;  // axis above, so that it is seen with many rows
constexpr double kBottom = 30;
constexpr double kHill = 40;        // height of the highest bin of a row
constexpr double kThinnest = 0.25;  // lower bins at the end of a row are not drawn

// Blue, vermilion and grey of Okabe and Ito: told apart with any colour vision; shapes differ as well.
constexpr const char* kConfirmLagStyle = R"css(
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 2rem auto; max-width: 1140px; padding: 0 1rem; }
h1 { font-size: 1.55rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
.head, .note { color: #555; margin: .2rem 0; } .note { font-size: .87rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #e2e2e2; white-space: nowrap; }
th { border-bottom: 2px solid #999; font-weight: 600; } .l { text-align: left; }
tr.off td.error { color: #a33c00; font-weight: 600; }
svg { width: 100%; height: auto; display: block; } svg text { font: 12.5px system-ui, sans-serif; fill: #333; }
.scroll { overflow-x: auto; } code { font-size: .9em; }
)css";

/// Maps milliseconds to x.
struct Axis {
  double most_ms = 100;
  double step_ms = 20;
  double x(double ms) const { return kLeft + std::min(ms / most_ms, 1.0) * (kWidth - kLeft - kRight); }
};

Axis axis_for(const ConfirmLagReport& report) {
  double most = 10;
  for (const LagCell& cell : report.cells) most = std::max({most, cell.p99_ms * 1.04, cell.published_ms.value_or(0)});
  Axis axis;
  for (const double step : {1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 500.0, 1000.0}) {
    axis.step_ms = step;
    if (most / step <= 12) break;
  }
  axis.most_ms = std::ceil(most / axis.step_ms) * axis.step_ms;
  return axis;
}

std::string grid(const Axis& axis, double height) {
  std::string svg;
  const int ticks = static_cast<int>(std::lround(axis.most_ms / axis.step_ms));
  for (int i = 0; i <= ticks; ++i) {
    const double at = axis.x(i * axis.step_ms);
    svg += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.0f}\" x2=\"{0:.1f}\" y2=\"{2:.0f}\" stroke=\"#e6e6e6\"/>", at,
                       kTop - 6, height - kBottom);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{:g}{}</text>", at, kTop - 12,
                       i * axis.step_ms, i == ticks ? " ms" : "");
  }
  return svg + "\n";
}

/// The outline of the distribution, one step per millisecond.
std::string hill(const LagCell& cell, const Axis& axis, double base) {
  std::uint64_t most = 1;
  for (const std::uint64_t count : cell.density) most = std::max(most, count);
  std::size_t first = 0;
  while (first < cell.density.size() && cell.density[first] == 0) ++first;
  std::size_t end = std::min(cell.density.size(), static_cast<std::size_t>(axis.most_ms));
  // A tail thinner than its outline would look like a line along the axis, up to the farthest sample.
  while (end > first && kHill * static_cast<double>(cell.density[end - 1]) < kThinnest * static_cast<double>(most))
    --end;
  if (first >= end) return {};
  std::string path = fmt::format("M{:.1f} {:.1f}", axis.x(static_cast<double>(first)), base);
  for (std::size_t bin = first; bin < end; ++bin) {
    const double y = base - kHill * static_cast<double>(cell.density[bin]) / static_cast<double>(most);
    path += fmt::format("V{:.1f}H{:.1f}", y, axis.x(static_cast<double>(bin + 1)));
  }
  return fmt::format(
      "<path d=\"{}V{:.1f}Z\" fill=\"#56b4e9\" fill-opacity=\".45\" stroke=\"#0072b2\" stroke-width=\".8\"/>", path,
      base);
}

std::string marks(const LagCell& cell, const Axis& axis, double base) {
  const double p50 = axis.x(cell.p50_ms);
  std::string svg = fmt::format(
      "<line x1=\"{0:.1f}\" y1=\"{2:.1f}\" x2=\"{1:.1f}\" y2=\"{2:.1f}\" stroke=\"#0072b2\" stroke-width=\"2\"/>", p50,
      axis.x(cell.p99_ms), base);
  svg += fmt::format(
      "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#0072b2\" stroke-width=\"3\"/>", p50,
      base - kHill, base + 4);
  for (const double ms : {cell.p95_ms, cell.p99_ms}) {
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#0072b2\" stroke-width=\"2\"/>",
        axis.x(ms), base - 7, base + 4);
  }
  svg += fmt::format(
      "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#555\" stroke-width=\"2\" "
      "stroke-dasharray=\"3 3\"/>",
      axis.x(cell.floor_ms), base - kHill, base + 4);
  if (!cell.published_ms) return svg;
  const double at = axis.x(*cell.published_ms);
  return svg +
         fmt::format("<path d=\"M{0:.1f} {1:.1f}l6 7-6 7-6-7z\" fill=\"#d55e00\" stroke=\"#fff\"/>", at, base - 7);
}

std::string row(const LagCell& cell, const Axis& axis, double base) {
  std::string svg =
      fmt::format("<g><title>{} {} to {}: p50 {:.1f} ms, p95 {:.1f}, p99 {:.1f}, floor {:.1f}, published {}</title>",
                  html_text(cell.database), html_text(cell.primary), html_text(cell.replica_region), cell.p50_ms,
                  cell.p95_ms, cell.p99_ms, cell.floor_ms, decimal_or_dash(cell.published_ms, "{:.0f}"));
  svg += fmt::format("<line x1=\"0\" y1=\"{0:.1f}\" x2=\"{1:.0f}\" y2=\"{0:.1f}\" stroke=\"#ccc\"/>", base,
                     kWidth - kRight);
  svg += fmt::format("<text x=\"0\" y=\"{:.1f}\"><tspan font-weight=\"600\">{}</tspan> {} {}</text>", base - 20,
                     html_text(cell.database), html_text(cell.primary), html_text(cell.primary_region));
  svg += fmt::format("<text x=\"0\" y=\"{:.1f}\">to {} ({} sites)</text>", base - 4, html_text(cell.replica_region),
                     cell.sites);
  svg += hill(cell, axis, base) + marks(cell, axis, base);
  svg +=
      fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\">p50 {:.1f} ms</text>", kWidth - kRight + 14, base - 20, cell.p50_ms);
  const std::string published = cell.published_ms ? fmt::format("published {:.0f} ({:+.1f} %)", *cell.published_ms,
                                                                without_minus_zero(cell.error_pct.value_or(0), 1))
                                                  : "not published";
  svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\">{}</text>", kWidth - kRight + 14, base - 4, published);
  return svg + "</g>\n";
}

std::string legend(double y) {
  return fmt::format(
      "<g transform=\"translate({0:.0f} {1:.0f})\"><rect y=\"-10\" width=\"22\" height=\"11\" fill=\"#56b4e9\" "
      "fill-opacity=\".45\" "
      "stroke=\"#0072b2\"/><text x=\"28\">distribution</text>"
      "<line x1=\"124\" y1=\"-12\" x2=\"124\" y2=\"2\" stroke=\"#0072b2\" stroke-width=\"3\"/><text "
      "x=\"132\">p50</text>"
      "<path d=\"M168 -3h14m0 -7v11m9 -11v11m-9 -4h9\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2\"/>"
      "<text x=\"198\">p95, p99</text>"
      "<path d=\"M276 -11l6 7-6 7-6-7z\" fill=\"#d55e00\"/><text x=\"288\">published</text>"
      "<line x1=\"372\" y1=\"-12\" x2=\"372\" y2=\"2\" stroke=\"#555\" stroke-width=\"2\" stroke-dasharray=\"3 3\"/>"
      "<text x=\"380\">fibre floor to the nearest replica site</text></g>\n",
      kLeft, y);
}

std::string plot(const ConfirmLagReport& report) {
  const Axis axis = axis_for(report);
  const double height = kTop + kRowHeight * static_cast<double>(report.cells.size()) + kBottom;
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"Distribution of the confirm lag per "
      "database and replica region\">\n",
      kWidth, height);
  svg += grid(axis, height);
  double base = kTop;
  for (const LagCell& cell : report.cells) svg += row(cell, axis, base += kRowHeight);
  return svg + legend(height - 8) + "</svg>\n";
}

std::string lag_rows(const ConfirmLagReport& report) {
  std::string html;
  for (const LagCell& c : report.cells) {
    const bool off = c.error_pct && std::abs(*c.error_pct) > 10;
    html += fmt::format("<tr{}><td class=\"l\">{}</td><td class=\"l\">{} {}</td><td class=\"l\">{}</td>",
                        off ? " class=\"off\"" : "", html_text(c.database), html_text(c.primary),
                        html_text(c.primary_region), html_text(c.replica_region));
    html += fmt::format(
        "<td>{}</td><td>{:.1f}</td><td class=\"error\">{}</td><td>{:.1f}</td><td>{:.1f}</td><td>{:.1f}</td>",
        decimal_or_dash(c.published_ms, "{:.0f}"), c.p50_ms, decimal_or_dash(c.error_pct, "{:+.1f} %"), c.p95_ms,
        c.p99_ms, c.floor_ms);
    html +=
        fmt::format("<td>{:.0f} to {:.0f}</td><td>{}</td></tr>\n", c.least_site_p50_ms, c.most_site_p50_ms, c.samples);
  }
  return html;
}

std::string cause_rows(const ConfirmLagReport& report) {
  std::string html;
  for (const LagCell& c : report.cells) {
    html +=
        fmt::format("<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td>{:.1f}</td><td>{:.1f}</td><td>{:.1f}</td>",
                    html_text(c.database), html_text(c.replica_region), c.causes.flush_wait_ms, c.causes.wire_base_ms,
                    c.causes.wire_extra_ms);
    html += fmt::format("<td>{:.1f}</td><td>{:.1f}</td><td>{:+.1f}</td><td>{:.1f}</td></tr>\n", c.causes.gap_ms,
                        c.causes.publish_ms, without_minus_zero(c.causes.clock_ms, 1), c.causes.total_ms());
  }
  return html;
}

std::string commit_rows(const ConfirmLagReport& report) {
  std::string html;
  for (const CommitRow& row : report.commits) {
    html += fmt::format(
        "<tr><td class=\"l\">{}</td><td "
        "class=\"l\">{}</td><td>{:.1f}</td><td>{:.1f}</td><td>{:.1f}</td><td>{}</td></tr>\n",
        html_text(row.database), html_text(row.primary), row.p50_ms, row.p95_ms, row.p99_ms, row.samples);
  }
  const PublishedCommitLatency published;
  html += fmt::format(
      "<tr><td class=\"l\">published</td><td class=\"l\">ENAM</td><td>{}</td><td>-</td><td>{}</td><td>-</td></tr>\n",
      published.p50_ms, published.p99_ms);
  return html;
}

std::string table(const char* head, const std::string& rows) {
  return fmt::format("<div class=\"scroll\"><table><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>\n", head,
                     rows);
}

}  // namespace

std::string confirm_lag_html(const ConfirmLagReport& report) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Confirm lag: {}</title><style>{}</style></head><body>\n",
      html_text(report.scenario), kConfirmLagStyle);
  html += fmt::format(
      "<h1>Confirm lag</h1><p class=\"head\">From the confirmation of a write at the primary to its confirmation at a "
      "replica, in ms. Scenario <code>{}</code>, seed {}, {:.0f} virtual seconds, digest <code>{}</code>.</p>"
      "<p class=\"head\">{}</p>\n",
      html_text(report.scenario), seeds_text(report), report.virtual_seconds, html_text(report.digest),
      summary_sentence(report));
  html += plot(report);
  html += "<h2>Percentiles</h2>\n" +
          table(
              "<th class=\"l\">database</th><th class=\"l\">primary</th><th "
              "class=\"l\">replicas</th><th>published</th><th>p50</th>"
              "<th>error</th><th>p95</th><th>p99</th><th>floor</th><th>p50 of single sites</th><th>samples</th>",
              lag_rows(report));
  html += fmt::format("<p class=\"note\">Published: {}. Floor: light in fibre along the great circle.</p>\n",
                      html_text(kConfirmLagSource));
  html += "<h2>Mean lag by cause</h2>\n" +
          table(
              "<th class=\"l\">database</th><th class=\"l\">replicas</th><th>flush wait</th><th>wire, base</th>"
              "<th>jitter, slow path, loss</th><th>blocked by gap</th><th>publish</th><th>clock</th><th>sum</th>",
              cause_rows(report));
  html += "<h2>Commit latency: write at the primary to quorum</h2>\n" +
          table(
              "<th class=\"l\">database</th><th "
              "class=\"l\">primary</th><th>p50</th><th>p95</th><th>p99</th><th>samples</th>",
              commit_rows(report));
  html +=
      fmt::format("<p class=\"note\">Published: {}.</p>\n</body></html>\n", html_text(PublishedCommitLatency{}.source));
  return html;
}

}  // namespace tidemark::reports
