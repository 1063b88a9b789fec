#include "reports/edge_cache.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "reports/html.h"
#include "reports/json_writer.h"
#include "reports/number.h"
#include "reports/text_table.h"

namespace tidemark::reports {
namespace {

std::string ms_text(std::int64_t ns) {
  return fmt::format("{:.1f}", ms(ns));
}

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string percentile(const SampleSet& samples, double p) {
  return samples.count() == 0 ? "-" : ms_text(samples.percentile_ns(p));
}

std::string most(const SampleSet& samples) {
  return samples.count() == 0 ? "-" : ms_text(samples.most_ns());
}

std::uint64_t usual_queries(const EdgeCacheReport& report) {
  return report.strategies.empty() ? 0 : report.strategies.front().queries;
}

Cells strategy_table(const EdgeCacheReport& report) {
  const std::string load = report.strategies.empty() ? "-" : "of " + report.strategies.front().name;
  Cells cells{{"strategy", "reads", "hits", "p50", "p90", "p99", "stale", "of reads", "age p50", "max",
               "broken guarantees", "queries", load}};
  for (const EdgeStrategy& strategy : report.strategies) {
    const EdgeFigures& all = strategy.all;
    cells.push_back({strategy.name, std::to_string(all.reads), percent(all.hits, all.reads),
                     percentile(all.latency, 0.5), percentile(all.latency, 0.9), percentile(all.latency, 0.99),
                     std::to_string(all.stale.count()), percent(all.stale.count(), all.reads),
                     percentile(all.stale, 0.5), most(all.stale), std::to_string(all.broken),
                     std::to_string(strategy.queries), percent(strategy.queries, usual_queries(report))});
  }
  return cells;
}

std::set<std::string> cities_of(const EdgeCacheReport& report) {
  std::set<std::string> cities;
  for (const EdgeStrategy& strategy : report.strategies)
    for (const auto& [city, figures] : strategy.cities) cities.insert(city);
  return cities;
}

std::string latency_cell(const EdgeStrategy& strategy, const std::string& city) {
  const auto found = strategy.cities.find(city);
  if (found == strategy.cities.end()) return "-";
  const SampleSet& latency = found->second.latency;
  return percentile(latency, 0.5) + " / " + percentile(latency, 0.9) + " / " + percentile(latency, 0.99);
}

Cells city_table(const EdgeCacheReport& report) {
  Cells cells{{"city"}};
  for (const EdgeStrategy& strategy : report.strategies) cells.front().push_back(strategy.name);
  for (const std::string& city : cities_of(report)) {
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(city);
    for (const EdgeStrategy& strategy : report.strategies) line.push_back(latency_cell(strategy, city));
  }
  return cells;
}

constexpr const char* kStrategies =
    "Each strategy with the same clients and seed; times of reads in ms. Stale: something acknowledged before is not "
    "shown";
constexpr const char* kCities = "Latency of reads per city in ms: p50 / p90 / p99";

std::string head(const EdgeCacheReport& report) {
  const double seconds = report.strategies.empty() ? 0 : report.strategies.front().virtual_seconds;
  return fmt::format("Edge cache: scenario {}, seed {}, {:.0f} virtual seconds", report.scenario, report.seed, seconds);
}

std::string csv_line(const EdgeStrategy& strategy, const std::string& city, const EdgeFigures& figures,
                     const std::string& queries) {
  const bool stale = figures.stale.count() > 0;
  const auto ms_of = [](const SampleSet& samples, double p) {
    return fmt::format("{:.3f}", ms(samples.percentile_ns(p)));
  };
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", strategy.name, city, figures.reads, figures.hits,
                     ms_of(figures.latency, 0.5), ms_of(figures.latency, 0.9), ms_of(figures.latency, 0.99),
                     figures.stale.count(), stale ? ms_of(figures.stale, 0.5) : "",
                     stale ? fmt::format("{:.3f}", ms(figures.stale.most_ns())) : "", figures.broken, queries);
}

std::string as_csv(const EdgeCacheReport& report) {
  std::string text =
      "strategy,city,reads,hits,p50_ms,p90_ms,p99_ms,stale,stale_age_p50_ms,stale_age_max_ms,broken_guarantees,"
      "queries\n";
  for (const EdgeStrategy& strategy : report.strategies) {
    text += csv_line(strategy, "all", strategy.all, std::to_string(strategy.queries));
    for (const auto& [city, figures] : strategy.cities) text += csv_line(strategy, city, figures, "");
  }
  return text;
}

void write_figures(JsonWriter& json, const EdgeFigures& figures) {
  json.key("reads").number(figures.reads).key("hits").number(figures.hits);
  json.key("hit_rate")
      .fixed(figures.reads == 0 ? std::nullopt : std::optional(*share(figures.hits, figures.reads) / 100), 4);
  json.key("latency_ms").begin_object();
  for (const auto& [name, p] : {std::pair{"p50", 0.5}, std::pair{"p90", 0.9}, std::pair{"p99", 0.99}})
    json.key(name).fixed(ms(figures.latency.percentile_ns(p)), 3);
  json.end_object();
  json.key("stale").begin_object().key("reads").number(figures.stale.count());
  json.key("age_p50_ms").fixed(ms(figures.stale.percentile_ns(0.5)), 3);
  json.key("age_max_ms").fixed(ms(figures.stale.most_ns()), 3).end_object();
  json.key("broken_guarantees").number(figures.broken);
}

std::string as_json(const EdgeCacheReport& report) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("scenario").text(report.scenario).key("seed").number(report.seed);
  json.key("strategies").begin_array();
  for (const EdgeStrategy& strategy : report.strategies) {
    json.begin_object().key("name").text(strategy.name).key("digest").text(strategy.digest);
    json.key("virtual_seconds").fixed(strategy.virtual_seconds, 3).key("queries").number(strategy.queries);
    write_figures(json, strategy.all);
    json.key("cities").begin_array();
    for (const auto& [city, figures] : strategy.cities) {
      json.begin_object().key("city").text(city);
      write_figures(json, figures);
      json.end_object();
    }
    json.end_array().end_object();
  }
  return json.end_array().end_object().str() + "\n";
}

