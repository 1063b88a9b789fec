// One run of a campaign, and the texts in which it crosses to a worker process and back.
#pragma once

#include <string>

#include "scenarios/run/runner.h"
#include "steer/campaign.h"

namespace tidemark::steer {

/// The run, and what it reached. Throws what run_scenario() throws.
scenarios::RunResult run_choice(const scenarios::Scenario& scenario, const Choice& choice, Reached& reached);

/// Run, seed, plan; the rest of a choice does not matter to whoever runs it.
std::string choice_text(const Choice& choice);
/// Asserts that `text` was made by choice_text().
Choice parse_choice(const std::string& text);

std::string reached_text(const Reached& reached);
/// False when `text` was not made by reached_text().
bool parse_reached(const std::string& text, Reached& reached);

/// A worker's answer to a steered request: what the run reached, with its length before it, and the caller's own part.
std::string with_reached(const Reached& reached, const std::string& own);
/// The caller's own part. Asserts that `answer` was made by with_reached().
std::string take_reached(const std::string& answer, Reached& reached);

}  // namespace tidemark::steer
