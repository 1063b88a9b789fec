// A fault plan and the marks of a run as lines of text, for pipes and results files.
//
//   phase 30 s                     and "beyond-budget" behind it, if the plan says so
//   1<TAB>P1<TAB>5 s<TAB>1 s<TAB>@primary@shop<TAB>how=kill
//
// One line per fault: id, kind, start, duration ("" for what happens once), targets with an "@" before them,
// parameters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/nemesis/fault.h"
#include "steer/collector.h"

namespace tidemark::steer {

std::string plan_text(const sim::FaultPlan& plan);
/// Equal to what was written; nothing when `text` is no such text.
std::optional<sim::FaultPlan> parse_plan(const std::string& text);

std::string marks_text(const std::vector<Mark>& marks);
std::optional<std::vector<Mark>> parse_marks(const std::string& text);

}  // namespace tidemark::steer
