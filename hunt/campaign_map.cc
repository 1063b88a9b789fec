#include "hunt/campaign_map.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/assert.h"
#include "reports/json_writer.h"
#include "steer/trial.h"

namespace tidemark::hunt {

CampaignMap map_of(const Results& results) {
  CampaignMap map;
  std::map<steer::Cell, steer::CellCount> cells;
  results.each_steered([&](const SteeredRun& row, bool) {
    ++map.runs;
    ++map.ways[row.way];
    steer::Reached reached;
    const bool sound = steer::parse_reached(row.reached, reached);
    TIDEMARK_ASSERT(sound, "a row whose hash is right, and which this program did not write");
    for (const steer::Feature feature : reached.features) {
      if ((feature & 7) != 0) continue;  // the bucket of "once": every cell has it
      steer::CellCount& count = cells[steer::cell_of(feature)];
      count.cell = steer::cell_of(feature);
      if (++count.runs == 1) count.first = row.run;
    }
  });
  for (const auto& [cell, count] : cells) map.cells.push_back(count);
  std::stable_sort(map.cells.begin(), map.cells.end(),
                   [](const steer::CellCount& a, const steer::CellCount& b) { return a.runs < b.runs; });
  return map;
}

std::string map_text(const CampaignMap& map, std::uint64_t most) {
  std::string text =
      fmt::format("{} runs reached {} cells (role | phase | step | fault in force)\n", map.runs, map.cells.size());
  std::string ways;
  for (const auto& [way, runs] : map.ways) ways += fmt::format("{}{} {}", ways.empty() ? "" : ", ", runs, way);
  text += fmt::format("runs by the way in which they were made: {}\n\n", ways);
  const std::size_t shown = most == 0 ? map.cells.size() : std::min<std::size_t>(most, map.cells.size());
  text += fmt::format("{} {}:\n  runs  first  cell\n", shown == map.cells.size() ? "all" : "the rarest", shown);
  for (std::size_t i = 0; i < shown; ++i)
    text +=
        fmt::format("{:>6} {:>6}  {}\n", map.cells[i].runs, map.cells[i].first, steer::cell_name(map.cells[i].cell));
  std::map<std::string, std::pair<std::size_t, std::size_t>> phases;  // cells, those that one run reached
  for (const steer::CellCount& count : map.cells) {
    const steer::CellWords words = steer::cell_words(count.cell);
    auto& phase = phases[words.role + " | " + words.phase];
    ++phase.first;
    phase.second += count.runs == 1;
  }
  text += "\ncells  by one run  role | phase\n";
  for (const auto& [name, counts] : phases)
    text += fmt::format("{:>5}  {:>10}  {}\n", counts.first, counts.second, name);
  return text;
}

std::string map_json(const CampaignMap& map) {
  reports::JsonWriter json(reports::JsonWriter::Style::kIndented);
  json.begin_object().key("format").text("tidemark-campaign-map").key("version").number(1);
  json.key("runs").number(map.runs).key("ways").begin_object();
  for (const auto& [way, runs] : map.ways) json.key(way).number(runs);
  json.end_object().key("cells").begin_array();
  for (const steer::CellCount& count : map.cells) {
    const steer::CellWords words = steer::cell_words(count.cell);
    json.begin_object().key("role").text(words.role).key("phase").text(words.phase).key("step").text(words.step);
    json.key("fault")
        .text(words.fault)
        .key("runs")
        .number(count.runs)
        .key("first_run")
        .number(count.first)
        .end_object();
  }
  return json.end_array().end_object().str() + "\n";
}

}  // namespace tidemark::hunt
