// Contradictions between keys that are each valid alone. Private to scenarios/.
#pragma once

#include <map>
#include <string>

#include "scenarios/diagnostics.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

/// Where keys were set. Paths: "relay.quorum", "database[0].primary", "database[0].replicas[2]", and tables "relay",
/// "database[0]".
class Places {
 public:
  explicit Places(std::string file) : file_(std::move(file)) {}
  void set(const std::string& path, const Place& place) { places_[path] = place; }
  /// The place of the item or key, else its list's, else its table's, else the start of the file.
  Place of(const std::string& path) const;
  bool has(const std::string& path) const { return places_.count(path) != 0; }

 private:
  const std::string file_;
  std::map<std::string, Place> places_;
};

/// Of [control], [[fault]] and [swarm] (check_faults.cc); validate() calls it.
void check_faults(const Scenario& scenario, const Places& places, Diagnostics& diagnostics);
void validate(const Scenario& scenario, const Places& places, Diagnostics& diagnostics);

}  // namespace tidemark::scenarios
