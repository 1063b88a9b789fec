// The map of a steered campaign: which cells (steer/cells.h) its runs reached, and how many of them did.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hunt/results.h"
#include "steer/campaign.h"

namespace tidemark::hunt {

struct CampaignMap {
  std::uint64_t runs = 0;
  std::map<std::string, std::uint64_t> ways;  // runs by the way in which they were made
  std::vector<steer::CellCount> cells;        // the rarest first
};

CampaignMap map_of(const Results& results);

/// The rarest cells, at most so many (0 = all), then how many cells each phase of each role has.
std::string map_text(const CampaignMap& map, std::uint64_t most);
/// One object: format, version, runs, ways, cells[]: role, phase, step, fault, runs, first_run.
std::string map_json(const CampaignMap& map);

}  // namespace tidemark::hunt
