#include "reports/bookstore.h"

#include <fmt/core.h>

#include <optional>
#include <set>
#include <utility>

#include "reports/html.h"
#include "reports/json_writer.h"
#include "reports/number.h"
#include "reports/published.h"
#include "reports/text_table.h"

namespace tidemark::reports {
namespace {

constexpr PublishedBookstoreLatency kClaim;

/// A choice of what users do.
struct StoreView {
  std::string_view name;
  const SampleSet& (*of)(const StoreFigures& figures);
};
constexpr StoreView kStoreViews[] = {
    {"all actions", [](const StoreFigures& figures) -> const SampleSet& { return figures.all; }},
    {"reads", [](const StoreFigures& figures) -> const SampleSet& { return figures.reads; }},
    {"writes", [](const StoreFigures& figures) -> const SampleSet& { return figures.writes; }},
};

std::string store_ms(const SampleSet& samples, double p) {
  return samples.count() == 0 ? "-" : fmt::format("{:.1f}", ms(samples.percentile_ns(p)));
}

std::string three_of(const SampleSet& samples) {
  if (samples.count() == 0) return "-";
  return store_ms(samples, 0.5) + " / " + store_ms(samples, 0.9) + " / " + store_ms(samples, 0.99);
}

bool keeps_claim(const SampleSet& samples) {
  return samples.count() > 0 && ms(samples.percentile_ns(0.9)) < kClaim.p90_ms;
}

std::set<std::string> store_cities(const BookstoreReport& report) {
  std::set<std::string> cities;
  for (const StorePlacement& placement : report.placements)
    for (const auto& [city, figures] : placement.cities) cities.insert(city);
  return cities;
}

/// "12 of 83": cities whose p90 is below what is claimed, of those with a sample.
template <typename Of>
std::string cities_within(const StorePlacement& placement, const Of& of) {
  std::uint64_t within = 0, all = 0;
  for (const auto& [city, figures] : placement.cities) {
    const SampleSet& samples = of(figures);
    if (samples.count() > 0) ++all;
    if (keeps_claim(samples)) ++within;
  }
  return fmt::format("{} of {}", within, all);
}

/// Views and kinds, over all cities.
Cells kinds_table(const BookstoreReport& report) {
  Cells cells{{"action"}};
  for (const StorePlacement& placement : report.placements)
    for (const char* const column : {"count", "p50", "p90", "p99", "cities below"})
      cells.front().push_back(fmt::format("{}: {}", placement.name, column));
  const auto line = [&](std::string_view name, const auto& of) {
    std::vector<std::string>& cell = cells.emplace_back();
    cell.emplace_back(name);
    for (const StorePlacement& placement : report.placements) {
      const SampleSet& samples = of(placement.all);
      cell.push_back(std::to_string(samples.count()));
      for (const double p : {0.5, 0.9, 0.99}) cell.push_back(store_ms(samples, p));
      cell.push_back(cities_within(placement, of));
    }
  };
  for (const StoreView& view : kStoreViews) line(view.name, view.of);
  for (std::size_t kind = 0; kind < kStoreKinds; ++kind)
    line(name_of(static_cast<StoreKind>(kind)),
         [kind](const StoreFigures& figures) -> const SampleSet& { return figures.kinds[kind]; });
  return cells;
}

/// All actions and reads of each city, by placement.
Cells places_table(const BookstoreReport& report) {
  Cells cells{{"city"}};
  for (const StorePlacement& placement : report.placements)
    for (const char* const column : {"all actions", "p90 below", "reads", "p90 below"})
      cells.front().push_back(fmt::format("{}: {}", placement.name, column));
  for (const std::string& city : store_cities(report)) {
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(city);
    for (const StorePlacement& placement : report.placements) {
      const auto found = placement.cities.find(city);
      for (const bool reads : {false, true}) {
        const SampleSet none;
        const SampleSet& samples = found == placement.cities.end() ? none
                                   : reads                         ? found->second.reads
                                                                   : found->second.all;
        line.push_back(three_of(samples));
        line.emplace_back(samples.count() == 0 ? "-" : keeps_claim(samples) ? "yes" : "no");
      }
    }
  }
  return cells;
}

/// Every kind in every city.
Cells detail_table(const StorePlacement& placement) {
  Cells cells{{"city"}};
  for (std::size_t kind = 0; kind < kStoreKinds; ++kind)
    cells.front().emplace_back(name_of(static_cast<StoreKind>(kind)));
  for (const auto& [city, figures] : placement.cities) {
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(city);
    for (const SampleSet& samples : figures.kinds) line.push_back(three_of(samples));
  }
  return cells;
}

std::string store_head(const BookstoreReport& report) {
  const double seconds = report.placements.empty() ? 0 : report.placements.front().virtual_seconds;
  return fmt::format("Bookstore: scenario {}, seed {}, {:.0f} virtual seconds", report.scenario, report.seed, seconds);
}

std::string claim_text() {
  return fmt::format("Claimed of the published demonstration: p90 below {:.0f} ms {} ({})", kClaim.p90_ms, kClaim.where,
                     kClaim.source);
}

constexpr const char* kKindsTitle =
    "Latency of what users do, in ms, and in how many cities its p90 is below the claim";
constexpr const char* kPlacesTitle = "Latency per city in ms: p50 / p90 / p99, and whether the p90 is below the claim";

std::string detail_title(const StorePlacement& placement) {
  return fmt::format("Latency per city and kind of action in ms, {}: p50 / p90 / p99", placement.name);
}

std::string store_csv_line(const StorePlacement& placement, std::string_view city, std::string_view action,
                           const SampleSet& samples) {
  if (samples.count() == 0) return fmt::format("{},{},{},0,,,,\n", placement.name, city, action);
  return fmt::format("{},{},{},{},{:.3f},{:.3f},{:.3f},{}\n", placement.name, city, action, samples.count(),
                     ms(samples.percentile_ns(0.5)), ms(samples.percentile_ns(0.9)), ms(samples.percentile_ns(0.99)),
                     keeps_claim(samples) ? "yes" : "no");
}

std::string store_csv_lines(const StorePlacement& placement, std::string_view city, const StoreFigures& figures) {
  std::string text;
  for (const StoreView& view : kStoreViews) text += store_csv_line(placement, city, view.name, view.of(figures));
  for (std::size_t kind = 0; kind < kStoreKinds; ++kind)
    text += store_csv_line(placement, city, name_of(static_cast<StoreKind>(kind)), figures.kinds[kind]);
  return text;
}

std::string as_csv(const BookstoreReport& report) {
  std::string text = "placement,city,action,count,p50_ms,p90_ms,p99_ms,p90_below_claim\n";
  for (const StorePlacement& placement : report.placements) {
    text += store_csv_lines(placement, "all", placement.all);
    for (const auto& [city, figures] : placement.cities) text += store_csv_lines(placement, city, figures);
  }
  return text;
}

void write_samples(JsonWriter& json, std::string_view name, const SampleSet& samples) {
  json.key(name).begin_object().key("count").number(samples.count());
  for (const auto& [key, p] : {std::pair{"p50_ms", 0.5}, std::pair{"p90_ms", 0.9}, std::pair{"p99_ms", 0.99}}) {
    const std::optional<double> value =
        samples.count() == 0 ? std::nullopt : std::optional(ms(samples.percentile_ns(p)));
    json.key(key).fixed(value, 3);
  }
  json.key("p90_below_claim").boolean(keeps_claim(samples)).end_object();
}

void write_store_figures(JsonWriter& json, const StoreFigures& figures) {
  json.key("actions").begin_object();
  for (const StoreView& view : kStoreViews) write_samples(json, view.name, view.of(figures));
  for (std::size_t kind = 0; kind < kStoreKinds; ++kind)
    write_samples(json, name_of(static_cast<StoreKind>(kind)), figures.kinds[kind]);
  json.end_object();
}

std::string as_json(const BookstoreReport& report) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.begin_object().key("scenario").text(report.scenario).key("seed").number(report.seed);
  json.key("claim").begin_object().key("p90_ms").fixed(kClaim.p90_ms, 0).key("where").text(kClaim.where);
  json.key("source").text(kClaim.source).end_object();
  json.key("placements").begin_array();
  for (const StorePlacement& placement : report.placements) {
    json.begin_object().key("name").text(placement.name).key("digest").text(placement.digest);
    json.key("virtual_seconds").fixed(placement.virtual_seconds, 3);
    write_store_figures(json, placement.all);
    json.key("cities").begin_array();
    for (const auto& [city, figures] : placement.cities) {
      json.begin_object().key("city").text(city);
      write_store_figures(json, figures);
      json.end_object();
    }
    json.end_array().end_object();
  }
  return json.end_array().end_object().str() + "\n";
}

/// Titles and tables, in their order.
std::vector<std::pair<std::string, Cells>> store_tables(const BookstoreReport& report) {
  std::vector<std::pair<std::string, Cells>> tables = {{kKindsTitle, kinds_table(report)},
                                                       {kPlacesTitle, places_table(report)}};
  for (const StorePlacement& placement : report.placements)
    tables.emplace_back(detail_title(placement), detail_table(placement));
  return tables;
}

}  // namespace