std::string page_of(const EdgeCacheReport& report) {
  return html_page(
      "Edge cache: " + report.scenario,
      fmt::format("<h1>Edge cache</h1><p>{}.</p>\n<h2>Strategies</h2><p>{}.</p>\n{}<h2>Cities</h2><p>{}.</p>\n{}",
                  html_text(head(report)), kStrategies, as_html(strategy_table(report)), kCities,
                  as_html(city_table(report))));
}

}  // namespace

void EdgeFigures::add(const EdgeRead& read) {
  ++reads;
  if (read.hit) ++hits;
  broken += read.broken;
  latency.add(read.latency_ns);
  if (read.stale_ns) stale.add(*read.stale_ns);
}

void EdgeStrategy::add(const EdgeRead& read) {
  all.add(read);
  cities[read.city].add(read);
}

std::string render(const EdgeCacheReport& report, Format format) {
  switch (format) {
    case Format::kCsv:
      return as_csv(report);
    case Format::kJson:
      return as_json(report);
    case Format::kHtml:
      return page_of(report);
    case Format::kMarkdown:
      return fmt::format("# Edge cache\n\n{}.\n\n{}:\n\n{}\n{}:\n\n{}", head(report), kStrategies,
                         as_markdown(strategy_table(report)), kCities, as_markdown(city_table(report)));
    case Format::kText:
      break;
  }
  return fmt::format("{}\n\n{}:\n{}\n{}:\n{}", head(report), kStrategies, as_text(strategy_table(report)), kCities,
                     as_text(city_table(report)));
}

}  // namespace tidemark::reports
