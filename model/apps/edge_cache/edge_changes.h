// EdgeChanges: which write changed what, as told by answers; and which of them an answer does not show.
//
// Every write that took effect has a number, the revision of the state that it made. Known are those that were
// acknowledged, and those whose number somebody has seen in a row. A page at revision n misses the change k > n where k
// touches it: then what was shown differs from what the state k shows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "model/apps/application.h"
#include "model/apps/edge_cache/pages.h"

namespace tidemark::model {

struct EdgeChange {
  enum class Kind : std::uint8_t { kRenamed, kAdded, kRelabelled };
  Kind kind = Kind::kRenamed;
  std::int64_t item = 0;  // not when relabelled
  std::int64_t category = 0;
  std::string text;           // name or label
  std::uint32_t session = 0;  // that wrote it; 0 = nobody knows
  sim::Instant acknowledged;  // or seen first
  /// "renamed item 17 to "cedar 31"".
  std::string says() const;
};

class EdgeChanges {
 public:
  using Known = std::map<std::int64_t, EdgeChange>;  // by revision

  /// A write was acknowledged. Its revision; 0 when the row it shows is that of another write.
  std::int64_t wrote(const EndedAction& action, const ShownPage& shown);
  /// The rows of a page tell of changes.
  void saw(const EndedAction& action, const ShownPage& shown);
  const Known& known() const { return known_; }

  /// Does the change touch what the page showed?
  static bool touches(const EdgeChange& change, const ActionBody& page, const ShownPage& shown);

 private:
  Known known_;
};

}  // namespace tidemark::model