std::string_view name_of(StoreKind kind) {
  switch (kind) {
    case StoreKind::kBrowse:
      return "browse";
    case StoreKind::kSearch:
      return "search";
    case StoreKind::kCart:
      return "look at the cart";
    case StoreKind::kOrders:
      return "list orders";
    case StoreKind::kBestSellers:
      return "best sellers";
    case StoreKind::kRecommendations:
      return "recommendations";
    case StoreKind::kChangeCart:
      return "change the cart";
    case StoreKind::kCheckout:
      break;
  }
  return "checkout";
}

bool writes(StoreKind kind) {
  return kind == StoreKind::kChangeCart || kind == StoreKind::kCheckout;
}

void StoreFigures::add(const StoreAction& action) {
  all.add(action.latency_ns);
  (reports::writes(action.kind) ? writes : reads).add(action.latency_ns);
  kinds.at(static_cast<std::size_t>(action.kind)).add(action.latency_ns);
}

void StorePlacement::add(const StoreAction& action) {
  all.add(action);
  cities[action.city].add(action);
}

std::string render(const BookstoreReport& report, Format format) {
  std::string text;
  switch (format) {
    case Format::kCsv:
      return as_csv(report);
    case Format::kJson:
      return as_json(report);
    case Format::kHtml:
      text = fmt::format("<h1>Bookstore</h1><p>{}.</p>\n<p>{}.</p>\n", html_text(store_head(report)),
                         html_text(claim_text()));
      for (const auto& [title, cells] : store_tables(report))
        text += fmt::format("<h2>{}</h2>\n{}", html_text(title), as_html(cells));
      return html_page("Bookstore: " + report.scenario, text);
    case Format::kMarkdown:
      text = fmt::format("# Bookstore\n\n{}.\n\n{}.\n", store_head(report), claim_text());
      for (const auto& [title, cells] : store_tables(report))
        text += fmt::format("\n{}:\n\n{}", title, as_markdown(cells));
      return text;
    case Format::kText:
      break;
  }
  text = fmt::format("{}\n{}\n", store_head(report), claim_text());
  for (const auto& [title, cells] : store_tables(report)) text += fmt::format("\n{}:\n{}", title, as_text(cells));
  return text;
}

}  // namespace tidemark::reports
