// Pictures of an anomaly, as SVG that needs nothing else: no script, no font, no network; for light and dark pages.
//
// A cycle is a column of transactions with their events, an arrow from each to the next, labelled with why it stands
// before it, and one arrow back to the first. Anything else is a lane for each session that takes part, the
// transactions in time from left to right, with what stands directly before and after them in their sessions; the one
// that shows the fault is marked.
//
// Pure and deterministic; whole numbers only.
#pragma once

#include <string>

#include "checkers/explain/derive.h"
#include "checkers/record/judgement.h"

namespace tidemark::checkers {

/// The cycle if there is one, else the place.
std::string draw(const History& history, const Anomaly& anomaly, const why::Orders& orders = {});
std::string draw_cycle(const History& history, const Anomaly& anomaly, const why::Orders& orders = {});
std::string draw_place(const History& history, const Anomaly& anomaly, const why::Orders& orders = {});

}  // namespace tidemark::checkers
