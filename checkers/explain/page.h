// A page of a judgement: verdict, guarantee, explanation, picture and minimal sub-history of each anomaly. One HTML
// file that needs nothing else.
#pragma once

#include <string>
#include <vector>

#include "checkers/explain/minimal.h"
#include "checkers/record/judgement.h"

namespace tidemark::checkers {

struct PageInput {
  std::string title;  // the name of the history
  std::string model;
  std::string guarantee;  // in plain words
  why::Orders orders;     // of the model
  const History* history = nullptr;
  const Judgement* judgement = nullptr;
  std::vector<Minimal> minimal;            // of the first anomalies, in their order; may be empty
  std::vector<std::string> minimal_texts;  // as a file that fails again; parallel to `minimal`
};

/// Pure and deterministic.
std::string judgement_page(const PageInput& input);

}  // namespace tidemark::checkers
