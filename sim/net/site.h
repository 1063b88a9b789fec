// Sites: the places where processes run. A site is a data centre of a metro; metros are the rows of data/sites.csv.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/net/geography.h"

namespace tidemark::sim {

/// A data centre: a metro (row of the table) and its number there. Number 0, written "IAD", is the colo of the metro
/// itself; 1 to 63, written "IAD/2", are further data centres of the same metro (ours: where followers sit is not
/// published beyond "different data centres").
class SiteId {
 public:
  static constexpr int kMaxMetros = 1024;
  static constexpr int kMaxDataCentres = 64;
  constexpr SiteId() = default;
  constexpr explicit SiteId(int metro, int data_centre = 0)
      : value_(static_cast<std::uint16_t>(metro * kMaxDataCentres + data_centre)) {}
  constexpr int metro() const { return value_ / kMaxDataCentres; }
  constexpr int data_centre() const { return value_ % kMaxDataCentres; }
  constexpr std::uint16_t value() const { return value_; }
  friend constexpr auto operator<=>(SiteId, SiteId) = default;

 private:
  std::uint16_t value_ = 0;
};

/// One metro. `code` is the airport code in use at Cloudflare, `region` the D1 location hint (WNAM ENAM WEUR EEUR APAC
/// OC SAM AFR ME); is_host: the colo hosts Durable Objects (data/README.md).
struct Site {
  std::string code;
  std::string city;
  std::string region;
  GeoPoint point;
  bool is_host = false;
  std::string source;
};

class SiteTable {
 public:
  /// The shipped table (data/sites.csv), parsed once per program; never changes.
  static const SiteTable& shipped();
  /// Text in the format of data/sites.csv. Nothing on an error, and `problem` says where and why.
  static std::optional<SiteTable> parse(std::string_view text, std::string& problem);

  int metros() const { return static_cast<int>(sites_.size()); }
  /// The metro of `id`, whichever data centre it is.
  const Site& site(SiteId id) const;
  /// "IAD" or "IAD/2"; nothing for an unknown code or a number outside 1..63.
  std::optional<SiteId> find(std::string_view name) const;
  /// find() of a name that is known to exist (tests, code with fixed names); asserts.
  SiteId at(std::string_view name) const;
  /// Inverse of find().
  std::string name(SiteId id) const;

  /// Host sites in the order of the table; all of them, or of one region (empty: the region has none).
  const std::vector<SiteId>& hosts() const { return hosts_; }
  std::vector<SiteId> hosts(std::string_view region) const;
  /// Regions in order of first appearance.
  std::vector<std::string> regions() const;

  /// The candidate nearest along the great circle; ties go to the first. Asserts that there is one.
  SiteId nearest(GeoPoint point, const std::vector<SiteId>& candidates) const;
  SiteId nearest_host(GeoPoint point) const { return nearest(point, hosts_); }
  SiteId nearest_host(SiteId from) const { return nearest(site(from).point, hosts_); }
  /// Nearest of all metros, hosts or not.
  SiteId nearest_site(GeoPoint point) const;

  /// One way in fibre along the great circle (sim/net/geography.h); zero inside a metro.
  Duration floor(SiteId a, SiteId b) const;

 private:
  bool add(const std::vector<std::string_view>& row, std::string& problem);
  std::vector<Site> sites_;
  std::vector<SiteId> all_;
  std::vector<SiteId> hosts_;
  std::vector<Duration> floors_;  // metros x metros
};

}  // namespace tidemark::sim
