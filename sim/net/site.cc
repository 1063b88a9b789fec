#include "sim/net/site.h"

#include <algorithm>

#include "base/assert.h"
#include "sim/net/csv.h"
#include "sim/net/shipped_data.h"

namespace tidemark::sim {
namespace {

constexpr std::string_view kHeader = "site,city,region,lat,lon,host,source";

bool is_code(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

const SiteTable& SiteTable::shipped() {
  static const SiteTable table = [] {
    std::string problem;
    std::optional<SiteTable> parsed = parse(shipped::sites_csv(), problem);
    TIDEMARK_ASSERT(parsed.has_value(), problem);
    return *std::move(parsed);
  }();
  return table;
}

std::optional<SiteTable> SiteTable::parse(std::string_view text, std::string& problem) {
  SiteTable table;
  CsvReader reader(text, kHeader);
  while (reader.next()) {
    std::string wrong;
    if (!table.add(reader.row(), wrong)) reader.fail(wrong);
  }
  if (!reader.failed() && table.sites_.empty()) reader.fail("no sites");
  problem = reader.problem();
  if (reader.failed()) return std::nullopt;
  for (const Site& a : table.sites_)
    for (const Site& b : table.sites_) table.floors_.push_back(&a == &b ? Duration{} : fibre_floor(a.point, b.point));
  return table;
}

bool SiteTable::add(const std::vector<std::string_view>& row, std::string& problem) {
  TIDEMARK_ASSERT(row.size() == 7);
  const auto latitude = parse_decimal(row[3], 6);
  const auto longitude = parse_decimal(row[4], 6);
  if (!is_code(row[0]))
    problem = "site must be three capital letters, not \"" + std::string(row[0]) + "\"";
  else if (find(row[0]))
    problem = "site " + std::string(row[0]) + " is there twice";
  else if (row[1].empty() || row[2].empty())
    problem = "city and region must not be empty";
  else if (!latitude || *latitude < -90'000'000 || *latitude > 90'000'000)
    problem = "lat must be -90..90 degrees";
  else if (!longitude || *longitude < -180'000'000 || *longitude > 180'000'000)
    problem = "lon must be -180..180 degrees";
  else if (row[5] != "0" && row[5] != "1")
    problem = "host must be 0 or 1";
  else if (metros() == SiteId::kMaxMetros)
    problem = "too many sites";
  if (!problem.empty()) return false;
  const SiteId id(metros());
  sites_.push_back({std::string(row[0]),
                    std::string(row[1]),
                    std::string(row[2]),
                    {*latitude, *longitude},
                    row[5] == "1",
                    std::string(row[6])});
  all_.push_back(id);
  if (sites_.back().is_host) hosts_.push_back(id);
  return true;
}

const Site& SiteTable::site(SiteId id) const {
  TIDEMARK_ASSERT(id.metro() < metros());
  return sites_[static_cast<std::size_t>(id.metro())];
}

std::optional<SiteId> SiteTable::find(std::string_view name) const {
  const std::size_t slash = name.find('/');
  int data_centre = 0;
  if (slash != std::string_view::npos) {
    const auto number = parse_decimal(name.substr(slash + 1), 0);
    if (!number || *number < 1 || *number >= SiteId::kMaxDataCentres || name[slash + 1] == '0') return std::nullopt;
    data_centre = static_cast<int>(*number);
  }
  const std::string_view code = name.substr(0, slash);
  for (int metro = 0; metro < metros(); ++metro)
    if (sites_[static_cast<std::size_t>(metro)].code == code) return SiteId(metro, data_centre);
  return std::nullopt;
}

SiteId SiteTable::at(std::string_view name) const {
  const auto found = find(name);
  TIDEMARK_ASSERT(found.has_value(), name);
  return *found;
}

std::string SiteTable::name(SiteId id) const {
  const std::string& code = site(id).code;
  return id.data_centre() == 0 ? code : code + "/" + std::to_string(id.data_centre());
}

std::vector<SiteId> SiteTable::hosts(std::string_view region) const {
  std::vector<SiteId> found;
  for (const SiteId id : hosts_)
    if (site(id).region == region) found.push_back(id);
  return found;
}

std::vector<std::string> SiteTable::regions() const {
  std::vector<std::string> found;
  for (const Site& entry : sites_)
    if (std::find(found.begin(), found.end(), entry.region) == found.end()) found.push_back(entry.region);
  return found;
}

SiteId SiteTable::nearest(GeoPoint point, const std::vector<SiteId>& candidates) const {
  TIDEMARK_ASSERT(!candidates.empty());
  SiteId best = candidates.front();
  Duration least = Duration::max();
  for (const SiteId candidate : candidates) {
    const Duration distance = fibre_floor(point, site(candidate).point);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

SiteId SiteTable::nearest_site(GeoPoint point) const {
  return nearest(point, all_);
}

Duration SiteTable::floor(SiteId a, SiteId b) const {
  TIDEMARK_ASSERT(a.metro() < metros() && b.metro() < metros());
  return floors_[static_cast<std::size_t>(a.metro()) * sites_.size() + static_cast<std::size_t>(b.metro())];
}

}  // namespace tidemark::sim
