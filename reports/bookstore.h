// The report of the bookstore: how long users wait, per city and kind of action, with replicas and without, next to
// what the published demonstration claims.
//
// Fed with plain figures while the runs go on; the report is a pure function of them. A latency is what a user lives
// through: from the request until the answer is there, answers that say no included, requests without one not.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/confirm_lag.h"
#include "reports/sample_set.h"

namespace tidemark::reports {

enum class StoreKind : std::uint8_t {
  kBrowse,
  kSearch,
  kCart,
  kOrders,
  kBestSellers,
  kRecommendations,
  kChangeCart,
  kCheckout,
};
inline constexpr std::size_t kStoreKinds = 8;
/// "change the cart".
std::string_view name_of(StoreKind kind);
bool writes(StoreKind kind);

/// One action that had an answer.
struct StoreAction {
  std::string city;  // "FRA"
  StoreKind kind = StoreKind::kBrowse;
  std::int64_t latency_ns = 0;
};

struct StoreFigures {
  SampleSet all;
  SampleSet reads;
  SampleSet writes;
  std::array<SampleSet, kStoreKinds> kinds;  // by StoreKind
  void add(const StoreAction& action);
};

/// The load on one placement of the database.
struct StorePlacement {
  std::string name;  // "replicas", "primary alone"
  std::string digest;
  double virtual_seconds = 0;
  StoreFigures all;
  std::map<std::string, StoreFigures> cities;
  void add(const StoreAction& action);
};

struct BookstoreReport {
  std::string scenario;
  std::uint64_t seed = 0;
  std::vector<StorePlacement> placements;
};

/// Times in ms with one decimal. Ends with a line break. The same report gives the same bytes.
std::string render(const BookstoreReport& report, Format format);

}  // namespace tidemark::reports
